"""Jobs: found in a second, understood in five."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from config.admin import PageAdmin
from config.times import between, day_and_time
from orders import search, timeline
from orders.admin import job_page
from orders.models import Job
from orders.templatetags.jobs import status
from webhooks import providers

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
    search_fields = ["client_reference"]
    find = staticmethod(search.find)
    search_help_text = "Reference, job id, phone or its last digits, e-mail, delivery code, or the customer's name"
    ordering = ["-last_event_at", "-id"]
    page_template = "admin/orders/job/page.html"

    def get_queryset(self, request):
        return super().get_queryset(request).defer("snapshot")

    def get_page(self, request, job):
        return job_page.page(request, job)

    def get_live(self, request, job):
        return job_page.live(request, job)

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
