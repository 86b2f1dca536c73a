"""The list of jobs, its filters, views and export, and the page of a job."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.formatting.text import collapse_whitespace
from console.live_updates import Live
from console.modeladmin import DetailPageAdmin
from console.search import normalize
from orders import search
from orders.admin import job_page
from orders.labels import code_label, format_slot, status_badge
from orders.models import Job, JobQuerySet
from webhooks import providers


class JobStatusFilter(filters.DistinctValuesFilter):
    title = _("status")
    parameter_name = "status"

    def label_of(self, code: str) -> str:
        return code_label(code)


class OperationalModelFilter(filters.DistinctValuesFilter):
    title = _("operational model")
    parameter_name = "operational_model"

    def label_of(self, code: str) -> str:
        return code_label(code)


class StoreFilter(filters.TextFilter):
    """A store by its name, or by words of it in any spelling."""

    title = _("store")
    parameter_name = "store"
    placeholder = _("Name or part of it")

    def suggestions(self) -> list[str]:
        return filters.distinct_values(Job, "store_name")

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = filters.distinct_values(Job, "store_name")
        if self.value in known:
            return queryset.filter(store_name=self.value)
        words = normalize.name(self.value).split()
        matching = [store for store in known if words and all(word in normalize.name(store) for word in words)]
        return queryset.filter(store_name__in=matching or [self.value])


class SlotFilter(filters.LookupFilter):
    title = _("slot")
    parameter_name = "slot"
    lookups = {
        "today": (_("Today"), filters.on_day("slot_from", 0)),
        "tomorrow": (_("Tomorrow"), filters.on_day("slot_from", 1)),
        "under-way": (_("Under way"), lambda jobs: cast(JobQuerySet, jobs).under_way()),
        "late": (_("Late now"), lambda jobs: cast(JobQuerySet, jobs).late_now()),
    }


class SlotDaysFilter(filters.DayRangeFilter):
    title = _("day of the slot")
    parameter_name = "slot_day"
    column = "slot_from"


class EndedFilter(filters.RecentDayFilter):
    title = _("ended")
    parameter_name = "ended"
    column = "ended_at"


class MissingItemsFilter(filters.BooleanFilter):
    title = _("items are missing")
    parameter_name = "missing"

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(missing_items__gt=0)


@admin.register(Job)
class JobAdmin(DetailPageAdmin):
    list_display = ["reference", "colored_status", "customer", "slot", "store", "model_label", "last_event"]
    sortable_by = ["slot", "last_event"]
    list_filter = [
        JobStatusFilter,
        SlotFilter,
        SlotDaysFilter,
        StoreFilter,
        OperationalModelFilter,
        EndedFilter,
        MissingItemsFilter,
    ]
    views = [
        View(_("Under way"), "slot=under-way"),
        View(_("Late now"), "slot=late"),
        View(_("Today"), "slot=today"),
        View(_("Missing items today"), "missing=yes&slot=today"),
        View(_("Cancelled today"), "ended=today&status=CANCELLED"),
    ]
    export_columns = [
        Column(_("reference"), "client_reference"),
        Column(_("job id"), "external_id"),
        Column(_("client"), "client_id"),
        Column(_("status"), "status"),
        Column(_("operational model"), "operational_model"),
        Column(_("store"), "store_name"),
        Column(_("store number"), "store_reference"),
        Column(_("slot from"), "slot_from"),
        Column(_("slot to"), "slot_to"),
        Column(_("ended"), "ended_at"),
        Column(_("late"), "late"),
        Column(_("missing items"), "missing_items"),
        Column(_("customer"), "recipient_name"),
        Column(_("phone"), "recipient_phone_number"),
        Column(_("e-mail"), "recipient_email"),
        Column(_("payment method"), "payment_method"),
        Column(_("payment status"), "payment_status"),
        Column(_("to pay"), "payment_value"),
        Column(_("declared value"), "declared_value"),
        Column(_("currency"), "currency_code"),
        Column(_("cancelled by"), "cancellation_source"),
        Column(_("comment"), "job_comment"),
        Column(_("created"), "created_at"),
        Column(_("last event"), "last_event_type"),
        Column(_("time of the last event"), "last_event_at"),
    ]
    search_fields = ["client_reference"]
    find = staticmethod(search.find_jobs)
    search_help_text = _("Reference, job id, phone or its last digits, e-mail, delivery code, or the customer's name")
    ordering = ["-last_event_at", "-id"]
    page_template = "admin/orders/job/page.html"

    def get_queryset(self, request: HttpRequest) -> JobQuerySet:
        return cast(JobQuerySet, super().get_queryset(request)).defer("snapshot").with_lateness()

    def get_ordering(self, request: HttpRequest) -> list[str]:
        # Jobs under way are read as a queue: the latest first.
        return ["slot_to", "id"] if request.GET.get("slot") in ("late", "under-way") else self.ordering

    def get_page(self, request: HttpRequest, job: Job) -> dict[str, Any]:
        return job_page.build_page_context(request, job)

    def get_live(self, request: HttpRequest, job: Job) -> Live | None:
        return job_page.build_live(request, job)

    @admin.display(description=_("reference"))
    def reference(self, job: Job) -> str:
        return str(job)

    @admin.display(description=_("status"))
    def colored_status(self, job: Job) -> SafeString:
        badges = [status_badge(job.status)]
        if job.is_late:
            badges.append(badge(str(_("Late")), "amber"))
        if job.missing_items:
            missing = ngettext("%(count)s missing", "%(count)s missing", job.missing_items)
            badges.append(badge(missing % {"count": job.missing_items}, "red"))
        return format_html_join(" ", "{}", ((each,) for each in badges))

    @admin.display(description=_("model"))
    def model_label(self, job: Job) -> str:
        return code_label(job.operational_model)

    @admin.display(description=_("store"))
    def store(self, job: Job) -> SafeString:
        return _two_lines(job.store_name, job.store_reference)

    @admin.display(description=_("customer"))
    def customer(self, job: Job) -> SafeString:
        return _two_lines(collapse_whitespace(job.recipient_name), job.recipient_phone_number)

    @admin.display(description=_("slot"), ordering="slot_from")
    def slot(self, job: Job) -> str:
        return format_slot(job.slot_from, job.slot_to)

    @admin.display(description=_("last event"), ordering="last_event_at")
    def last_event(self, job: Job) -> SafeString:
        label = str(providers.registry()[job.provider].describe(job.last_event_type).label)
        return _two_lines(label, day_and_time(job.last_event_at))


def _two_lines(first: str, second: str) -> SafeString:
    return format_html("<bdi>{}</bdi><br><span class='desk-quiet'>{}</span>", first or "–", second)
