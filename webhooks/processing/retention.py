"""Retention: the deletion of bodies, and later of events, that are older than their source keeps them.

Only finished events are deleted, and only where no newer event about the same subject is stored, so that a job that
may still get events can be rebuilt. Subjects with deleted bodies are recorded (PurgedSubject): they can no longer be
rebuilt from their first event, and a rebuild does not change them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from webhooks.models import Event, PurgedSubject, Source
from webhooks.processing.locks import wait_for_subjects

BATCH = 500  # events


@dataclass
class Purged:
    """The numbers of bodies and events that a pass has deleted."""

    bodies: int = 0
    events: int = 0

    def __bool__(self) -> bool:
        return bool(self.bodies or self.events)


class RetentionPass:
    """One pass over the events of all sources, oldest first, in batches small enough not to delay the workers."""

    def __init__(self) -> None:
        with_retention = Source.objects.exclude(keep_bodies_days=None, keep_events_days=None)
        drops: list[Callable[[Source, int], int | None]] = [self._drop_bodies, self._drop_events]
        self._left = [(source, drop, 0) for source in with_retention for drop in drops]
        self.purged = Purged()

    def __str__(self) -> str:
        return f"Purged: {self.purged.bodies} bodies, {self.purged.events} events" if self.purged else ""

    def step(self) -> bool:
        """Process the next batch; return whether there is more to do."""
        if not self._left:
            return False
        source, drop, last = self._left.pop()
        if (next_last := drop(source, last)) is not None:
            self._left.append((source, drop, next_last))
        return bool(self._left)

    def _drop_bodies(self, source: Source, last: int) -> int | None:
        if source.keep_bodies_days is None:
            return None
        old, next_last = _old(source, last, source.keep_bodies_days, purged_at=None)
        with transaction.atomic():
            events = _droppable(source, old, source.keep_bodies_days)
            self.purged.bodies += events.update(body=b"", purged_at=timezone.now())
        return next_last

    def _drop_events(self, source: Source, last: int) -> int | None:
        if source.keep_events_days is None:
            return None
        old, next_last = _old(source, last, source.keep_events_days)
        with transaction.atomic():
            events = _droppable(source, old, source.keep_events_days)
            conflicting = Event.objects.filter(conflict_of=OuterRef("pk"))  # deleted first, in an earlier pass
            self.purged.events += events.exclude(Exists(conflicting)).delete()[1].get("webhooks.Event", 0)
        return next_last


def _old(source: Source, last: int, days: int, **filters: Any) -> tuple[list[int], int | None]:
    """Return the ids of the events after the id `last` that are old enough, and the id to continue after.

    The latter is None at the end.
    """
    cutoff = timezone.now() - timedelta(days=days)
    following = Event.objects.filter(source=source, pk__gt=last, **filters).order_by("pk")
    batch = list(following.values_list("pk", "received_at")[:BATCH])
    old = [pk for pk, received_at in batch if received_at < cutoff]
    # Ids rise nearly with the time of receipt: after a batch without an old event there is none.
    return old, batch[-1][0] if old and len(batch) == BATCH else None


def _droppable(source: Source, ids: list[int], days: int) -> QuerySet[Event]:
    """Return those that are finished, and about whose subject no event is newer or unfinished.

    Locks their subjects, and records that these can no longer be rebuilt.
    """
    finished = Event.objects.filter(pk__in=ids, status__in=Event.FINISHED)
    wait_for_subjects(finished.defer("body", "headers").select_related("source"))
    found = list(finished.values_list("pk", "subject"))
    about = Event.objects.filter(subject__in={subject for _, subject in found if subject})
    needed = ~Q(status__in=Event.FINISHED) | Q(received_at__gte=timezone.now() - timedelta(days=days))
    live = set(about.filter(needed, source__provider=source.provider).values_list("subject", flat=True))
    found = [(pk, subject) for pk, subject in found if subject not in live]
    PurgedSubject.objects.bulk_create(
        [PurgedSubject(provider=source.provider, subject=subject) for subject in sorted({s for _, s in found if s})],
        ignore_conflicts=True,
    )
    return Event.objects.filter(pk__in=[pk for pk, _ in found])
