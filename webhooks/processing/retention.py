"""Drops what sources no longer want to keep: first the bodies of events, then the events.

Only of events that are finished, and of which nothing newer about the same subject is kept: so a job that may still get
events can be folded anew. What of that is gone is written down (PurgedSubject), so that nobody folds half a job.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from webhooks.models import Event, PurgedSubject, Source
from webhooks.processing.processor import wait_for_subjects

BATCH = 500  # events


@dataclass
class Purged:
    bodies: int = 0
    events: int = 0

    def __bool__(self):
        return bool(self.bodies or self.events)


class Purge:
    """One pass over the events of all sources, oldest first, in batches that nobody notices."""

    def __init__(self):
        keeps = Source.objects.exclude(keep_bodies_days=None, keep_events_days=None)
        self._left = [(source, drop, 0) for source in keeps for drop in (self._drop_bodies, self._drop_events)]
        self.purged = Purged()

    def __str__(self):
        return f"Purged: {self.purged.bodies} bodies, {self.purged.events} events" if self.purged else ""

    def step(self) -> bool:
        """Look at the next batch; return whether there is more to do."""
        if not self._left:
            return False
        source, drop, last = self._left.pop()
        if (last := drop(source, last)) is not None:
            self._left.append((source, drop, last))
        return bool(self._left)

    def _drop_bodies(self, source, last):
        if source.keep_bodies_days is None:
            return None
        old, last = _old(source, last, source.keep_bodies_days, purged_at=None)
        with transaction.atomic():
            events = _droppable(source, old, source.keep_bodies_days)
            self.purged.bodies += events.update(body=b"", purged_at=timezone.now())
        return last

    def _drop_events(self, source, last):
        if source.keep_events_days is None:
            return None
        old, last = _old(source, last, source.keep_events_days)
        with transaction.atomic():
            events = _droppable(source, old, source.keep_events_days)
            disputed = Event.objects.filter(conflict_of=OuterRef("pk"))  # which goes first, in another pass
            self.purged.events += events.exclude(Exists(disputed)).delete()[1].get("webhooks.Event", 0)
        return last


def _old(source, last, days, **wanted):
    """Return the numbers of the next events after `last` that are old enough, and where to go on; None at the end."""
    cutoff = timezone.now() - timedelta(days=days)
    following = Event.objects.filter(source=source, pk__gt=last, **wanted).order_by("pk")
    batch = list(following.values_list("pk", "received_at")[:BATCH])
    old = [pk for pk, received_at in batch if received_at < cutoff]
    # Numbers rise with the time of receipt, or nearly so: behind a batch that has none that is old, there is none.
    return old, batch[-1][0] if old and len(batch) == BATCH else None


def _droppable(source, ids, days) -> QuerySet[Event]:
    """Return those that are finished, and whose subject nothing that is newer or unfinished is about; no worker has
    these subjects now, and it is written down that they cannot be folded anew.
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
