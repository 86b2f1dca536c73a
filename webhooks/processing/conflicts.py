"""Two bodies under one id: the first stands until somebody decides that the other is the true one."""

from django.db import transaction
from django.db.models.functions import Now

from webhooks.models import Event
from webhooks.processing.processor import wait_for_subjects


class NoConflictError(Exception):
    """It is no conflict, or somebody decided it meanwhile."""


@transaction.atomic
def apply(event: Event) -> None:
    """Let this body stand and the one that stood until now be dismissed; the workers then fold its job anew.

    Raises NoConflictError.
    """
    event, original = _locked(event)
    siblings = Event.objects.filter(conflict_of=original).exclude(pk=event.pk)
    # One original a key, always: so the old one steps down first.
    Event.objects.filter(pk=original.pk).update(
        conflict_of=event, status=Event.Status.DISMISSED, processed_at=None, error=""
    )
    siblings.update(conflict_of=event)
    Event.objects.filter(pk=event.pk).update(
        conflict_of=None, status=Event.Status.PENDING, attempts=0, next_attempt_at=Now(), error=""
    )


@transaction.atomic
def dismiss(event: Event) -> None:
    """Leave things as they are for good; raises NoConflictError."""
    event, _ = _locked(event)
    Event.objects.filter(pk=event.pk).update(status=Event.Status.DISMISSED)


def _locked(event):
    wait_for_subjects([event])
    event = Event.objects.select_for_update(of=["self"]).select_related("conflict_of").get(pk=event.pk)
    is_open = event.status in (Event.Status.CONFLICT, Event.Status.DISMISSED)
    if event.conflict_of is None or not is_open:
        raise NoConflictError(NoConflictError.__doc__)
    return event, event.conflict_of
