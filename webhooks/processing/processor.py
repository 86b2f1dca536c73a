"""From the inbox to the rows: claim a batch, read each event, fold them by subject, say what became of each.

All of it is one transaction, so that a crash anywhere leaves the events waiting and the rows as they were.
"""

import logging
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from webhooks.models import Event, PurgedSubject, Source
from webhooks.payloads.parsing import NotJSONError, storable
from webhooks.payloads.schema import UnreadableError
from webhooks.processing import projections
from webhooks.processing.projections import Change

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
LONGEST_WAIT = 3600  # seconds between two attempts

# A subject is in one worker at a time: who does not get its lock leaves its events for later.
_LOCK_SUBJECTS = """
    SELECT key FROM unnest(%s::text[]) AS key WHERE pg_try_advisory_xact_lock(hashtextextended(key, 0))
"""
# Django's bulk_update, a CASE for each column with a branch for each event, took longer than folding them.
_OUTCOME = ["status", "attempts", "next_attempt_at", "error", "processed_at"]
_WRITE_OUTCOMES = """
    UPDATE webhooks_event AS event
    SET status = outcome.status, attempts = outcome.attempts, next_attempt_at = outcome.next_attempt_at,
        error = outcome.error, processed_at = outcome.processed_at
    FROM unnest(%s::bigint[], %s::text[], %s::smallint[], %s::timestamptz[], %s::text[], %s::timestamptz[])
        AS outcome(id, status, attempts, next_attempt_at, error, processed_at)
    WHERE event.id = outcome.id
"""
# Who has to have it waits; in one order, so that two never wait for each other.
_WAIT_FOR_SUBJECTS = """
    SELECT pg_advisory_xact_lock(hash) FROM (
        SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest(%s::text[]) AS key ORDER BY hash
    ) AS hashes
"""


class HistoryPurgedError(Exception):
    """It comes before what is known of its job, whose earlier events are gone: the job is left as it is."""

    def __str__(self):
        return self.__doc__


@dataclass
class Outcome:
    """What became of a batch: how many events by status."""

    claimed: int = 0
    counts: Counter = field(default_factory=Counter)


def process_batch(size: int) -> Outcome:
    """Process up to `size` waiting events, oldest first; none claimed means that none can be processed now.

    Raises OperationalError where the database goes away; nothing is changed then.
    """
    with transaction.atomic():
        events = _claim(size)
        process_events(events)
        return Outcome(claimed=len(events), counts=Counter(event.status for event in events))


def replayable(events: QuerySet[Event]) -> QuerySet[Event]:
    """Leave out conflicts, which may be forged (webhooks/processing/conflicts.py), bodies that are not JSON, and events
    about a subject whose earlier events were purged.
    """
    no_use = [Event.Status.CONFLICT, Event.Status.DISMISSED, Event.Status.UNREADABLE]
    gone = PurgedSubject.objects.filter(provider=OuterRef("source__provider"), subject=OuterRef("subject"))
    return events.exclude(status__in=no_use).filter(~Exists(gone), purged_at=None)


def replay(events: QuerySet[Event]) -> int:
    """Let the workers process these again, whatever became of them; return how many that are."""
    return replayable(events).update(status=Event.Status.PENDING, attempts=0, error="", next_attempt_at=Now())


def _claim(size) -> list[Event]:
    waiting = (
        Event.objects.filter(status__in=Event.WAITING, next_attempt_at__lte=Now())
        .exclude(source__state=Source.State.PAUSED)
        .select_related("source")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("id")[:size]
    )
    events = list(waiting)
    if not events:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SUBJECTS, [sorted({_lock_key(event) for event in events})])
        locked = {key for (key,) in cursor.fetchall()}
    return [event for event in events if _lock_key(event) in locked]


def wait_for_subjects(events: Iterable[Event]) -> None:
    """Keep the workers away from what these events are about until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_FOR_SUBJECTS, [sorted({_lock_key(event) for event in events})])


def refold(subjects: Iterable[tuple[str, str]]) -> int:
    """Fold all that is stored of these (provider, subject) anew; return how many events that were.

    Subjects whose events were purged are left as they are.
    """
    subjects = set(subjects)
    with transaction.atomic():
        wait_for_subjects(Event(source=Source(provider=provider), subject=subject) for provider, subject in subjects)
        changes = _history(subjects - _purged(subjects))

        def history(wanted):
            return [change for change in changes if (change.event.source.provider, change.event.subject) in wanted]

        projections.fold(changes, history)
        return len({change.event.pk for change in changes})


def _lock_key(event) -> str:
    """One client's ids may equal another's: they then wait for each other, and are told apart by the fold."""
    return f"{event.source.provider}:{event.subject or event.pk}"


def process_events(events: list[Event]) -> None:
    """Read and fold these, and write down what became of each; within a transaction, and with their subjects locked."""
    changes = []
    for event in events:
        event.attempts += 1
        event.error = ""
        event.status = Event.Status.IGNORED
        try:
            values = event.source.get_provider().read(bytes(event.body))
        except (UnreadableError, NotJSONError) as error:
            _bury(event, error)
        except Exception as error:  # a reader of ours met something it does not know: this event's problem alone
            logger.exception("Event %s cannot be read", event.pk)
            _bury(event, error)
        else:
            if values:
                changes.append((event, [Change(event, value) for value in values]))
    _fold(changes)
    now = timezone.now()
    for event in events:
        event.processed_at = now if event.status == Event.Status.PROCESSED else None
    with connection.cursor() as cursor:
        columns = [[getattr(event, name) for event in events] for name in _OUTCOME]
        cursor.execute(_WRITE_OUTCOMES, [[event.pk for event in events], *columns])


def _fold(changes):
    """Fold the events together; where that fails, halve them until the one that fails is alone."""
    if not changes:
        return
    try:
        with transaction.atomic():
            projections.fold([change for _, of_event in changes for change in of_event], _history)
    except Exception as error:
        if connection.connection is None or not connection.is_usable():
            raise  # the database went away: not the events' fault, and nothing to write it down in
        if len(changes) > 1:
            middle = len(changes) // 2
            _fold(changes[:middle])
            _fold(changes[middle:])
            return
        event = changes[0][0]
        if not isinstance(error, HistoryPurgedError):
            logger.exception("Event %s cannot be folded", event.pk)
        if isinstance(error, OperationalError) and event.attempts < MAX_ATTEMPTS:
            _retry_later(event, error)
        else:
            _bury(event, error)
    else:
        for event, _ in changes:
            event.status = Event.Status.PROCESSED


def _bury(event, error):
    event.status = Event.Status.DEAD
    event.error = _words(error)


def _retry_later(event, error):
    event.status = Event.Status.RETRYING
    event.error = _words(error)
    seconds = min(2**event.attempts, LONGEST_WAIT) * random.uniform(0.5, 1.5)
    event.next_attempt_at = timezone.now() + timedelta(seconds=seconds)


def _purged(subjects: set[tuple[str, str]]) -> set[tuple[str, str]]:
    rows = PurgedSubject.objects.filter(subject__in={subject for _, subject in subjects})
    return subjects & set(rows.values_list("provider", "subject"))


def _words(error) -> str:
    name = "" if isinstance(error, UnreadableError | NotJSONError | HistoryPurgedError) else f"{type(error).__name__}: "
    return storable(f"{name}{error}".strip())[:2000]


def _history(subjects: Iterable[tuple[str, str]]) -> list[Change]:
    """Return what the events of these (provider, subject) tell of that were folded before; of those that wait to be
    folded again too, so that a replay in small batches never shows half a job.

    Raises HistoryPurgedError where some of them are gone.
    """
    changes = []
    subjects = set(subjects)
    if _purged(subjects):
        raise HistoryPurgedError
    stored = Event.objects.filter(
        subject__in={subject for _, subject in subjects},
        status__in=[Event.Status.PROCESSED, *Event.WAITING],
        processed_at__isnull=False,
    )
    for event in stored.select_related("source"):
        if (event.source.provider, event.subject) in subjects:
            try:
                values = event.source.get_provider().read(bytes(event.body))
            except (UnreadableError, NotJSONError):
                logger.warning("Event %s was processed once and cannot be read any more", event.pk)
                continue
            changes += [Change(event, value) for value in values]
    return changes
