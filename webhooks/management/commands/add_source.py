"""Add a source from the command line, and print the settings for the provider."""

import secrets
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from webhooks import providers
from webhooks.auth_modes import AUTH_MODES, DEFAULT_AUTH_MODE
from webhooks.models import Secret, Source
from webhooks.onboarding import handover


class Command(BaseCommand):
    help = "Add a source of events and print the URL to hand to the provider."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=list(providers.registry()))
        parser.add_argument("--slug", help="the end of the URL (default: the provider)")
        parser.add_argument("--name", help="its name within your team (default: the provider's name)")
        parser.add_argument("--environment", choices=Source.Environment.values, default=Source.Environment.PRODUCTION)
        parser.add_argument("--auth-mode", choices=[mode.slug for mode in AUTH_MODES], default=DEFAULT_AUTH_MODE)
        parser.add_argument("--header", default="", help="that contains the credentials (default: the provider's own)")
        parser.add_argument("--token-prefix", default="", metavar="SCHEME", help="before a token, as in Bearer")
        parser.add_argument(
            "--secret-stdin",
            action="store_true",
            help="read the secret that the provider gave you from standard input, so that it stays out of your"
            " shell's history (default: generate one and print it)",
        )
        parser.add_argument(
            "--allow-network",
            action="append",
            default=[],
            metavar="NETWORK",
            help="take requests from this address or network only; may be given more than once (default: where the"
            " provider says that it sends from, else anywhere)",
        )
        parser.add_argument("--if-missing", action="store_true", help="do nothing where the slug is taken")

    def handle(
        self,
        *,
        provider: str,
        slug: str | None,
        name: str | None,
        secret_stdin: bool,
        allow_network: list[str],
        if_missing: bool,
        **options: Any,
    ) -> str:
        slug = slug or provider
        if if_missing and Source.objects.filter(slug=slug).exists():
            return f"The source {slug} is there already."
        source = Source(
            name=name or providers.registry()[provider].name,
            slug=slug,
            provider=provider,
            environment=options["environment"],
            auth_mode=options["auth_mode"],
            auth_header=options["header"],
            token_prefix=options["token_prefix"],
            allowed_networks="\n".join(allow_network),
        )
        value = sys.stdin.read().strip() if secret_stdin else secrets.token_urlsafe(32)
        if not value:
            raise CommandError("Standard input is empty: give the secret there, without a line of its own for a name.")
        try:
            source.full_clean()
        except ValidationError as error:
            raise CommandError(
                "; ".join(f"{field}: {' '.join(m)}" for field, m in error.message_dict.items())
            ) from None
        with transaction.atomic():
            source.save()
            secret = Secret(source=source)
            secret.value = value
            secret.save()
        lines = [handover.as_text(source)]
        if not secret_stdin:
            lines.append(f"Secret (not shown again): {value}")
        return "\n".join(lines)
