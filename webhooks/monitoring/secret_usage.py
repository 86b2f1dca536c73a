"""The use of a source's secrets: when each was last used, how often lately, and whether it can be revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from console.formatting.numbers import MAX_COUNT, BoundedCount
from webhooks.models import Secret, Source
from webhooks.models.event import LATEST_OF

_EVENTS = LATEST_OF.format("secret_id", "secret.id")
_LAST_USES = f"""
    SELECT secret.id, greatest(
        (SELECT received_at FROM {_EVENTS} LIMIT 1),
        (SELECT max(issued_at) FROM webhooks_accesstoken WHERE secret_id = secret.id)
    ) FROM unnest(%s::bigint[]) AS secret(id)
"""  # noqa: S608 - of constants
# For each secret, its last event, its last token, and the number of its latest events since a time.
_OF_SECRETS = f"""
    SELECT secret.id,
        (SELECT received_at FROM {_EVENTS} LIMIT 1),
        (SELECT max(issued_at) FROM webhooks_accesstoken WHERE secret_id = secret.id),
        (SELECT count(*) FROM (SELECT received_at FROM {_EVENTS} LIMIT %s) AS latest WHERE received_at >= %s)
    FROM webhooks_secret AS secret WHERE source_id = %s
"""  # noqa: S608 - of constants


@dataclass(frozen=True)
class SecretUse:
    """A secret with its use, and advice on whether it can be revoked."""

    secret: Secret
    last_used_at: datetime | None
    used_in_last_day: BoundedCount
    advice: str


def of_secrets(source: Source) -> list[SecretUse]:
    """Return the use of each of the source's secrets, newest first; two queries."""
    secrets = source.secrets.defer("encrypted_value").select_related("created_by")
    modes = {config.mode for config in source.active_auth_configs()}
    with connection.cursor() as cursor:
        cursor.execute(_OF_SECRETS, [MAX_COUNT + 1, timezone.now() - timedelta(days=1), source.pk])
        found = {pk: (_latest(event, token), count) for pk, event, token, count in cursor.fetchall()}
    uses: list[SecretUse] = []
    newest_use: datetime | None = None
    for secret in secrets:
        last_used_at, count = found.get(secret.pk, (None, 0))
        advice = _advise(secret, last_used_at, newest_use, modes)
        uses.append(SecretUse(secret, last_used_at, BoundedCount(count), advice))
        if secret.is_live() and last_used_at:
            newest_use = _latest(newest_use, last_used_at)
    return uses


def last_uses(secrets: Iterable[Secret]) -> dict[int, datetime | None]:
    """Return, for each secret, when an event was last verified with it or, for a dynamic token, a token issued."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_USES, [[secret.pk for secret in secrets]])
        return dict(cursor.fetchall())


def _latest(*times: datetime | None) -> datetime | None:
    return max(filter(None, times), default=None)


def _advise(secret: Secret, last_used_at: datetime | None, newest_use: datetime | None, modes: set[str]) -> str:
    """Return whether a secret can be revoked; `newest_use` is the last use of any newer secret."""
    if not secret.is_live():
        return _("No longer valid.")
    if secret.auth_mode not in modes:
        return _("Can be revoked: this source has another authentication now.")
    if newest_use is None:
        return _("Needed: no newer one has been used.")
    if last_used_at is None:
        return _("Can be revoked: it was never used, and a newer one is in use.")
    if last_used_at < newest_use:
        return _("Can be revoked: a newer one has been used since.")
    return _("Still in use: the provider has not switched to the newer one.")
