"""The page of a job: answers at once, then tells the story; now, or as it stood after any of its events."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from console.formatting.durations import format_duration
from console.live_updates import Live
from console.request_values import parse_pk
from orders import as_of, customer_answer, timeline
from orders.admin import job_parts as parts
from orders.job_panels import TimelineItem, job_panels
from orders.models import FINAL, Job, TimelineEntry
from webhooks import deep_links, providers
from webhooks.payloads import jobs

# What a page shows at most, however much there is of it.
STORY = 40  # events
MESSAGES = 60  # of other apps, among those events
CHANGES = 8  # things that an event changed
RAW = 200_000  # characters of the snapshot
DELAYED = timedelta(minutes=2)  # between sending and receiving


def live(request, job: Job) -> Live | None:
    """Return how the page keeps itself up to date: until the job is over, and not where it shows what was."""
    if _is_past(request):
        return None
    newest = job.timeline.order_by().aggregate(newest=Max("pk"))["newest"]
    versions = [panel.get_version(job) for panel in job_panels.for_user(request.user)]
    return Live(f"{job.position} {newest} {versions}", seconds=0 if job.status in FINAL else 5)


def page(request, job: Job) -> dict:
    """Return what the page shows: of `?at=` (an event's id) or `?n=` (its number) as the job stood after it."""
    count = job.timeline.count()
    entry = _chosen(request, job, count)
    panels = job_panels.for_user(request.user)
    context = {
        "job": job,
        "count": count,
        "deep_link": deep_links.link(
            job.received_through.deep_link, job_id=job.external_id, client_reference=job.client_reference
        ),
        "story": _story(request, job, entry, panels),
        "panels": [(panel.template, panel.get_context(job)) for panel in panels],
        "last_event": providers.registry()[job.provider].describe(entry.type if entry else job.last_event_type),
        "heard_at": entry.occurred_at if entry else job.last_event_at,
    }
    if entry is None:
        snapshot, now = job.snapshot, timezone.now()
        more = [problem for panel in panels for problem in panel.get_problems(job)]
    else:
        stood, now, more = as_of.job_as_of(job, entry), entry.occurred_at, []
        snapshot = stood.state
        context["at"] = _at(job, entry, count) | {"stood": stood}
    if snapshot is None:
        return context
    return context | shown(job, snapshot, now, entry, more)


def shown(job: Job, snapshot: dict, now: datetime, entry: TimelineEntry | None = None, more=()) -> dict:
    """Return what a snapshot says, as the page shows it; `more` is what else is wrong."""
    value = jobs.Job.model_validate(snapshot)
    situation = customer_answer.situation(value, now, entry.occurred_at if entry else job.last_event_at)
    added = parts.added_later(job, entry) if value.job_items else {}
    people = parts.people_of(job, value)
    payment_info = value.payment_info or jobs.PaymentInfo()
    raw = json.dumps(snapshot, indent=2, ensure_ascii=False)
    return {
        "value": value,
        "situation": situation,
        "answer": customer_answer.answer(situation),
        "problems": [*customer_answer.problems(situation), *more],
        "slot": customer_answer.slot_in_words(situation.slot_from, situation.slot_to, now),
        "late": format_duration(situation.late_by, "min") if situation.late_by else "",
        "items": (items := parts.items_of(value, added))[: parts.MOST],
        "items_left_out": len(items) - parts.MOST,
        "counts": parts.counts(items),
        "tasks": parts.tasks_of(value, people, now, is_over=situation.is_over),
        "packages": parts.packages_of(value),
        "money": parts.money_of(value),
        "currency": payment_info.currency_code or "",
        "payment": payment_info.payment,
        "invoice": payment_info.invoice,
        "people": list(people.values()),
        "places": [
            parts.place_of(_("From"), value.origin),
            parts.place_of(_("To"), value.destination),
        ],
        "raw": raw if len(raw) <= RAW else raw[:RAW],
        "is_raw_cut": len(raw) > RAW,
    }


# The moment


def _is_past(request):
    return bool(request.GET.get("at") or request.GET.get("n"))


def _chosen(request, job, count) -> TimelineEntry | None:
    """Return the event that the address names, or None where it names none of the job's."""
    if id := request.GET.get("at", ""):
        return job.timeline.filter(external_id=id[:200]).first()
    number = parse_pk(request.GET.get("n", ""))
    if number is not None and number < 10**6 and count:
        return job.timeline.order_by("position")[min(max(number, 1), count) - 1]
    return None


def _at(job, entry, count):
    entry.job = job
    before = job.timeline.filter(position__lt=entry.position)
    number = before.count() + 1
    return {
        "entry": entry,
        "number": number,
        "before": before.order_by("-position").values_list("external_id", flat=True).first(),
        "after": job.timeline.filter(position__gt=entry.position)
        .order_by("position")
        .values_list("external_id", flat=True)
        .first(),
        "changed": timeline.in_words(entry.changes)[: 2 * CHANGES],
        "is_first": number == 1,
        "is_last": number == count,
    }


# The story


def _story(request, job, at, panels) -> dict:
    """Return a page of events and what else happened between them, the latest first.

    `?before=` (an event's id) is where the page before this one ended.
    """
    entries = job.timeline.order_by("-position").annotate(received_at=F("event__received_at"))
    if at:
        entries = entries.filter(position__lte=at.position)
    id = request.GET.get("before", "")
    cursor = job.timeline.filter(external_id=id[:200]).first() if id else None
    if cursor:
        entries = entries.filter(position__lt=cursor.position)
    found = list(entries[: STORY + 1])
    page, is_more = found[:STORY], len(found) > STORY
    rows = [_event(job, entry) for entry in page]
    end = cursor.occurred_at if cursor else at.occurred_at + timedelta(seconds=1) if at else None
    start = page[-1].occurred_at if is_more else None
    others = [item for panel in panels for item in panel.get_timeline_items(job, start, end, MESSAGES + 1)]
    others.sort(key=lambda moment: moment.at, reverse=True)
    return {
        "rows": _woven(rows, others[:MESSAGES]),
        "older": page[-1].external_id if is_more else "",
        "is_continued": cursor is not None,
        "moments_left_out": len(others) > MESSAGES,
    }


@dataclass
class Row:
    at: datetime
    received_at: datetime | None
    entry: TimelineEntry | None = None
    changed: list = field(default_factory=list)
    more: list = field(default_factory=list)  # changes that are folded away
    left_out: int = 0  # changes that are not shown
    moment: TimelineItem | None = None
    day: datetime | None = None  # where it begins one

    @property
    def delay(self) -> timedelta | None:
        """How long after it was sent it came."""
        return self.received_at and self.received_at - self.at

    @property
    def is_delayed(self) -> bool:
        """Whether it came so long after it was sent that a reader should know."""
        return bool(self.delay) and self.delay >= DELAYED


def _event(job, entry):
    entry.job = job
    changed = timeline.in_words(entry.changes)
    more = changed[CHANGES : 10 * CHANGES]
    left_out = len(changed) - CHANGES - len(more)
    return Row(entry.occurred_at, entry.received_at, entry, changed[:CHANGES], more, max(left_out, 0))


def _woven(events: list[Row], others: list[TimelineItem]) -> list[Row]:
    """Return both, the latest first; what has the same time as an event comes after it."""
    rows, others = [], list(others)
    for event in events:
        while others and others[0].at >= event.at:
            rows.append(_other(others.pop(0)))
        rows.append(event)
    rows += map(_other, others)
    day = None
    for row in rows:
        row_day = timezone.localtime(row.at).date()
        row.day = row_day if row_day != day else None
        day = row_day
    return rows


def _other(moment):
    return Row(moment.at, moment.received_at, moment=moment)
