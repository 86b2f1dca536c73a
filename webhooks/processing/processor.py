"""Processing of waiting events: claim a batch, read each event, apply the values to the rows, record each outcome.

A batch is one transaction, so that after a crash the events are still waiting and the rows are unchanged.
"""

import logging
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from webhooks.models import Event, Source
from webhooks.payloads.parsing import NotJSONError, storable
from webhooks.payloads.schema import UnreadableError
from webhooks.processing import projections
from webhooks.processing.history import HistoryPurgedError, StoredHistory, read_changes
from webhooks.processing.locks import lock_available
from webhooks.processing.projections import Change

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
MAX_RETRY_DELAY = 3600  # seconds between two attempts
_MAX_ERROR_LENGTH = 2000  # characters

# Django's bulk_update, a CASE for each column with a branch for each event, took longer than applying the changes.
_OUTCOME = ["status", "attempts", "next_attempt_at", "error", "processed_at"]
_WRITE_OUTCOMES = """
    UPDATE webhooks_event AS event
    SET status = outcome.status, attempts = outcome.attempts, next_attempt_at = outcome.next_attempt_at,
        error = outcome.error, processed_at = outcome.processed_at
    FROM unnest(%s::bigint[], %s::text[], %s::smallint[], %s::timestamptz[], %s::text[], %s::timestamptz[])
        AS outcome(id, status, attempts, next_attempt_at, error, processed_at)
    WHERE event.id = outcome.id
"""


@dataclass
class BatchOutcome:
    """The number of events of a batch, in all and by their status afterwards."""

    claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def process_batch(size: int) -> BatchOutcome:
    """Process up to `size` waiting events, oldest first; none claimed means that none can be processed now.

    Raises OperationalError where the connection to the database is lost; nothing is changed then.
    """
    with transaction.atomic():
        events = _claim(size)
        process_events(events)
        return BatchOutcome(claimed=len(events), counts=Counter(event.status for event in events))


def process_events(events: list[Event]) -> None:
    """Read and apply these events, and write the outcome of each.

    Runs within a transaction that has locked their subjects (webhooks.processing.locks).
    """
    changes: list[tuple[Event, list[Change]]] = []
    for event in events:
        event.attempts += 1
        event.error = ""
        event.status = Event.Status.IGNORED
        try:
            changes_of_event = read_changes(event)
        except (UnreadableError, NotJSONError) as error:
            _mark_failed(event, error)
        except Exception as error:  # a bug in a reader stops this event only, not the batch
            logger.exception("Event %s cannot be read", event.pk)
            _mark_failed(event, error)
        else:
            if changes_of_event:
                changes.append((event, changes_of_event))
    _apply(changes)
    now = timezone.now()
    for event in events:
        event.processed_at = now if event.status == Event.Status.PROCESSED else None
    with connection.cursor() as cursor:
        columns = [[getattr(event, name) for event in events] for name in _OUTCOME]
        cursor.execute(_WRITE_OUTCOMES, [[event.pk for event in events], *columns])


def _claim(size: int) -> list[Event]:
    waiting = (
        Event.objects.filter(status__in=Event.WAITING, next_attempt_at__lte=Now())
        .exclude(source__state=Source.State.PAUSED)
        .select_related("source")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("id")[:size]
    )
    events = list(waiting)
    return lock_available(events) if events else []


def _apply(changes: list[tuple[Event, list[Change]]]) -> None:
    """Apply the events together; where that fails, halve them until the one that fails is alone."""
    if not changes:
        return
    try:
        with transaction.atomic():
            projections.apply_changes([change for _, of_event in changes for change in of_event], StoredHistory())
    except Exception as error:
        if connection.connection is None or not connection.is_usable():
            raise  # the connection is lost: not the events' fault, and no outcome can be written
        if len(changes) > 1:
            middle = len(changes) // 2
            _apply(changes[:middle])
            _apply(changes[middle:])
            return
        event = changes[0][0]
        if not isinstance(error, HistoryPurgedError):
            logger.exception("Event %s cannot be applied", event.pk)
        if isinstance(error, OperationalError) and event.attempts < MAX_ATTEMPTS:
            _schedule_retry(event, error)
        else:
            _mark_failed(event, error)
    else:
        for event, _ in changes:
            event.status = Event.Status.PROCESSED


def _mark_failed(event: Event, error: Exception) -> None:
    event.status = Event.Status.DEAD
    event.error = _error_message(error)


def _schedule_retry(event: Event, error: Exception) -> None:
    event.status = Event.Status.RETRYING
    event.error = _error_message(error)
    seconds = min(2**event.attempts, MAX_RETRY_DELAY) * random.uniform(0.5, 1.5)
    event.next_attempt_at = timezone.now() + timedelta(seconds=seconds)


def _error_message(error: Exception) -> str:
    """Return the text of an error, with the name of its class where the project did not raise it on purpose."""
    is_expected = isinstance(error, UnreadableError | NotJSONError | HistoryPurgedError)
    text = str(error) if is_expected else f"{type(error).__name__}: {error}"
    return str(storable(text.strip()))[:_MAX_ERROR_LENGTH]
