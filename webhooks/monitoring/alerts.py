"""What an integration admin has to know before it costs something: silence, refusals, secrets that end or are lost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from console.formatting.durations import format_duration, format_elapsed
from console.formatting.numbers import BoundedCount
from webhooks.models import Event, RefusalCount, Secret, Source
from webhooks.monitoring import secret_usage
from webhooks.monitoring.backlog import Backlog

_NEAR = timedelta(hours=6)  # before the end of a secret
_IN_USE = timedelta(days=1)
_LOOKED_AT = 2000  # of the latest events, for a source's rhythm
_FEWEST = 20  # below, there is no rhythm
_QUIETEST = timedelta(hours=1)  # of silence that is worth a word
_DAY = timedelta(days=1)
_LONGEST_WAIT = 60  # seconds that an event may wait before it is worth a word
# Between it and it: see usage.latest_events.
_PAUSES = """
    SELECT source.id, pauses.longest, pauses.last, pauses.first, pauses.count
    FROM unnest(%s::bigint[]) AS source(id) CROSS JOIN LATERAL (
        SELECT max(pause) AS longest, max(received_at) AS last, min(received_at) AS first, count(*) AS count FROM (
            SELECT received_at, received_at - lag(received_at) OVER (ORDER BY id) AS pause FROM (
                SELECT id, received_at FROM webhooks_event WHERE source_id BETWEEN source.id AND source.id
                ORDER BY source_id, id DESC LIMIT %s
            ) AS latest
        ) AS latest
    ) AS pauses
"""


@dataclass(frozen=True)
class Notice:
    about: str
    text: str
    what_to_do: str
    url: str
    source_id: int | None = None


def of_all(backlog: Backlog, sources: Iterable[Source]) -> list[Notice]:
    return [*_processing(backlog), *of_sources(sources)]


def _processing(backlog) -> Iterator[Notice]:
    events = reverse("admin:webhooks_event_changelist")
    if not backlog.workers:
        yield Notice(
            "Processing", "has no worker: events are kept, and wait.", "Start manage.py process_events.", events
        )
    elif backlog.oldest_waiting > _LONGEST_WAIT:
        yield Notice(
            "Processing",
            f"is behind: the oldest event has waited for {_minutes(timedelta(seconds=backlog.oldest_waiting))}.",
            "Start another worker, or see what they log.",
            f"{events}?status={Event.Status.PENDING}",
        )
    for status, what in (
        (Event.Status.DEAD, "could not be read or folded"),
        (Event.Status.CONFLICT, "are in conflict"),
    ):
        if count := backlog.count(status):
            url = f"{events}?status={status}"
            yield Notice(
                "Events", f"that {what}: {BoundedCount(count)}.", "Their pages say why, and what can be done.", url
            )


def of_sources(sources: Iterable[Source]) -> list[Notice]:
    """Return what is to be said of each; with four queries."""
    sources = [source for source in sources if source.state != Source.State.DISABLED]
    secrets = defaultdict(list)
    for secret in Secret.objects.live().filter(source__in=sources):
        secrets[secret.source_id].append(secret)
    ending = [secret for live in secrets.values() for secret in live if _ends_soon(secret)]
    last_uses = secret_usage.last_uses(ending) if ending else {}
    pauses, refusals = _pauses(sources), _refused(sources)
    notices = []
    for source in sources:
        page = reverse("admin:webhooks_source_change", args=[source.pk])
        rejections = f"{reverse('admin:webhooks_rejection_changelist')}?source={source.pk}"
        told = [*_secrets(source, secrets[source.pk], last_uses), *_silence(*pauses[source.pk])]
        notices += [Notice(source.name, text, to_do, page, source.pk) for text, to_do in told]
        notices += [
            Notice(source.name, text, to_do, rejections, source.pk)
            for text, to_do in _refusals(*refusals.get(source.pk, (0, 0)))
        ]
    return notices


def _secrets(source, live, last_uses) -> Iterator[tuple[str, str]]:
    if not any(secret.auth_mode == source.auth_mode for secret in live):
        yield "has no live secret: every request is refused.", "Add the provider's secret on its page."
    for secret in live:
        if secret.readable_value is None:
            yield (
                f"cannot use its secret {secret.fingerprint}: the key that it was encrypted with is missing from"
                " ENCRYPTION_KEYS.",
                "Put that key back, or add the secret anew.",
            )
        last_use = last_uses.get(secret.pk)
        if last_use and timezone.now() - last_use < _IN_USE:
            yield (
                f"still gets requests with its old secret {secret.fingerprint}, last {format_elapsed(last_use)} ago,"
                f" which ends in {format_duration(secret.retires_at - timezone.now(), 'min')}.",
                "Have the provider change over, or let it go on for longer.",
            )


def _ends_soon(secret):
    return secret.state == Secret.State.RETIRING and secret.retires_at - timezone.now() < _NEAR


def _pauses(sources) -> dict:
    """Return of each source its longest pause, when its last and first events came, and how many, of the latest."""
    with connection.cursor() as cursor:
        cursor.execute(_PAUSES, [[source.pk for source in sources], _LOOKED_AT])
        return {source_id: values for source_id, *values in cursor.fetchall()}


def _silence(longest, last, first, count) -> Iterator[tuple[str, str]]:
    """A source is silent when it has been for longer than twice its longest pause lately.

    Where its latest events are all of two days or less, it may not have shown a night yet: then half a day counts.
    """
    if count < _FEWEST:
        return
    allowed = max(2 * longest, _QUIETEST if last - first > 2 * _DAY else _DAY / 2)
    if timezone.now() - last > allowed:
        yield (
            f"has been silent for {format_elapsed(last)}; its longest pause lately was {_minutes(longest)}.",
            "Ask the provider whether it still sends, and to which URL.",
        )


def _minutes(duration: timedelta) -> str:
    return format_duration(duration, "min")


def _refused(sources) -> dict:
    """Return of each source how many were refused within this hour and the last, and in the rest of a day."""
    present = timezone.now().replace(minute=0, second=0, microsecond=0)
    lately = Q(hour__gte=present - timedelta(hours=1))
    counts = RefusalCount.objects.filter(source__in=sources, hour__gte=present - _DAY).values("source")
    summed = counts.annotate(now=Sum("count", filter=lately), before=Sum("count", filter=~lately))
    return {row["source"]: (row["now"] or 0, row["before"] or 0) for row in summed}


def _refusals(now, before) -> Iterator[tuple[str, str]]:
    """Refusals rise when there are ten within two hours, and thrice what two hours of the day before had."""
    if now >= 10 and now > 3 * before / 11:
        yield f"refused {now} requests within the last two hours.", "See why under Rejections."
