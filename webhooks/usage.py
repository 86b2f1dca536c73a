"""How a source and its secrets are used: bounded queries, newest first, for its page and for notices."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from webhooks.models import AccessToken, Event, RefusalCount, Secret, Source

MOST = 10_000  # of the latest events are looked at
HOURS = 48
_BY_HOUR = """
    SELECT date_trunc('hour', received_at), count(*)
    FROM (SELECT received_at FROM webhooks_event WHERE source_id = %s ORDER BY id DESC LIMIT %s) AS latest
    WHERE received_at >= %s GROUP BY 1
"""
_OF_SECRET = """
    SELECT count(*)
    FROM (SELECT received_at FROM webhooks_event WHERE secret_id = %s ORDER BY id DESC LIMIT %s) AS latest
    WHERE received_at >= %s
"""


@dataclass(frozen=True)
class Hour:
    start: datetime
    accepted: int
    refused: int


def by_hour(source: Source) -> list[Hour]:
    """Return the last HOURS hours, the present one last; of accepted events at most the latest MOST are counted."""
    present = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = present - timedelta(hours=HOURS - 1)
    with connection.cursor() as cursor:
        cursor.execute(_BY_HOUR, [source.pk, MOST, first])
        accepted = dict(cursor.fetchall())
    refused = dict(
        RefusalCount.objects.filter(source=source, hour__gte=first)
        .values_list("hour")
        .annotate(Sum("count"))
        .values_list("hour", "count__sum")
    )
    hours = [first + timedelta(hours=number) for number in range(HOURS)]
    return [Hour(hour, accepted.get(hour, 0), refused.get(hour, 0)) for hour in hours]


@dataclass(frozen=True)
class SecretUse:
    secret: Secret
    last_used_at: datetime | None
    used_in_last_day: int  # at most MOST
    advice: str


def of_secrets(source: Source) -> list[SecretUse]:
    """Return each of the source's secrets, newest first, with what is known of its use."""
    secrets = source.secrets.defer("encrypted_value").select_related("created_by")
    modes = {way.mode for way in source.get_ways()}
    uses, newest_use = [], None
    for secret in secrets:
        last_used_at = last_use(secret)
        advice = _advice(secret, last_used_at, newest_use, modes)
        uses.append(SecretUse(secret, last_used_at, _used_in_last_day(secret), advice))
        if secret.is_live() and last_used_at:
            newest_use = max(newest_use or last_used_at, last_used_at)
    return uses


def last_use(secret: Secret) -> datetime | None:
    """Return when an event was last proved with it or, for a dynamic token, a token given out for it."""
    event = Event.objects.filter(secret=secret.pk).order_by("-id").values_list("received_at", flat=True).first()
    token = AccessToken.objects.filter(secret=secret.pk).aggregate(Max("issued_at"))["issued_at__max"]
    return max(filter(None, [event, token]), default=None)


def _used_in_last_day(secret):
    with connection.cursor() as cursor:
        cursor.execute(_OF_SECRET, [secret.pk, MOST, timezone.now() - timedelta(days=1)])
        return cursor.fetchone()[0]


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
