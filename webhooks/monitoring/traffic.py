"""What comes in by the hour, and how long it takes to be processed.

Counting an hour reads each of its events, so an hour that is over is counted once, by a worker that has nothing better
to do (TrafficPass), and kept; pages read those rows, and look only at what came since (by_hour), within bounds.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from webhooks.models import Event, HourOfTraffic, RefusalCount

MOST = 50_000  # of the latest events are looked at by a page, where no worker has counted them yet
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=7)
_KEPT = timedelta(days=90)  # as RefusalCount
_UNTIL_ALL_ARE_STORED = timedelta(minutes=1)
# Numbers rise with the time of receipt, or nearly so: of the events around a number so many may stand apart.
_DISORDER = 1000
_LAST = 2**63 - 1
_FIRST_SINCE = """
    WITH RECURSIVE halves(low, high) AS (
        SELECT coalesce(min(id), 1), coalesce(max(id), 0) + 1 FROM webhooks_event
        UNION ALL
        SELECT CASE WHEN is_later THEN low ELSE middle + 1 END, CASE WHEN is_later THEN middle ELSE high END FROM (
            SELECT low, high, low + (high - low) / 2 AS middle, (
                SELECT received_at FROM webhooks_event WHERE id >= low + (high - low) / 2 ORDER BY id LIMIT 1
            ) >= %s AS is_later
            FROM halves WHERE low < high
        ) AS looked
    )
    SELECT low FROM halves WHERE low >= high
"""
# An event that waits has taken as long as it has waited; one that a paused source keeps is not late. A web server's
# clock that is ahead of the database's gives no delay, never a negative one.
_HOURS = """
    SELECT source_id, date_trunc('hour', received_at) AS hour, count(*),
        percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delay::float8),
        count(*) FILTER (WHERE waits), min(id), max(id)
    FROM (
        SELECT event.id, event.source_id, received_at, waits, CASE WHEN waits THEN now() ELSE processed_at END AS until
        FROM webhooks_event AS event JOIN webhooks_source AS source ON source.id = event.source_id
        CROSS JOIN LATERAL (SELECT event.status IN ('pending', 'retrying') AND source.state <> 'paused') AS of_it(waits)
        WHERE event.id BETWEEN %s AND %s ORDER BY event.id DESC LIMIT %s
    ) AS latest
    CROSS JOIN LATERAL (
        SELECT CASE WHEN until < received_at THEN 0 ELSE extract(epoch FROM until - received_at) END
    ) AS measured(delay)
    WHERE received_at >= %s AND received_at < %s
    GROUP BY GROUPING SETS ((1, 2), (2))
"""
_COLUMNS = ("source_id", "hour", "accepted", "median_delay", "p95_delay", "waiting", "first_event", "last_event")


@dataclass
class Hour:
    start: datetime
    accepted: int = 0
    refused: int = 0
    median_delay: float | None = None  # seconds
    p95_delay: float | None = None
    first_event: int | None = None
    last_event: int | None = None
    is_counted: bool = True  # else there may have been more

    @property
    def end(self) -> datetime:
        return self.start + _HOUR


def by_hour(hours: int, sources: Iterable[int] = ()) -> dict[int | None, list[Hour]]:
    """Return the last `hours` hours, the present one last, of all sources together under None, and of each of `sources`
    under its number; four queries.
    """
    present = _hour_of(timezone.now())
    starts = [present - number * _HOUR for number in reversed(range(hours))]
    found = {source: {start: Hour(start) for start in starts} for source in (None, *sources)}
    counted = HourOfTraffic.objects.filter(Q(source=None) | Q(source__in=sources), hour__gte=starts[0])
    rows = list(counted.values_list(*_COLUMNS))
    since = max((row[1] + _HOUR for row in rows), default=starts[0])
    uncounted, is_all = _uncounted(since, present + _HOUR)
    for source, start, *values in rows + uncounted:
        if hour := found.get(source, {}).get(start):
            hour.accepted, hour.median_delay, hour.p95_delay, _, hour.first_event, hour.last_event = values
    if not is_all:
        oldest = min(row[1] for row in uncounted)
        for hour in itertools.chain(*(by_start.values() for by_start in found.values())):
            hour.is_counted = not since <= hour.start <= oldest
    refused = RefusalCount.objects.filter(hour__gte=starts[0]).values_list("source", "hour")
    for source, start, count in refused.annotate(Sum("count")).order_by():
        for key in {source, None}:
            if hour := found.get(key, {}).get(start):
                hour.refused += count
    return {key: list(by_start.values()) for key, by_start in found.items()}


def _uncounted(since, until):
    """Return the rows of the hours between, of the latest MOST events, and whether those were all."""
    with connection.cursor() as cursor:
        first = _first_since(cursor, since)
        rows = _rows(cursor, first, _LAST, since, until, MOST)
    return rows, sum(row[2] for row in rows if row[0] is None) < MOST


def _rows(cursor, first, last, since, until, most):
    cursor.execute(_HOURS, [first - _DISORDER, last, most, since, until])
    return [
        (source_id, hour, count, *(delays or (None, None)), waiting, first, last)
        for source_id, hour, count, delays, waiting, first, last in cursor.fetchall()
    ]


def _first_since(cursor, time):
    """Return the number of the first event since then, found by halving: no index is kept for it."""
    cursor.execute(_FIRST_SINCE, [time])
    return cursor.fetchone()[0]


def _hour_of(time):
    return time.replace(minute=0, second=0, microsecond=0)


class TrafficPass:
    """One pass over the hours that are over and were not counted, the oldest first, an hour a step; whenever there is
    such a one, those of the last day of which something still waited are counted again.
    """

    def __init__(self):
        self._left = _to_count()

    def __str__(self):
        return ""  # nothing that anybody wants to hear of

    def step(self) -> bool:
        """Count the next hour; return whether there is more to do. Where another worker does, this leaves it to it."""
        if not self._left:
            return False
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('webhooks.monitoring.traffic', 0))")
            if cursor.fetchone()[0]:
                _count(cursor, self._left.pop(0))
            else:
                self._left = []
        return bool(self._left)


def _to_count() -> list[datetime]:
    present = _hour_of(timezone.now() - _UNTIL_ALL_ARE_STORED)
    together = HourOfTraffic.objects.filter(source=None)
    last = together.aggregate(Max("hour"))["hour__max"]
    if last is None:
        oldest = Event.objects.order_by("id").values_list("received_at", flat=True).first()
        last = _hour_of(oldest or present) - _HOUR
    first = max(last + _HOUR, present - _LONGEST)
    hours = [first + number * _HOUR for number in range((present - first) // _HOUR)]
    if hours:
        HourOfTraffic.objects.filter(hour__lt=present - _KEPT).delete()
        unfinished = together.filter(waiting__gt=0, hour__gte=present - timedelta(days=1))
        hours += unfinished.values_list("hour", flat=True)
    return hours


def _count(cursor, hour):
    first, beyond = (_first_since(cursor, time) for time in (hour, hour + _HOUR))
    rows = _rows(cursor, first, beyond + _DISORDER, hour, hour + _HOUR, None)
    rows = rows or [(None, hour, 0, None, None, 0, None, None)]
    values = [HourOfTraffic(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]
    HourOfTraffic.objects.bulk_create(
        values, update_conflicts=True, unique_fields=["hour", "source"], update_fields=_COLUMNS[2:]
    )
