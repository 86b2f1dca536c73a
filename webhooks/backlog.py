"""How the workers get along: how many there are, and what has not been processed."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

from django.db import connection

from config.dashboard import MOST
from config.health import oldest_waiting
from webhooks.models import Event, Worker

STUCK = [*Event.WAITING, Event.Status.DEAD, Event.Status.CONFLICT]
_STUCK = """
    SELECT stuck.status, found.source_id, count(*) FROM unnest(%s::text[]) AS stuck(status) CROSS JOIN LATERAL (
        SELECT source_id FROM webhooks_event WHERE status = stuck.status ORDER BY id DESC LIMIT %s
    ) AS found GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Backlog:
    workers: int
    oldest_waiting: int  # seconds
    _stuck: Counter[tuple[str, int]]  # by status and source

    @classmethod
    def now(cls) -> Self:
        """Ask for it; three queries."""
        with connection.cursor() as cursor:
            cursor.execute(_STUCK, [STUCK, MOST + 1])
            stuck = Counter({(status, source): count for status, source, count in cursor.fetchall()})
        return cls(Worker.objects.alive().count(), oldest_waiting(), stuck)

    def count(self, *statuses: str, source: int | None = None) -> int:
        """Return how many events have one of these statuses, of one source or all; hardly more than MOST of each."""
        return sum(count for (status, of), count in self._stuck.items() if status in statuses and source in (None, of))
