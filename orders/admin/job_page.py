"""The page of a job: answers at once, then tells the story; now, or as it stood after any of its events."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from django.db.models import F, Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.live import Live
from orders import answer, beside, moments, timeline, values
from orders.answer import ids_of, is_removed, name_of, tidy
from orders.models import FINAL, Job, Resource, TimelineEntry
from webhooks import deep_links, providers

# What a page shows at most, however much there is of it.
STORY = 40  # events
MESSAGES = 60  # of other apps, among those events
CHANGES = 8  # things that an event changed
ITEMS = 300
RAW = 200_000  # characters of the snapshot
ADDITIONS = 200  # events that added items
NEARLY = timedelta(minutes=1)  # as good as in time
DELAYED = timedelta(minutes=2)  # between sending and receiving


def live(request, job: Job) -> Live | None:
    """Return how the page keeps itself up to date: until the job is over, and not where it shows what was."""
    if _is_past(request):
        return None
    newest = job.timeline.order_by().aggregate(newest=Max("pk"))["newest"]
    versions = [one.version(job) for one in beside.seen_by(request.user)]
    return Live(f"{job.position} {newest} {versions}", seconds=0 if job.status in FINAL else 5)


def page(request, job: Job) -> dict:
    """Return what the page shows: of `?at=` (an event's id) or `?n=` (its number) as the job stood after it."""
    count = job.timeline.count()
    entry = _chosen(request, job, count)
    seen = beside.seen_by(request.user)
    context = {
        "job": job,
        "count": count,
        "deep_link": deep_links.link(
            job.received_through.deep_link, job_id=job.external_id, client_reference=job.client_reference
        ),
        "story": _story(request, job, entry, seen),
        "beside": [(one.template, one.values(job)) for one in seen],
        "last_event": providers.registry()[job.provider].describe(entry.type if entry else job.last_event_type),
        "heard_at": entry.occurred_at if entry else job.last_event_at,
    }
    if entry is None:
        snapshot, now = job.snapshot, timezone.now()
        more = [problem for one in seen for problem in one.problems(job)]
    else:
        stood, now, more = moments.after(job, entry), entry.occurred_at, []
        snapshot = stood.state
        context["at"] = _at(job, entry, count) | {"stood": stood}
    if snapshot is None:
        return context
    return context | shown(job, snapshot, now, entry, more)


def shown(job: Job, snapshot: dict, now: datetime, entry: TimelineEntry | None = None, more=()) -> dict:
    """Return what a snapshot says, as the page shows it; `more` is what else is wrong."""
    value = values.Job.model_validate(snapshot)
    situation = answer.situation(value, now, entry.occurred_at if entry else job.last_event_at)
    added = _added(job, entry) if value.job_items else {}
    people = _people(job, value)
    payment_info = value.payment_info or values.PaymentInfo()
    raw = json.dumps(snapshot, indent=2, ensure_ascii=False)
    return {
        "value": value,
        "situation": situation,
        "answer": answer.answer(situation),
        "problems": [*answer.problems(situation), *more],
        "slot": answer.slot_in_words(situation.slot_from, situation.slot_to, now),
        "late": answer.span(situation.late_by) if situation.late_by else "",
        "items": (items := _items(value, added))[:ITEMS],
        "items_left_out": len(items) - ITEMS,
        "counts": _counts(items),
        "tasks": _tasks(value, people, now, is_over=situation.is_over),
        "packages": _packages(value),
        "money": _money(value),
        "currency": payment_info.currency_code or "",
        "payment": payment_info.payment,
        "invoice": payment_info.invoice,
        "people": list(people.values()),
        "places": [
            _place(_("From"), value.origin),
            _place(_("To"), value.destination),
        ],
        "raw": raw if len(raw) <= RAW else raw[:RAW],
        "is_raw_cut": len(raw) > RAW,
    }


# The moment


def _is_past(request):
    return bool(request.GET.get("at") or request.GET.get("n"))


def _chosen(request, job, count) -> TimelineEntry | None:
    """Return the event that the address names, or None where it names none of the job's."""
    if id := request.GET.get("at", "").replace("\x00", ""):
        return job.timeline.filter(external_id=id[:200]).first()
    number = request.GET.get("n", "")
    if number.isascii() and number.isdigit() and len(number) < 7 and count:
        return job.timeline.order_by("position")[min(max(int(number), 1), count) - 1]
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


def _story(request, job, at, seen) -> dict:
    """Return a page of events and what else happened between them, the latest first.

    `?before=` (an event's id) is where the page before this one ended.
    """
    entries = job.timeline.order_by("-position").annotate(received_at=F("event__received_at"))
    if at:
        entries = entries.filter(position__lte=at.position)
    id = request.GET.get("before", "").replace("\x00", "")
    cursor = job.timeline.filter(external_id=id[:200]).first() if id else None
    if cursor:
        entries = entries.filter(position__lt=cursor.position)
    found = list(entries[: STORY + 1])
    page, is_more = found[:STORY], len(found) > STORY
    rows = [_event(job, entry) for entry in page]
    end = cursor.occurred_at if cursor else at.occurred_at + timedelta(seconds=1) if at else None
    start = page[-1].occurred_at if is_more else None
    others = [moment for one in seen for moment in one.moments(job, start, end, MESSAGES + 1)]
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
    moment: beside.Moment | None = None
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


def _woven(events: list[Row], others: list[beside.Moment]) -> list[Row]:
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


# Items


@dataclass
class Item:
    value: values.JobItem
    name: str
    rank: int  # what support has to talk about comes first
    badge: str  # a code, or words
    colour: str
    is_removed: bool
    replaced_by: list[dict]
    instead_of: list[str]
    added: str  # when and by whom it was added later
    found_less: bool
    packages: list[str]


def _items(job: values.Job, added: dict) -> list[Item]:
    """Return the items: missing, replaced, added later, the others as they were ordered, those taken off."""
    known = {item.id: item for item in job.job_items}
    packed = defaultdict(list)
    for package in job.packages:
        for id in ids_of(package.items):
            packed[id].append(tidy(package.name) or package.id)
    seen = defaultdict(int)
    items = []
    for item in job.job_items:
        occurrence = seen[item.id]
        seen[item.id] += 1
        items.append(_item(item, known, added.get((item.id, occurrence)), packed.get(item.id, [])))
    return sorted(items, key=lambda item: item.rank)


def _item(item, known, added_at, packages):
    by = item.added_by if item.added_by and item.added_by != "CLIENT" else ""
    added = ""
    if added_at:
        when = date_format(timezone.localtime(added_at), "DAY_AND_TIME")
        added = (
            _("Added {when} by {who}").format(when=when, who=timeline.words(by))
            if by
            else _("Added {when}").format(when=when)
        )
    elif by:
        added = _("Added by {who}").format(who=timeline.words(by))
    removed = is_removed(item)
    found_less = (
        item.status == "FOUND"
        and item.quantity is not None
        and item.found_quantity is not None
        and item.found_quantity < item.quantity
    )
    if removed:
        rank = 5
    elif item.status == "NOT_FOUND":
        rank = 0
    elif item.status == "REPLACED":
        rank = 1
    elif added:
        rank = 2
    else:
        rank = 3 if found_less else 4
    return Item(
        value=item,
        name=tidy(item.name) or item.id,
        rank=rank,
        badge=item.status or "",
        colour="",
        is_removed=removed,
        replaced_by=[_replacement(item, known.get(id), id) for id in ids_of(item.replacements)],
        instead_of=[(tidy(known[id].name) or id) if id in known else id for id in ids_of(item.replacing_to)],
        added=added,
        found_less=found_less,
        packages=packages,
    )


def _replacement(item, other, id):
    if other is None:
        return {"name": id, "price": None, "difference": None}
    known = other.price is not None and item.price is not None
    return {
        "name": tidy(other.name) or id,
        "price": other.price,
        "difference": other.price - item.price if known else None,
        "quantity": other.found_quantity if other.found_quantity is not None else other.quantity,
        "unit": other.unit or "",
    }


def _added(job, entry) -> dict[tuple[str, int], datetime]:
    """Return when those items were added that did not come with the job's first event."""
    entries = job.timeline.filter(changes__contains=[{"kind": "item", "field": "added"}])
    if entry:
        entries = entries.filter(position__lte=entry.position)
    return {
        (change["id"], change["occurrence"]): occurred_at
        for occurred_at, changes in entries.order_by("-position").values_list("occurred_at", "changes")[:ADDITIONS]
        for change in changes
        if change["kind"] == "item" and change["field"] == "added"
    }


def _counts(items) -> dict:
    kept = [item for item in items if not item.is_removed]
    return {
        "all": len(kept),
        "missing": sum(item.value.status == "NOT_FOUND" for item in kept),
        "replaced": sum(item.value.status == "REPLACED" for item in kept),
        "added": sum(bool(item.added) for item in kept),
        "removed": len(items) - len(kept),
    }


def _packages(job: values.Job) -> list[dict]:
    names = {item.id: tidy(item.name) or item.id for item in job.job_items}
    return [
        {
            "name": tidy(package.name) or package.id,
            "reference": package.reference or "",
            "items": [names.get(id, id) for id in ids_of(package.items)][:ITEMS],
            "is_removed": is_removed(package),
        }
        for package in job.packages[:ITEMS]
    ]


# Tasks, steps and people


@dataclass
class Step:
    value: values.Step
    is_removed: bool
    verdict: str  # against the plan, in words
    is_late: bool
    is_early: bool
    planned: str = ""  # where its bar stands: a style
    actual: str = ""


def _tasks(job: values.Job, people: dict, now: datetime, *, is_over: bool) -> list[dict]:
    times = [
        time
        for task in job.tasks
        for step in task.steps
        for time in (step.optimal_start, step.optimal_end, step.actual_start, step.actual_end)
        if time
    ]
    goes_on = any(step.status == "DOING" for task in job.tasks for step in task.steps) and not is_over
    if goes_on and times:
        times.append(now)
    start, end = (min(times), max(times)) if times else (now, now)
    return [
        {
            "value": task,
            "who": people.get(_resource_id(task)),
            "is_removed": is_removed(task),
            "steps": [_step(step, start, end, now if goes_on else None) for step in task.steps],
            "now": _style(now, now, start, end) if goes_on else "",
        }
        for task in job.tasks
    ]


def _step(step, start, end, now):
    begun, ended = step.actual_start, step.actual_end
    late = None
    if ended and step.optimal_end:
        late = ended - step.optimal_end
    elif begun and now and step.optimal_end and now > step.optimal_end:
        late = now - step.optimal_end
    if late is None:
        verdict = _("goes on") if begun and not ended else ""
    elif late >= NEARLY:
        verdict = _("{time} late").format(time=answer.span(late))
    elif late <= -NEARLY:
        verdict = _("{time} early").format(time=answer.span(late))
    else:
        verdict = _("in time")
    return Step(
        value=step,
        is_removed=is_removed(step),
        verdict=verdict,
        is_late=late is not None and late >= NEARLY,
        is_early=late is not None and late <= -NEARLY,
        planned=_style(step.optimal_start or step.optimal_end, step.optimal_end, start, end),
        actual=_style(begun or ended, ended or now or begun, start, end),
    )


def _style(begins, ends, start, end) -> str:
    """Return where a bar from `begins` to `ends` stands between `start` and `end`."""
    if not begins or not ends:
        return ""
    whole = (end - start).total_seconds() or 1
    left = (begins - start).total_seconds() / whole * 100
    width = max((ends - begins).total_seconds() / whole * 100, 0)
    return f"left:{left:.2f}%;width:{width:.2f}%"


def _resource_id(task):
    return (task.resource and task.resource.id) or task.resource_id or ""


def _people(job: Job, value: values.Job) -> dict[str, dict]:
    """Return who picks or brings it, by their id, in the order of the tasks; what the job does not tell of them as
    other jobs do.
    """
    people = {}
    for task in value.tasks:
        id = _resource_id(task)
        if not id:
            continue
        person = people.setdefault(
            id, {"id": id, "name": "", "photo_url": "", "phone": "", "vehicle": "", "tasks": [], "has_it": False}
        )
        if resource := task.resource:
            person["name"] = person["name"] or name_of(resource)
            person["photo_url"] = person["photo_url"] or resource.photo_url or ""
            person["phone"] = person["phone"] or resource.phone_number or ""
            person["vehicle"] = person["vehicle"] or (resource.vehicle and resource.vehicle.label) or ""
            if resource.position and resource.position.latitude is not None and resource.position.longitude is not None:
                person["map"] = map_link(f"{resource.position.latitude},{resource.position.longitude}")
                person["seen_at"] = resource.last_update_position
        person["tasks"].append(task.type or "")
        is_doing = task.status == "DOING" or any(step.status == "DOING" for step in task.steps)
        person["has_it"] = person["has_it"] or (is_doing and not is_removed(task))
    nameless = [id for id, person in people.items() if not person["name"]]
    if nameless:
        for row in Resource.objects.filter(
            provider=job.provider, client_id=job.client_id, external_id__in=nameless[:ITEMS]
        ):
            people[row.external_id] |= {
                "name": str(row),
                "photo_url": row.photo_url,
                "phone": row.phone_number,
                "vehicle": row.vehicle_label,
            }
    return people


# Money and places


def _money(job: values.Job) -> list[dict]:
    """Return each sum as it was ordered and as it is, with the difference."""
    before, after = job.original_prices or values.Prices(), job.updated_prices or values.Prices()
    to_pay = after.payment_value if after.payment_value is not None else job.payment_value
    rows = [
        (_("Subtotal"), before.subtotal, after.subtotal),
        (_("Shipping"), before.shipping_fee, after.shipping_fee),
        (_("Discounts"), before.discounts, after.discounts),
        (_("Taxes"), before.taxes, after.taxes),
        (_("To pay"), before.payment_value, to_pay),
    ]
    return [
        {"label": label, "before": was, "now": now, "difference": _difference(was, now)}
        for label, was, now in rows
        if was is not None or now is not None or label == rows[-1][0]
    ]


def _difference(was: Decimal | None, now: Decimal | None) -> Decimal | None:
    return now - was if was is not None and now is not None and now != was else None


def _place(title, place: values.Place | None) -> dict | None:
    if place is None:
        return None
    street = ", ".join(part for part in (tidy(place.address), tidy(place.address_two)) if part)
    city = " ".join(part for part in (tidy(place.zip_code), tidy(place.city)) if part)
    region = ", ".join(part for part in (city, tidy(place.state), tidy(place.country)) if part)
    address = ", ".join(part for part in (street, region) if part)
    has_position = place.latitude is not None and place.longitude is not None
    where = f"{place.latitude},{place.longitude}" if has_position else address
    return {
        "title": title,
        "name": tidy(place.name),
        "reference": tidy(place.store_reference),
        "street": street,
        "region": region,
        "description": tidy(place.description),
        "address": address,
        "map": map_link(where) if where else "",
    }


def map_link(where: str) -> str:
    """Return the address of a map that shows a place: an address or "latitude,longitude"."""
    return f"https://www.google.com/maps/search/?api=1&query={quote(where, safe='')}"
