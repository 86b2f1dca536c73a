"""A job as of one of its events, merged from the stored events by the code that the worker uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from orders import state
from orders.models import Job, TimelineEntry
from webhooks import providers
from webhooks.payloads.jobs import JobEvent
from webhooks.payloads.parsing import NotJSONError
from webhooks.payloads.schema import UnreadableError

# What one page may read. Each event of InstaLeap's contains the whole job, so the nearest ones give nearly all of it.
MAX_EVENTS = 200
MAX_BYTES = 6_000_000


@dataclass(frozen=True)
class JobAsOf:
    """The state of a job after an event, and how many of the events until then it lacks."""

    state: state.State | None  # None if the body of the event itself is not stored any more
    purged: int  # events whose bodies are not stored any more
    left_out: int  # the oldest of the stored events, if there are too many to read


def job_as_of(job: Job, entry: TimelineEntry) -> JobAsOf:
    """Return the job after the event of `entry` and all events before it."""
    until = job.timeline.filter(position__lte=entry.position)
    is_stored = Q(event__isnull=False, event__purged_at=None)
    newest_first = until.filter(is_stored).order_by("-position").values_list("event_id", "event__body")[:MAX_EVENTS]
    bodies: dict[int, bytes] = {}
    size = 0
    for event_id, body in newest_first.iterator(chunk_size=20):
        size += len(body)
        if bodies and size > MAX_BYTES:
            break
        bodies[event_id] = bytes(body)
    counts = until.aggregate(all=Count("pk"), stored=Count("pk", filter=is_stored))
    purged, left_out = counts["all"] - counts["stored"], counts["stored"] - len(bodies)
    if entry.event_id not in bodies:
        return JobAsOf(None, purged, left_out)
    current: state.State = {}
    for body in reversed(bodies.values()):
        for event in _read(job.provider, body):
            current = state.merge(current, state.snapshot(event))
    return JobAsOf(current or None, purged, left_out)


def _read(provider: str, body: bytes) -> Iterator[JobEvent]:
    """Yield the job event of a body; nothing if the provider's reader does not accept it any more."""
    try:
        yield from (value for value in providers.registry()[provider].read(body) if isinstance(value, JobEvent))
    except (UnreadableError, NotJSONError):
        return
