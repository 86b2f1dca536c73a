"""Events: what came, what proved it, and what became of it."""

from collections import Counter

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.modeladmin import DetailPageAdmin
from webhooks.admin import event_page, search
from webhooks.admin.conflicts import ConflictView
from webhooks.admin.filters import SourceFilter
from webhooks.admin.replay import ReplayView, replay
from webhooks.labels import STATUS_COLOURS
from webhooks.models import Event
from webhooks.processing import projections


class StatusFilter(filters.ChoiceFilter):
    title = "status"
    parameter_name = "status"

    def options(self):
        return Event.Status.choices

    def apply(self, queryset):
        return queryset.filter(status=self.value)


class TypeFilter(filters.TextFilter):
    """As the provider calls it."""

    title = "type"
    parameter_name = "type"

    def suggestions(self):
        return filters.distinct_values(Event, "type")

    def apply(self, queryset):
        return queryset.filter(type=self.value)


class ReceivedFilter(filters.DateTimeRangeFilter):
    title = "received"
    parameter_name = "received"
    column = "received_at"


class ErrorFilter(filters.TextFilter):
    """Part of what an event failed with; suggested is what the latest failed with."""

    title = "error"
    parameter_name = "error"
    placeholder = "Any part of it"
    FAILED = [Event.Status.DEAD, Event.Status.RETRYING]  # the others have none, and these an index

    def suggestions(self):
        latest = Event.objects.filter(status__in=self.FAILED).order_by("-id").values_list("error", flat=True)[:200]
        return [error for error, _count in Counter(error[:120] for error in latest).most_common(20)]

    def apply(self, queryset):
        return queryset.filter(status__in=self.FAILED, error__icontains=self.value)


@admin.register(Event)
class EventAdmin(DetailPageAdmin):
    page_template = "admin/webhooks/event/page.html"
    actions = [replay]
    list_display = ["id", "label", "colored_status", "about", "source", "received", "occurred", "delivery_count"]
    list_display_links = ["id", "label"]
    list_filter = [SourceFilter, TypeFilter, StatusFilter, ErrorFilter, ReceivedFilter]
    sortable_by = ["id", "received"]
    views = [
        View("Dead", "status=dead"),
        View("In conflict", "status=conflict"),
        View("Waiting", "status=pending"),
        View("Tried again", "status=retrying"),
        View("Ignored", "status=ignored"),
    ]
    export_columns = [
        Column(_("number"), "id"),
        Column(_("source"), "source__slug"),
        Column(_("type"), "type"),
        Column(_("provider's event id"), "external_id"),
        Column(_("subject"), "subject"),
        Column(_("status"), "status"),
        Column(_("error"), "error"),
        Column(_("received"), "received_at"),
        Column(_("occurred"), "occurred_at"),
        Column(_("processed"), "processed_at"),
        Column(_("attempts"), "attempts"),
        Column(_("deliveries"), "delivery_count"),
        Column(_("verified by"), "auth_mode"),
        Column(_("remote address"), "remote_address"),
    ]
    list_select_related = ["source"]
    search_fields = ["subject"]
    find = staticmethod(search.events)
    search_help_text = "An event's number, the provider's id of it, or what it is about (a job's id)"
    ordering = ["-id"]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name.endswith("changelist")
        return queryset.defer("body", "headers", "error") if is_list else queryset

    def get_urls(self):
        views = (ReplayView, ConflictView, event_page.EventBodyView)
        return [*(view.as_url(self) for view in views), *super().get_urls()]

    def has_replay_permission(self, request):
        return request.user.has_perm("webhooks.change_event")

    def get_list_tools(self, request):
        tools = ["admin/webhooks/event/replay_tool.html"] if self.has_replay_permission(request) else []
        return [*tools, *super().get_list_tools(request)]

    def get_page(self, request, event):
        return event_page.build_context(event, may_replay=self.has_replay_permission(request))

    def get_ordering(self, request):
        # Within a time, in its order: the number's would read all that came since.
        if request.GET.get("received_from") or request.GET.get("received_to"):
            return ["-received_at", "-id"]
        return self.ordering

    @admin.display(description="event")
    def label(self, event):
        return event.label

    @admin.display(description="status")
    def colored_status(self, event):
        return badge(event.get_status_display(), STATUS_COLOURS[event.status])

    def annotate_page(self, events):
        names = projections.labels({(event.source, event.subject) for event in events})
        for event in events:
            event.about = names.get((event.source, event.subject))

    @admin.display(description="about")
    def about(self, event):
        if not event.about:
            return event.subject or "–"
        return format_html("<bdi title='{}'>{}</bdi>", event.subject, " ".join(event.about.split()))

    @admin.display(description="received", ordering="received_at")
    def received(self, event):
        return day_and_time(event.received_at)

    @admin.display(description="occurred")
    def occurred(self, event):
        return day_and_time(event.occurred_at)
