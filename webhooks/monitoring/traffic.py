"""Traffic by the hour: the numbers of received and rejected events, and the duration of their processing.

Counting an hour reads each of its events, so a worker counts each past hour once, when it is idle (TrafficPass), and
stores the result (HourOfTraffic). Pages read those rows and count only the events since, within bounds (by_hour).
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from webhooks.models import Event, HourOfTraffic, RefusalCount

MAX_EVENTS = 50_000  # the latest, that a page counts where no worker has counted them yet
_HOUR = timedelta(hours=1)
_MAX_BACKLOG = timedelta(days=7)  # of hours that a pass counts
_RETENTION = timedelta(days=90)  # as for RefusalCount
_COMMIT_DELAY = timedelta(minutes=1)  # until all events of an hour are stored
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('webhooks.monitoring.traffic', 0))"


@dataclass
class Hour:
    """An hour of one source or of all. The delays are from received to processed, in seconds."""

    start: datetime
    accepted: int = 0
    refused: int = 0
    median_delay: float | None = None
    p95_delay: float | None = None
    first_event: int | None = None
    last_event: int | None = None
    is_counted: bool = True  # False: there may have been more events than MAX_EVENTS

    @property
    def end(self) -> datetime:
        return self.start + _HOUR


class _Hours:
    """The hours of a period, of all sources together (None) and of some sources, to be filled."""

    def __init__(self, starts: list[datetime], sources: Iterable[int]) -> None:
        self._by_source: dict[int | None, dict[datetime, Hour]] = {
            source: {start: Hour(start) for start in starts} for source in (None, *sources)
        }

    def fill(self, counted: Iterable[HourOfTraffic]) -> None:
        """Take over the counts of those of the hours that belong to the period and the sources."""
        for row in counted:
            if hour := self._find(row.source_id, row.hour):
                hour.accepted, hour.median_delay, hour.p95_delay = row.accepted, row.median_delay, row.p95_delay
                hour.first_event, hour.last_event = row.first_event, row.last_event

    def add_rejections(self) -> None:
        """Add the rejected requests to the hours of their source and of all; one query."""
        first = min(self._by_source[None])
        refused = RefusalCount.objects.filter(hour__gte=first).values_list("source", "hour")
        for source, start, count in refused.annotate(Sum("count")).order_by():
            for key in {source, None}:
                if hour := self._find(key, start):
                    hour.refused += count

    def mark_uncounted(self, since: datetime, until: datetime) -> None:
        """Mark the hours that begin in [since, until] as not counted completely."""
        for hour in itertools.chain(*(by_start.values() for by_start in self._by_source.values())):
            hour.is_counted = not since <= hour.start <= until

    def by_source(self) -> dict[int | None, list[Hour]]:
        """Return the hours of each source, and of all under None, oldest first."""
        return {source: list(by_start.values()) for source, by_start in self._by_source.items()}

    def _find(self, source: int | None, start: datetime) -> Hour | None:
        return self._by_source.get(source, {}).get(start)


def by_hour(hours: int, sources: Iterable[int] = ()) -> dict[int | None, list[Hour]]:
    """Return the last `hours` hours, the present one last, of all sources together under None, and of each of `sources`
    under its primary key; four queries.
    """
    sources = list(sources)
    present = _hour_of(timezone.now())
    starts = [present - number * _HOUR for number in reversed(range(hours))]
    result = _Hours(starts, sources)
    counted = list(HourOfTraffic.objects.filter(Q(source=None) | Q(source__in=sources), hour__gte=starts[0]))
    since = max((row.hour + _HOUR for row in counted), default=starts[0])
    recent = HourOfTraffic.objects.measure(since, present + _HOUR, limit=MAX_EVENTS)
    result.fill(counted + recent)
    if sum(row.accepted for row in recent if row.source_id is None) >= MAX_EVENTS:
        result.mark_uncounted(since, min(row.hour for row in recent))
    result.add_rejections()
    return result.by_source()


def _hour_of(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


class TrafficPass:
    """One pass over the past hours that are not counted, oldest first, an hour a step.

    It also counts those of the last day again in which some events were still waiting.
    """

    def __init__(self) -> None:
        self._left = _hours_to_count()

    def __str__(self) -> str:
        return ""  # the log of a worker has nothing of it

    def step(self) -> bool:
        """Count the next hour; return whether there is more to do. While another worker counts, the pass ends."""
        if not self._left:
            return False
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
                is_locked = cursor.fetchone()[0]
            if is_locked:
                HourOfTraffic.objects.count_hour(self._left.pop(0))
            else:
                self._left = []
        return bool(self._left)


def _hours_to_count() -> list[datetime]:
    present = _hour_of(timezone.now() - _COMMIT_DELAY)
    of_all = HourOfTraffic.objects.filter(source=None)
    last = of_all.aggregate(Max("hour"))["hour__max"]
    if last is None:
        oldest = Event.objects.order_by("id").values_list("received_at", flat=True).first()
        last = _hour_of(oldest or present) - _HOUR
    first = max(last + _HOUR, present - _MAX_BACKLOG)
    hours = [first + number * _HOUR for number in range((present - first) // _HOUR)]
    if hours:
        HourOfTraffic.objects.filter(hour__lt=present - _RETENTION).delete()
        unfinished = of_all.filter(waiting__gt=0, hour__gte=present - timedelta(days=1))
        hours += unfinished.values_list("hour", flat=True)
    return hours
