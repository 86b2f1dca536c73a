"""Encrypt every secret with the first of ENCRYPTION_KEYS, so that the other keys can be removed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config.secret_keys import new_encryption_key
from webhooks import encryption
from webhooks.models import Secret


class Command(BaseCommand):
    help = (
        "Encrypt every secret with the first of ENCRYPTION_KEYS. Without downtime: (1) --new-key prints a key; (2)"
        " add it at the end of ENCRYPTION_KEYS and restart web servers and workers, one after the other, so that each"
        " can read what it encrypts; (3) move it to the front and restart them again; (4) run this; (5) remove the"
        " old key from ENCRYPTION_KEYS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="only print a new key, for ENCRYPTION_KEYS")

    def handle(self, *, new_key: bool, **options: Any) -> str:
        if new_key:
            return new_encryption_key()
        lost = []
        with transaction.atomic():
            secrets = list(Secret.objects.select_for_update(of=["self"]).select_related("source"))
            for secret in secrets:
                try:
                    secret.encrypted_value = encryption.rotate(bytes(secret.encrypted_value))
                except encryption.UndecryptableError:
                    lost.append(secret)
            Secret.objects.bulk_update([secret for secret in secrets if secret not in lost], ["encrypted_value"])
        count = len(settings.ENCRYPTION_KEYS)
        done = f"{len(secrets) - len(lost)} secrets are encrypted with the first of {count} ENCRYPTION_KEYS."
        if lost:
            names = ", ".join(f"{secret.fingerprint} of {secret.source.slug}" for secret in lost)
            raise CommandError(
                f"{done} None of the keys decrypts {names}: put the missing key back, or add these secrets again and"
                " revoke them. Until then, keep the keys that you have."
            )
        return done + (" The other keys are no longer needed." if count > 1 else "")
