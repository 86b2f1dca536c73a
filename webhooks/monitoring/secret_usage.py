"""How a source's secrets are used: bounded queries, newest first, for its page and for notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from console.formatting.numbers import MAX_COUNT, BoundedCount
from webhooks.models import Event, Secret, Source

# Between it and it: see latest_events.
_LAST_USES = """
    SELECT secret.id, greatest(
        (SELECT received_at FROM webhooks_event WHERE secret_id BETWEEN secret.id AND secret.id
            ORDER BY secret_id, id DESC LIMIT 1),
        (SELECT max(issued_at) FROM webhooks_accesstoken WHERE secret_id = secret.id)
    ) FROM unnest(%s::bigint[]) AS secret(id)
"""
# Of each secret, when an event and a token were last got with it, and how many events lately.
_OF_SECRETS = """
    SELECT secret.id,
        (SELECT received_at FROM webhooks_event WHERE secret_id BETWEEN secret.id AND secret.id
            ORDER BY secret_id, id DESC LIMIT 1),
        (SELECT max(issued_at) FROM webhooks_accesstoken WHERE secret_id = secret.id),
        (SELECT count(*)
         FROM (
            SELECT received_at FROM webhooks_event WHERE secret_id BETWEEN secret.id AND secret.id
            ORDER BY secret_id, id DESC LIMIT %s
         ) AS latest
         WHERE received_at >= %s)
    FROM webhooks_secret AS secret WHERE source_id = %s
"""


def latest_events(source) -> QuerySet[Event]:
    """Return a source's events, the newest first, as the index has them that begins with the source.

    Asked for those that equal it, PostgreSQL may read all events from the newest on until it meets enough of them: with
    a source that has been quiet for long, all there are. From it to it, only that index has this order.
    """
    return Event.objects.filter(source__gte=source, source__lte=source).order_by("source_id", "-id")


@dataclass(frozen=True)
class SecretUse:
    secret: Secret
    last_used_at: datetime | None
    used_in_last_day: BoundedCount
    advice: str


def of_secrets(source: Source) -> list[SecretUse]:
    """Return each of the source's secrets, newest first, with what is known of its use."""
    secrets = source.secrets.defer("encrypted_value").select_related("created_by")
    modes = {config.mode for config in source.active_auth_configs()}
    with connection.cursor() as cursor:
        cursor.execute(_OF_SECRETS, [MAX_COUNT + 1, timezone.now() - timedelta(days=1), source.pk])
        found = {pk: (_latest(event, token), count) for pk, event, token, count in cursor.fetchall()}
    uses, newest_use = [], None
    for secret in secrets:
        last_used_at, count = found.get(secret.pk, (None, 0))
        uses.append(
            SecretUse(secret, last_used_at, BoundedCount(count), _advice(secret, last_used_at, newest_use, modes))
        )
        if secret.is_live() and last_used_at:
            newest_use = _latest(newest_use, last_used_at)
    return uses


def last_uses(secrets: Iterable[Secret]) -> dict[int, datetime | None]:
    """Return of each when an event was last proved with it or, for a dynamic token, a token given out for it."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_USES, [[secret.pk for secret in secrets]])
        return dict(cursor.fetchall())


def _latest(*times):
    return max(filter(None, times), default=None)


def _advice(secret, last_used_at, newest_use, modes):
    """Say in words whether it can go; `newest_use` is the last use of any newer secret."""
    if not secret.is_live():
        return "Opens nothing any more."
    if secret.auth_mode not in modes:
        return "It may go: this source has another authentication now."
    if newest_use is None:
        return "It is needed: no newer one has been used."
    if last_used_at is None:
        return "It may go: it was never used, and a newer one is in use."
    if last_used_at < newest_use:
        return "It may go: a newer one has been used since."
    return "Still in use: the provider has not changed over."
