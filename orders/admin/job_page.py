"""The page of a job: what to tell the customer, the job's parts and its history, now or as of any of its events."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from console.formatting.durations import format_duration
from console.live_updates import Live
from console.request_values import parse_pk
from orders import as_of, customer_answer, timeline
from orders.admin import job_items, job_money, job_places, job_tasks
from orders.admin.job_history import MAX_CHANGES, build_history
from orders.job_panels import job_panels
from orders.labels import format_slot
from orders.lateness import FINAL_STATUSES
from orders.models import Job, TimelineEntry
from orders.situation import build_situation
from webhooks import deep_links, providers
from webhooks.payloads import jobs
from webhooks.providers.base import EventType

MAX_RAW = 200_000  # characters of the snapshot
REFRESH_SECONDS = 5


@dataclass(frozen=True)
class AsOfView:
    """The event as of which the page shows the job, among the job's events."""

    entry: TimelineEntry
    event_type: EventType
    number: int  # from 1
    previous: str | None  # event ids
    next: str | None
    changes: list[timeline.PartChanges]
    job: as_of.JobAsOf

    @property
    def is_first(self) -> bool:
        return self.number == 1


def build_live(request: HttpRequest, job: Job) -> Live | None:
    """Return the version of the page and how often it refreshes, never for a job that is over; None for the past."""
    if request.GET.get("at") or request.GET.get("n"):
        return None
    newest = job.timeline.order_by().aggregate(newest=Max("pk"))["newest"]
    versions = [panel.get_version(job) for panel in job_panels.for_user(request.user)]
    return Live(f"{job.position} {newest} {versions}", seconds=0 if job.status in FINAL_STATUSES else REFRESH_SECONDS)


def build_page_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Return the context of the page; `?at=` (an event's id) or `?n=` (its number) shows the job as of that event."""
    count = job.timeline.count()
    entry = _chosen_entry(request, job, count)
    panels = job_panels.for_user(request.user)
    context = {
        "job": job,
        "count": count,
        "deep_link": deep_links.build_link(
            job.received_through.deep_link, job_id=job.external_id, client_reference=job.client_reference
        ),
        "history": build_history(request, job, entry, panels),
        "panels": [(panel.template, panel.get_context(job)) for panel in panels],
        "last_event": providers.registry()[job.provider].describe(entry.type if entry else job.last_event_type),
        "last_event_at": entry.occurred_at if entry else job.last_event_at,
    }
    if entry is None:
        problems = [problem for panel in panels for problem in panel.get_problems(job)]
        return context | _snapshot_context(job, job.snapshot, timezone.now(), None, problems)
    at = _as_of_view(job, entry)
    context["at"] = at
    if at.job.state is None:
        return context
    return context | _snapshot_context(job, at.job.state, entry.occurred_at, entry, [])


def _snapshot_context(
    job: Job, snapshot: dict[str, Any], now: datetime, entry: TimelineEntry | None, problems: Iterable[str]
) -> dict[str, Any]:
    """Return the part of the context that a snapshot gives; `problems` are those that other apps see."""
    value = jobs.Job.model_validate(snapshot)
    situation = build_situation(value, now, entry.occurred_at if entry else job.last_event_at)
    items = job_items.build_items(value, job_items.additions(job, entry) if value.job_items else {})
    people = job_tasks.build_people(job, value)
    payment_info = value.payment_info or jobs.PaymentInfo()
    raw = json.dumps(snapshot, indent=2, ensure_ascii=False)
    return {
        "value": value,
        "situation": situation,
        "answer": customer_answer.write_answer(situation),
        "problems": [*customer_answer.find_problems(situation), *problems],
        "slot": format_slot(situation.slot_from, situation.slot_to, now),
        "late": format_duration(situation.late_by, "min") if situation.late_by else "",
        "items": items[: job_items.MAX_PARTS],
        "items_left_out": len(items) - job_items.MAX_PARTS,
        "counts": job_items.count_items(items),
        "tasks": job_tasks.build_tasks(value, people, now, is_final=situation.is_final),
        "packages": job_items.build_packages(value),
        "amounts": job_money.build_amounts(value),
        "currency": payment_info.currency_code or "",
        "payment": payment_info.payment,
        "invoice": payment_info.invoice,
        "people": list(people.values()),
        "places": [
            job_places.build_place(_("From"), value.origin),
            job_places.build_place(_("To"), value.destination),
        ],
        "raw": raw[:MAX_RAW],
        "is_raw_cut": len(raw) > MAX_RAW,
    }


def _chosen_entry(request: HttpRequest, job: Job, count: int) -> TimelineEntry | None:
    """Return the event that the URL names; None if it names none of the job's."""
    if id := request.GET.get("at", ""):
        return job.timeline.filter(external_id=id[:200]).first()
    number = parse_pk(request.GET.get("n", ""))
    if number is not None and count:
        return job.timeline.order_by("position")[min(max(number, 1), count) - 1]
    return None


def _as_of_view(job: Job, entry: TimelineEntry) -> AsOfView:
    earlier = job.timeline.filter(position__lt=entry.position).order_by("-position")
    later = job.timeline.filter(position__gt=entry.position).order_by("position")
    return AsOfView(
        entry=entry,
        event_type=providers.registry()[job.provider].describe(entry.type),
        number=earlier.count() + 1,
        previous=earlier.values_list("external_id", flat=True).first(),
        next=later.values_list("external_id", flat=True).first(),
        changes=timeline.describe_changes(entry.changes)[: 2 * MAX_CHANGES],
        job=as_of.job_as_of(job, entry),
    )
