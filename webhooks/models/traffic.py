"""The traffic of past hours, counted once, and the queries that count it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from webhooks.models.source import Source

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
# A waiting event has taken as long as it has waited; one of a paused source is not late. A web server's clock that is
# ahead of the database's gives a delay of 0, never a negative one.
_MEASURE = """
    SELECT source_id, date_trunc('hour', received_at) AS hour, count(*),
        percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delay::float8),
        count(*) FILTER (WHERE waits), min(id), max(id)
    FROM (
        SELECT event.id, event.source_id, received_at, waits, CASE WHEN waits THEN now() ELSE processed_at END AS until
        FROM webhooks_event AS event JOIN webhooks_source AS source ON source.id = event.source_id
        CROSS JOIN LATERAL (SELECT event.status IN ('pending', 'retrying') AND source.state <> 'paused') AS _(waits)
        WHERE event.id BETWEEN %s AND %s ORDER BY event.id DESC LIMIT %s
    ) AS latest
    CROSS JOIN LATERAL (
        SELECT CASE WHEN until < received_at THEN 0 ELSE extract(epoch FROM until - received_at) END
    ) AS measured(delay)
    WHERE received_at >= %s AND received_at < %s
    GROUP BY GROUPING SETS ((1, 2), (2))
"""
_MAX_DISORDER = 1000  # events that may be between the places of an event in the order of ids and of receipt
_MAX_ID = 2**63 - 1


class HourOfTrafficQuerySet(models.QuerySet["HourOfTraffic"]):
    """Queries that count the inbox by the hour, without an index on the time of receipt."""

    def measure(self, since: datetime, until: datetime, limit: int | None = None) -> list["HourOfTraffic"]:
        """Return the hours, not saved, of the events received in [since, until): one for all sources, one for each.

        1. Find the ids of the first event received since `since`, and of the first since `until`, by bisection: ids
           rise with the time of receipt, but for up to _MAX_DISORDER events.
        2. Read the events between these ids, extended by the disorder on both sides; with a `limit` the latest so many.
        3. Group those that were received within the period by hour, and by source and hour.
        """
        with connection.cursor() as cursor:
            first = _first_id_since(cursor, since) - _MAX_DISORDER
            last = _MAX_ID if limit else _first_id_since(cursor, until) + _MAX_DISORDER
            cursor.execute(_MEASURE, [first, last, limit, since, until])
            rows = cursor.fetchall()
        return [
            self.model(
                source_id=source_id,
                hour=hour,
                accepted=count,
                median_delay=delays[0] if delays else None,
                p95_delay=delays[1] if delays else None,
                waiting=waiting,
                first_event=first_event,
                last_event=last_event,
            )
            for source_id, hour, count, delays, waiting, first_event, last_event in rows
        ]

    def count_hour(self, hour: datetime) -> None:
        """Count the hour that begins then, and save it in place of an earlier count; an hour without events too."""
        hours = self.measure(hour, hour + timedelta(hours=1)) or [self.model(hour=hour, accepted=0, waiting=0)]
        keys: Sequence[str] = ("hour", "source")
        values = [column.name for column in self.model._meta.concrete_fields if column.name not in ("id", *keys)]
        HourOfTraffic.objects.bulk_create(hours, update_conflicts=True, unique_fields=keys, update_fields=values)


def _first_id_since(cursor: CursorWrapper, time: datetime) -> int:
    """Return the id of the first event received since then, or one above the last id where there is none.

    The recursive query keeps a range of ids [low, high) and halves it until it is empty: it asks the first event at or
    after the middle whether it was received since `time`, and continues in the lower half if so, else in the upper. So
    it reads about as many rows by the primary key as the number of events has binary digits.
    """
    cursor.execute(_FIRST_SINCE, [time])
    return int(cursor.fetchone()[0])


class HourOfTraffic(models.Model):
    """The number of events of an hour, and the durations of their processing (webhooks/monitoring/traffic.py)."""

    source = models.ForeignKey(
        Source, models.CASCADE, null=True, db_index=False, related_name="+", help_text="None: all together."
    )
    hour = models.DateTimeField(help_text="Its beginning.")
    accepted = models.PositiveIntegerField()
    median_delay = models.FloatField(null=True, help_text="Seconds from received to processed.")
    p95_delay = models.FloatField(null=True, help_text="Seconds; the 95th percentile.")
    waiting = models.PositiveIntegerField(help_text="Events that were not processed yet when it was counted.")
    first_event = models.BigIntegerField(null=True)
    last_event = models.BigIntegerField(null=True)

    objects = HourOfTrafficQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "hours of traffic"
        constraints = [
            models.UniqueConstraint(fields=["hour", "source"], nulls_distinct=False, name="one_row_per_hour_and_source")
        ]

    def __str__(self) -> str:
        return f"{self.accepted} events from {self.hour}"
