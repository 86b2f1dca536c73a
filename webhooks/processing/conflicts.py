"""Decisions on conflicts: two bodies under one event id, of which the first applies until somebody decides."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from webhooks.models import Event
from webhooks.processing.locks import wait_for_subjects


class NoConflictError(Exception):
    """The event is not in conflict, or somebody has decided on it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("It is not in conflict, or somebody has decided on it meanwhile."))


@transaction.atomic
def apply_conflict(event: Event) -> None:
    """Make this body the current one and dismiss the one before; the workers then rebuild its job.

    Raises NoConflictError.
    """
    event, original = _locked(event)
    siblings = Event.objects.filter(conflict_of=original).exclude(pk=event.pk)
    # A key has one original at any time, so that the old one changes first.
    Event.objects.filter(pk=original.pk).update(
        conflict_of=event, status=Event.Status.DISMISSED, processed_at=None, error=""
    )
    siblings.update(conflict_of=event)
    Event.objects.filter(pk=event.pk).update(
        conflict_of=None, status=Event.Status.PENDING, attempts=0, next_attempt_at=Now(), error=""
    )


@transaction.atomic
def dismiss_conflict(event: Event) -> None:
    """Keep the current body and dismiss this one; raises NoConflictError."""
    event, _original = _locked(event)
    Event.objects.filter(pk=event.pk).update(status=Event.Status.DISMISSED)


def _locked(event: Event) -> tuple[Event, Event]:
    wait_for_subjects([event])
    event = Event.objects.select_for_update(of=["self"]).select_related("conflict_of").get(pk=event.pk)
    is_open = event.status in (Event.Status.CONFLICT, Event.Status.DISMISSED)
    if event.conflict_of is None or not is_open:
        raise NoConflictError
    return event, event.conflict_of
