"""A job as it stood after one of its events, folded from the stored events by the code that the worker uses."""

from dataclasses import dataclass

from django.db.models import Count, Q

from orders import state
from orders.models import Job, TimelineEntry
from webhooks import providers
from webhooks.payloads.jobs import JobEvent
from webhooks.payloads.parsing import NotJSONError
from webhooks.payloads.schema import UnreadableError

# As much as a page may read: each event of InstaLeap's brings the whole job, so that the nearest say nearly all.
MOST_EVENTS = 200
MOST_BYTES = 6_000_000


@dataclass(frozen=True)
class JobAsOf:
    state: state.State | None  # None where the body of the event itself is not kept any more
    gone: int  # of the events until then: those whose bodies are not kept any more
    left_out: int  # of them: the oldest, which would be too many to read


def job_as_of(job: Job, entry: TimelineEntry) -> JobAsOf:
    """Return the job after the event of `entry` and all before it."""
    until = job.timeline.filter(position__lte=entry.position)
    kept = Q(event__isnull=False, event__purged_at=None)
    newest_first = until.filter(kept).order_by("-position").values_list("event_id", "event__body")[:MOST_EVENTS]
    bodies: dict[int, bytes] = {}
    size = 0
    for event_id, body in newest_first.iterator(chunk_size=20):
        size += len(body)
        if bodies and size > MOST_BYTES:
            break
        bodies[event_id] = body
    counts = until.aggregate(all=Count("pk"), kept=Count("pk", filter=kept))
    gone, left_out = counts["all"] - counts["kept"], counts["kept"] - len(bodies)
    if entry.event_id not in bodies:
        return JobAsOf(None, gone, left_out)
    current: state.State = {}
    for body in reversed(bodies.values()):
        for event in _read(job.provider, body):
            current = state.merge(current, state.snapshot(event))
    return JobAsOf(current or None, gone, left_out)


def _read(provider, body):
    """Yield the job event of a body; none where it cannot be read any more."""
    try:
        yield from (value for value in providers.registry()[provider].read(bytes(body)) if isinstance(value, JobEvent))
    except (UnreadableError, NotJSONError):
        return
