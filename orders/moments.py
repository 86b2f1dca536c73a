"""A job as it stood after one of its events, folded from the stored events by the code that the worker uses."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Length

from orders import state
from orders.models import Job, TimelineEntry
from orders.values import JobEvent
from webhooks import providers
from webhooks.models import Event
from webhooks.payloads import NotJSONError
from webhooks.schema import UnreadableError

# As much as a page may read: each event of InstaLeap's brings the whole job, so that the nearest say nearly all.
MOST_EVENTS = 200
MOST_BYTES = 6_000_000


@dataclass(frozen=True)
class AsItStood:
    state: state.State | None  # None where the body of the event itself is not kept any more
    gone: int  # of the events until then: those whose bodies are not kept any more
    left_out: int  # of them: the oldest, which would be too many to read


def after(job: Job, entry: TimelineEntry) -> AsItStood:
    """Return the job after the event of `entry` and all before it."""
    until = job.timeline.filter(position__lte=entry.position)
    kept = Q(event__isnull=False, event__purged_at=None)
    sizes = list(
        until.filter(kept)
        .order_by("-position")
        .annotate(size=Length("event__body"))
        .values_list("event_id", "size")[:MOST_EVENTS]
    )
    wanted, size = [], 0
    for event_id, bytes_ in sizes:
        size += bytes_
        if wanted and size > MOST_BYTES:
            break
        wanted.append(event_id)
    counts = until.aggregate(all=Count("pk"), kept=Count("pk", filter=kept))
    gone, left_out = counts["all"] - counts["kept"], counts["kept"] - len(wanted)
    if entry.event_id is None or entry.event_id not in wanted:
        return AsItStood(None, gone, left_out)
    bodies = dict(Event.objects.filter(pk__in=wanted).values_list("pk", "body"))
    current: state.State = {}
    for event_id in reversed(wanted):
        for event in _read(job.provider, bodies.get(event_id, b"")):
            current = state.merge(current, state.snapshot(event))
    return AsItStood(current or None, gone, left_out)


def _read(provider, body):
    """Yield the job event of a body; none where it cannot be read any more."""
    try:
        yield from (value for value in providers.registry()[provider].read(bytes(body)) if isinstance(value, JobEvent))
    except (UnreadableError, NotJSONError):
        return
