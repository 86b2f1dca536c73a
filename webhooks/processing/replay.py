"""Processing stored events again: by the workers (replay), or by rebuilding the rows of some subjects."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from webhooks.models import Event, PurgedSubject, Source
from webhooks.processing import projections
from webhooks.processing.history import LoadedHistory, purged_subjects, stored_changes
from webhooks.processing.locks import wait_for_subjects
from webhooks.processing.projections import Subject


def replayable(events: QuerySet[Event]) -> QuerySet[Event]:
    """Leave out conflicts, which may be forged (webhooks/processing/conflicts.py), bodies that are not JSON, and events
    about a subject whose earlier events were purged.
    """
    excluded = [Event.Status.CONFLICT, Event.Status.DISMISSED, Event.Status.UNREADABLE]
    purged = PurgedSubject.objects.filter(provider=OuterRef("source__provider"), subject=OuterRef("subject"))
    return events.exclude(status__in=excluded).filter(~Exists(purged), purged_at=None)


def replay_events(events: QuerySet[Event]) -> int:
    """Let the workers process these events again, whatever their status; return how many that are."""
    return replayable(events).update(status=Event.Status.PENDING, attempts=0, error="", next_attempt_at=Now())


def rebuild_subjects(subjects: Iterable[Subject]) -> int:
    """Apply all stored events about these subjects again; return how many events that were.

    Subjects whose events were purged are left as they are.
    """
    subjects = set(subjects)
    with transaction.atomic():
        wait_for_subjects(Event(source=Source(provider=provider), subject=subject) for provider, subject in subjects)
        changes = stored_changes(subjects - purged_subjects(subjects))
        projections.apply_changes(changes, LoadedHistory(changes))
        return len({change.event.pk for change in changes})
