"""Alerts for integration admins: processing that is behind, silent sources, rising rejections, secrets in danger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from console.formatting.durations import format_duration, format_elapsed
from console.formatting.numbers import BoundedCount
from webhooks.models import Event, RefusalCount, Secret, Source
from webhooks.models.event import LATEST_OF
from webhooks.monitoring import secret_usage
from webhooks.monitoring.backlog import Backlog

_DAY = timedelta(days=1)
_SECRET_ENDS_SOON = timedelta(hours=6)
_SECRET_IN_USE = timedelta(days=1)  # since its last use
_MAX_EVENTS = 2000  # the latest of a source, from which its usual pauses are found
_MIN_EVENTS = 20  # below, a source has no usual pause
_MIN_SILENCE = timedelta(hours=1)
_MAX_WAIT = 60  # seconds that the oldest event may wait
_MIN_REJECTIONS = 10  # within two hours
_PAUSES = f"""
    SELECT source.id, pauses.longest, pauses.last, pauses.first, pauses.count
    FROM unnest(%s::bigint[]) AS source(id) CROSS JOIN LATERAL (
        SELECT max(pause) AS longest, max(received_at) AS last, min(received_at) AS first, count(*) AS count FROM (
            SELECT received_at, received_at - lag(received_at) OVER (ORDER BY id) AS pause FROM (
                SELECT id, received_at FROM {LATEST_OF.format("source_id", "source.id")} LIMIT %s
            ) AS latest
        ) AS latest
    ) AS pauses
"""  # noqa: S608 - of constants


@dataclass(frozen=True)
class Alert:
    """A sentence that begins with its subject, such as a source's name, and what to do about it."""

    subject: str
    text: str
    remedy: str
    url: str  # in the admin
    source_id: int | None = None


def find_alerts(backlog: Backlog, sources: Iterable[Source]) -> list[Alert]:
    """Return the alerts about processing, then those about each source."""
    return [*_of_processing(backlog), *find_source_alerts(sources)]


def find_source_alerts(sources: Iterable[Source]) -> list[Alert]:
    """Return the alerts about each of the sources that are not disabled; at most four queries."""
    sources = [source for source in sources if source.state != Source.State.DISABLED]
    secrets: dict[int, list[Secret]] = defaultdict(list)
    for secret in Secret.objects.live().filter(source__in=sources):
        secrets[secret.source_id].append(secret)
    ending = [secret for live in secrets.values() for secret in live if _ends_soon(secret)]
    last_uses = secret_usage.last_uses(ending) if ending else {}
    pauses, rejections = _find_pauses(sources), _count_rejections(sources)
    alerts = []
    for source in sources:
        page = reverse("admin:webhooks_source_change", args=[source.pk])
        rejections_page = f"{reverse('admin:webhooks_rejection_changelist')}?source={source.pk}"
        found = [
            *((page, *about) for about in _of_secrets(source, secrets[source.pk], last_uses)),
            *((page, *about) for about in _of_silence(pauses[source.pk])),
            *((rejections_page, *about) for about in _of_rejections(*rejections.get(source.pk, (0, 0)))),
        ]
        alerts += [Alert(source.name, text, remedy, url, source.pk) for url, text, remedy in found]
    return alerts


def _of_processing(backlog: Backlog) -> Iterator[Alert]:
    events = reverse("admin:webhooks_event_changelist")
    if not backlog.workers:
        yield Alert(
            _("Processing"),
            _("has no worker: events are stored and wait."),
            _("Start manage.py process_events."),
            events,
        )
    elif backlog.oldest_waiting > _MAX_WAIT:
        waited = format_duration(timedelta(seconds=backlog.oldest_waiting), "min")
        yield Alert(
            _("Processing"),
            _("is behind: the oldest event has waited for {duration}.").format(duration=waited),
            _("Start another worker, or look into the workers' logs."),
            f"{events}?status={Event.Status.PENDING}",
        )
    for status, text in (
        (Event.Status.DEAD, _("that could not be processed: {count}.")),
        (Event.Status.CONFLICT, _("that are in conflict: {count}.")),
    ):
        if count := backlog.count(status):
            yield Alert(
                _("Events"),
                text.format(count=BoundedCount(count)),
                _("Their pages show why, and what can be done."),
                f"{events}?status={status}",
            )


def _of_secrets(source: Source, live: list[Secret], last_uses: dict[int, datetime | None]) -> Iterator[tuple[str, str]]:
    """Yield text and remedy."""
    if not any(secret.auth_mode == source.auth_mode for secret in live):
        yield (
            _("has no live secret: every request is rejected."),
            _("Add the provider's secret on the source's page."),
        )
    for secret in live:
        if secret.readable_value is None:
            yield (
                _(
                    "cannot use its secret {fingerprint}: the key that it was encrypted with is missing from"
                    " ENCRYPTION_KEYS."
                ).format(fingerprint=secret.fingerprint),
                _("Put that key back, or add the secret again."),
            )
        last_use = last_uses.get(secret.pk)
        if last_use and secret.retires_at and timezone.now() - last_use < _SECRET_IN_USE:
            yield (
                _(
                    "still gets requests with its old secret {fingerprint}, last {elapsed} ago, which ends in"
                    " {duration}."
                ).format(
                    fingerprint=secret.fingerprint,
                    elapsed=format_elapsed(last_use),
                    duration=format_duration(secret.retires_at - timezone.now(), "min"),
                ),
                _("Have the provider switch to the new secret, or extend the old one."),
            )


def _ends_soon(secret: Secret) -> bool:
    return secret.retires_at is not None and secret.retires_at - timezone.now() < _SECRET_ENDS_SOON


@dataclass(frozen=True)
class _Pauses:
    """The latest events of a source: the longest pause between two of them, their last and first, and their count."""

    longest: timedelta | None
    last: datetime | None
    first: datetime | None
    count: int


def _find_pauses(sources: list[Source]) -> dict[int, _Pauses]:
    with connection.cursor() as cursor:
        cursor.execute(_PAUSES, [[source.pk for source in sources], _MAX_EVENTS])
        return {source_id: _Pauses(*values) for source_id, *values in cursor.fetchall()}


def _of_silence(pauses: _Pauses) -> Iterator[tuple[str, str]]:
    """Yield text and remedy where a source has been silent for longer than twice its longest recent pause.

    Where its latest events span two days or less, they may not include a night yet: then half a day counts.
    """
    if pauses.count < _MIN_EVENTS or not (pauses.longest and pauses.last and pauses.first):
        return
    at_least = _MIN_SILENCE if pauses.last - pauses.first > 2 * _DAY else _DAY / 2
    if timezone.now() - pauses.last > max(2 * pauses.longest, at_least):
        yield (
            _("has been silent for {elapsed}; its longest recent pause was {pause}.").format(
                elapsed=format_elapsed(pauses.last), pause=format_duration(pauses.longest, "min")
            ),
            _("Ask the provider whether it still sends, and to which URL."),
        )


def _count_rejections(sources: list[Source]) -> dict[int, tuple[int, int]]:
    """Return, for each source, the rejections within this hour and the last, and those in the rest of a day."""
    present = timezone.now().replace(minute=0, second=0, microsecond=0)
    recent = Q(hour__gte=present - timedelta(hours=1))
    counts = RefusalCount.objects.filter(source__in=sources, hour__gte=present - _DAY).values("source")
    summed = counts.annotate(now=Sum("count", filter=recent), before=Sum("count", filter=~recent))
    return {row["source"]: (row["now"] or 0, row["before"] or 0) for row in summed}


def _of_rejections(now: int, before: int) -> Iterator[tuple[str, str]]:
    """Yield text and remedy for at least _MIN_REJECTIONS that are three times as many as usual within two hours."""
    if now >= _MIN_REJECTIONS and now > 3 * before / 11:
        yield (
            _("rejected {count} requests within the last two hours.").format(count=now),
            _("See the reasons under Rejections."),
        )
