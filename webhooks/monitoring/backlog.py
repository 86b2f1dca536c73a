"""The state of processing: the number of workers, and the events that are not finished."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

from django.db import connection

from console.formatting.numbers import MAX_COUNT
from webhooks.models import Event, Worker
from webhooks.monitoring.health import oldest_waiting

STUCK = [*Event.WAITING, Event.Status.DEAD, Event.Status.CONFLICT]
_WITH_STATUS = "(SELECT status, source_id FROM webhooks_event WHERE status = '{}' ORDER BY id DESC LIMIT %s)"
# A literal status in each part, as PostgreSQL uses a partial index only for a condition that it knows when planning.
_STUCK = "SELECT status, source_id, count(*) FROM ({}) AS stuck GROUP BY 1, 2".format(  # noqa: S608 - of constants
    " UNION ALL ".join(_WITH_STATUS.format(status) for status in STUCK)
)


@dataclass(frozen=True)
class Backlog:
    """The number of running workers, the waiting time of the oldest event, and the number of stuck events."""

    workers: int
    oldest_waiting: int  # seconds
    _stuck: Counter[tuple[str, int]]  # by status and source

    @classmethod
    def now(cls) -> Self:
        """Return the present backlog; three queries."""
        with connection.cursor() as cursor:
            cursor.execute(_STUCK, [MAX_COUNT + 1] * len(STUCK))
            stuck = Counter({(status, source): count for status, source, count in cursor.fetchall()})
        return cls(Worker.objects.alive().count(), oldest_waiting(), stuck)

    def count(self, *statuses: str, source: int | None = None) -> int:
        """Return how many events have one of these statuses, of one source or all; little above MAX_COUNT each."""
        return sum(count for (status, of), count in self._stuck.items() if status in statuses and source in (None, of))
