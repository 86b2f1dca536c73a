"""What a job's values say, as its page shows it: items, tasks, people, money and places."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from console.formatting.durations import format_duration
from console.formatting.text import collapse_whitespace
from orders.customer_answer import ids_of, is_removed, name_of
from orders.labels import words
from orders.models import Job, Resource
from webhooks.payloads import jobs

MOST = 300  # of items, packages and people
ADDITIONS = 200  # events that added items
MOST_ON_A_MAP = 500  # characters of an address
NEARLY = timedelta(minutes=1)  # as good as in time

# Items


@dataclass
class Item:
    value: jobs.JobItem
    name: str
    rank: int  # what support has to talk about comes first
    is_removed: bool
    replaced_by: list[dict]
    instead_of: list[str]
    added: str  # when and by whom it was added later
    found_less: bool
    packages: list[str]


def items_of(job: jobs.Job, added: dict) -> list[Item]:
    """Return the items: missing, replaced, added later, the others as they were ordered, those taken off."""
    known = {item.id: item for item in job.job_items}
    packed = defaultdict(list)
    for package in job.packages:
        for id in ids_of(package.items):
            packed[id].append(collapse_whitespace(package.name) or package.id)
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
            _("Added {when} by {who}").format(when=when, who=words(by)) if by else _("Added {when}").format(when=when)
        )
    elif by:
        added = _("Added by {who}").format(who=words(by))
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
        name=collapse_whitespace(item.name) or item.id,
        rank=rank,
        is_removed=removed,
        replaced_by=[_replacement(item, known.get(id), id) for id in ids_of(item.replacements)],
        instead_of=[
            (collapse_whitespace(known[id].name) or id) if id in known else id for id in ids_of(item.replacing_to)
        ],
        added=added,
        found_less=found_less,
        packages=packages,
    )


def _replacement(item, other, id):
    if other is None:
        return {"name": id, "price": None, "difference": None}
    known = other.price is not None and item.price is not None
    return {
        "name": collapse_whitespace(other.name) or id,
        "price": other.price,
        "difference": other.price - item.price if known else None,
        "quantity": other.found_quantity if other.found_quantity is not None else other.quantity,
        "unit": other.unit or "",
    }


def added_later(job, entry) -> dict[tuple[str, int], datetime]:
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


def counts(items) -> dict:
    kept = [item for item in items if not item.is_removed]
    return {
        "all": len(kept),
        "missing": sum(item.value.status == "NOT_FOUND" for item in kept),
        "replaced": sum(item.value.status == "REPLACED" for item in kept),
        "added": sum(bool(item.added) for item in kept),
        "removed": len(items) - len(kept),
    }


def packages_of(job: jobs.Job) -> list[dict]:
    names = {item.id: collapse_whitespace(item.name) or item.id for item in job.job_items}
    return [
        {
            "name": collapse_whitespace(package.name) or package.id,
            "reference": package.reference or "",
            "items": [names.get(id, id) for id in ids_of(package.items)][:MOST],
            "is_removed": is_removed(package),
        }
        for package in job.packages[:MOST]
    ]


# Tasks, steps and people


@dataclass
class Step:
    value: jobs.Step
    is_removed: bool
    verdict: str  # against the plan, in words
    is_late: bool
    is_early: bool
    planned: str = ""  # where its bar stands: a style
    actual: str = ""


def tasks_of(job: jobs.Job, people: dict, now: datetime, *, is_over: bool) -> list[dict]:
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
            "steps": [_step(step, start, end, now if goes_on else None, is_over=is_over) for step in task.steps],
            "now": _style(now, now, start, end) if goes_on else "",
        }
        for task in job.tasks
    ]


def _step(step, start, end, now, *, is_over):
    begun, ended = step.actual_start, step.actual_end
    late = None
    if ended and step.optimal_end:
        late = ended - step.optimal_end
    elif begun and now and step.optimal_end and now > step.optimal_end:
        late = now - step.optimal_end
    if late is None:
        verdict = "" if ended or not begun else _("no end was told") if is_over else _("goes on")
    elif late >= NEARLY:
        verdict = _("{time} late").format(time=format_duration(late, "min"))
    elif late <= -NEARLY:
        verdict = _("{time} early").format(time=format_duration(late, "min"))
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


def people_of(job: Job, value: jobs.Job) -> dict[str, dict]:
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
            if resource.position and (where := coordinates(resource.position)):
                person["map"] = map_link(where)
                person["seen_at"] = resource.last_update_position
        person["tasks"].append(task.type or "")
        is_doing = task.status == "DOING" or any(step.status == "DOING" for step in task.steps)
        person["has_it"] = person["has_it"] or (is_doing and not is_removed(task))
    nameless = [id for id, person in people.items() if not person["name"]]
    if nameless:
        for row in Resource.objects.filter(
            provider=job.provider, client_id=job.client_id, external_id__in=nameless[:MOST]
        ):
            people[row.external_id] |= {
                "name": str(row),
                "photo_url": row.photo_url,
                "phone": row.phone_number,
                "vehicle": row.vehicle_label,
            }
    return people


# Money and places


def money_of(job: jobs.Job) -> list[dict]:
    """Return each sum as it was ordered and as it is, with the difference."""
    before, after = job.original_prices or jobs.Prices(), job.updated_prices or jobs.Prices()
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


def place_of(title, place: jobs.Place | None) -> dict | None:
    if place is None:
        return None
    street = ", ".join(
        part for part in (collapse_whitespace(place.address), collapse_whitespace(place.address_two)) if part
    )
    city = " ".join(part for part in (collapse_whitespace(place.zip_code), collapse_whitespace(place.city)) if part)
    region = ", ".join(
        part for part in (city, collapse_whitespace(place.state), collapse_whitespace(place.country)) if part
    )
    address = ", ".join(part for part in (street, region) if part)
    where = coordinates(place) or address[:MOST_ON_A_MAP]
    return {
        "title": title,
        "name": collapse_whitespace(place.name),
        "reference": collapse_whitespace(place.store_reference),
        "street": street,
        "region": region,
        "description": collapse_whitespace(place.description),
        "address": address,
        "map": map_link(where) if where else "",
    }


def coordinates(place) -> str:
    """Return "latitude,longitude" of what has both, or "" where there is no such place on Earth."""
    if place.latitude is None or place.longitude is None or abs(place.latitude) > 90 or abs(place.longitude) > 180:
        return ""
    return f"{place.latitude:f},{place.longitude:f}"


def map_link(where: str) -> str:
    """Return the address of a map that shows a place: an address or "latitude,longitude"."""
    return f"https://www.google.com/maps/search/?api=1&query={quote(where, safe='')}"
