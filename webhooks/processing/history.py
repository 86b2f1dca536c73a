"""The changes of events that are stored: of one event, and of all applied events about a subject."""

import logging
from collections.abc import Iterable

from webhooks.models import Event, PurgedSubject
from webhooks.payloads.parsing import NotJSONError
from webhooks.payloads.schema import UnreadableError
from webhooks.processing.projections import Change, Subject

logger = logging.getLogger(__name__)


class HistoryPurgedError(Exception):
    """A late event cannot be applied, as earlier events about its subject were purged. The message is stored."""

    def __init__(self) -> None:
        super().__init__(
            "The event is older than the state of its job, whose earlier events were purged: the job is unchanged."
        )


class StoredHistory:
    """SubjectHistory from the database.

    Includes applied events that wait to be processed again, so that a replay in small batches never shows half a job.
    """

    def changes(self, subjects: set[Subject], value_type: type) -> list[Change]:
        """See SubjectHistory."""
        if purged_subjects(subjects):
            raise HistoryPurgedError
        return _of_type(stored_changes(subjects), value_type)


class LoadedHistory:
    """SubjectHistory from changes that are in memory, all those of their subjects."""

    def __init__(self, changes: list[Change]) -> None:
        self._changes = changes

    def changes(self, subjects: set[Subject], value_type: type) -> list[Change]:
        """See SubjectHistory."""
        wanted = [c for c in self._changes if (c.event.source.provider, c.event.subject) in subjects]
        return _of_type(wanted, value_type)


def read_changes(event: Event) -> list[Change]:
    """Return the values of an event; raises UnreadableError or NotJSONError, or what a bug in a reader raises."""
    return [Change(event, value) for value in event.source.get_provider().read(bytes(event.body))]


def stored_changes(subjects: set[Subject]) -> list[Change]:
    """Return the values of all applied events about these subjects."""
    changes: list[Change] = []
    applied = Event.objects.filter(
        subject__in={subject for _, subject in subjects},
        status__in=[Event.Status.PROCESSED, *Event.WAITING],
        processed_at__isnull=False,
    )
    for event in applied.select_related("source"):
        if (event.source.provider, event.subject) in subjects:
            try:
                changes += read_changes(event)
            except (UnreadableError, NotJSONError):
                logger.warning("Event %s was processed before and can no longer be read", event.pk)
    return changes


def purged_subjects(subjects: set[Subject]) -> set[Subject]:
    """Return those of the subjects of which some events were purged."""
    rows = PurgedSubject.objects.filter(subject__in={subject for _, subject in subjects})
    return subjects & set(rows.values_list("provider", "subject"))


def _of_type(changes: Iterable[Change], value_type: type) -> list[Change]:
    return [change for change in changes if isinstance(change.value, value_type)]
