"""Jobs: found in a second, understood in five."""

import json

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from config.admin import PageAdmin
from config.times import between, day_and_time
from orders import search, timeline, values
from orders.models import Job
from orders.templatetags.jobs import status
from webhooks import deep_links, providers
from webhooks.models import Event

# For the filters: what is listed in a filter is not looked for in a million rows. Other codes are shown all the same.
STATUSES = ["CREATED", "PROCESSING", "FINISHED", "CANCELLED", "REFUSED"]
MODELS = [
    "FULL_SERVICE",
    "PICK_AND_COLLECT",
    "PICK_AND_COLLECT_NO_TRANSFER",
    "PICK_AND_DELIVERY",
    "PICK_AND_DELIVERY_WITH_STORAGE",
    "PICK_AND_DELIVERY_WITH_STORAGE_NO_TRANSFER",
]


class CodeFilter(admin.SimpleListFilter):
    codes: list[str]

    def lookups(self, request, model_admin):
        return [(code, timeline.words(code)) for code in self.codes]

    def queryset(self, request, queryset):
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class StatusFilter(CodeFilter):
    title = "status"
    parameter_name = "status"
    codes = STATUSES


class ModelFilter(CodeFilter):
    title = "operational model"
    parameter_name = "operational_model"
    codes = MODELS


class SlotFilter(admin.SimpleListFilter):
    title = "slot"
    parameter_name = "slot"

    def lookups(self, request, model_admin):
        return [("today", "Today"), ("under-way", "Under way"), ("late", "Over, and not finished")]

    def queryset(self, request, queryset):
        if self.value() == "today":
            return queryset.filter(slot_from__date=timezone.localdate())
        if self.value() == "under-way":
            return queryset.under_way()
        if self.value() == "late":
            return queryset.late()
        return queryset


@admin.register(Job)
class JobAdmin(PageAdmin):
    list_display = ["reference", "colored_status", "model_in_words", "store", "customer", "slot", "last_event"]
    list_filter = [StatusFilter, ModelFilter, SlotFilter]
    search_fields = ["client_reference"]  # the box shows where there is one; get_search_results does the work
    search_help_text = "Reference, job id, phone in any spelling or its last digits, e-mail, or the customer's name"
    ordering = ["-last_event_at", "-id"]
    page_template = "admin/orders/job/page.html"

    def get_queryset(self, request):
        return super().get_queryset(request).defer("snapshot")

    def get_search_results(self, request, queryset, search_term):
        return search.jobs(queryset, search_term), False

    def get_page(self, request, job):
        return page(job)

    @display(description="reference", ordering="client_reference")
    def reference(self, job):
        return str(job)

    @admin.display(description="status")
    def colored_status(self, job):
        return status(job.status)

    @admin.display(description="model")
    def model_in_words(self, job):
        return timeline.words(job.operational_model)

    @admin.display(description="store")
    def store(self, job):
        return f"{job.store_name} {job.store_reference}".strip()

    @admin.display(description="customer")
    def customer(self, job):
        return format_html("{}<br><span class='desk-quiet'>{}</span>", job.recipient_name, job.recipient_phone_number)

    @admin.display(description="slot")
    def slot(self, job):
        return slot_in_words(job)

    @admin.display(description="last event", ordering="last_event_at")
    def last_event(self, job):
        label = providers.registry()[job.provider].describe(job.last_event_type).label
        return format_html("{}<br><span class='desk-quiet'>{}</span>", label, day_and_time(job.last_event_at))


def slot_in_words(job) -> str:
    return between(job.slot_from, job.slot_to) if job.slot_from and job.slot_to else "–"


def page(job: Job) -> dict:
    """Return what the job's page shows."""
    items = list(job.items.all())
    names = {item.external_id: item for item in items}
    entries = list(job.timeline.prefetch_related("status_changes").order_by("-position"))
    received = dict(Event.objects.filter(pk__in=[entry.event_id for entry in entries]).values_list("pk", "received_at"))
    for entry in entries:
        entry.job = job
        entry.changed = timeline.in_words(entry.changes)
        entry.received_at = received.get(entry.event_id)
    for item in items:
        item.replaced_by = _named(item.replacements, names)
        item.replaces = _named(item.replacing_to, names)
    return {
        "job": job,
        "value": values.Job.model_validate(job.snapshot),
        "slot": slot_in_words(job),
        "lateness": lateness(job),
        "last_event": providers.registry()[job.provider].describe(job.last_event_type),
        "items": items,
        "missing": [item for item in items if item.status == "NOT_FOUND" and not item.removed],
        "tasks": [_with_delays(task) for task in job.tasks.select_related("resource").prefetch_related("steps")],
        "packages": job.packages.all(),
        "snapshot": json.dumps(job.snapshot, indent=2, ensure_ascii=False),
        "entries": entries,
        "deep_link": deep_links.link(
            job.received_through.deep_link, job_id=job.external_id, client_reference=job.client_reference
        ),
    }


def _named(ids, names):
    """`ids` is whatever the provider wrote there; what is none of the names stays as it is."""
    if not isinstance(ids, list):
        return []
    return [names.get(id, id) if isinstance(id, str) else id for id in ids]


def lateness(job):
    """Return how long after its slot's end the job ended, or still goes on; None where it is in time or cancelled."""
    if job.slot_to is None or job.status in ("CANCELLED", "REFUSED"):
        return None
    until = job.last_event_at if job.status == "FINISHED" else timezone.now()
    return until - job.slot_to if until > job.slot_to else None


def _with_delays(task):
    task.all_steps = list(task.steps.all())
    for step in task.all_steps:
        step.delay = step.actual_end - step.optimal_end if step.actual_end and step.optimal_end else None
        step.is_late = step.delay is not None and step.delay.total_seconds() >= 60
    return task
