"""The list of events: its columns, filters and views; the pages of one are registered here."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.datetimes import day_and_time
from console.modeladmin import DetailPageAdmin
from webhooks import labels
from webhooks.admin import event_page, search
from webhooks.admin.conflicts import ConflictView
from webhooks.admin.filters import SourceFilter
from webhooks.admin.replay import ReplayView, replay
from webhooks.models import Event
from webhooks.processing import projections

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise, WithAnnotations

    class _OfPage(TypedDict):
        about: str | None  # the label of the event's subject

    type ListedEvent = WithAnnotations[Event, _OfPage]


class StatusFilter(filters.ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return Event.Status.choices

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value)


class TypeFilter(filters.TextFilter):
    """The event type in the provider's spelling."""

    title = _("type")
    parameter_name = "type"

    def suggestions(self) -> list[str]:
        return filters.distinct_values(Event, "type")

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value)


class EventReceivedFilter(filters.DateTimeRangeFilter):
    title = _("received")
    parameter_name = "received"
    column = "received_at"


class ErrorFilter(filters.TextFilter):
    """Part of an error message; the suggestions are the most frequent of the latest."""

    title = _("error")
    parameter_name = "error"
    placeholder = _("Any part of it")
    FAILED = [Event.Status.DEAD, Event.Status.RETRYING]  # other events have no error; these have an index

    def suggestions(self) -> list[str]:
        latest = Event.objects.filter(status__in=self.FAILED).order_by("-id").values_list("error", flat=True)[:200]
        return [error for error, _count in Counter(error[:120] for error in latest).most_common(20)]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status__in=self.FAILED, error__icontains=self.value)


@admin.register(Event)
class EventAdmin(DetailPageAdmin):
    page_template = "admin/webhooks/event/page.html"
    actions = [replay]
    list_display = ["id", "label", "colored_status", "about", "source", "received", "occurred", "delivery_count"]
    list_display_links = ["id", "label"]
    list_filter = [SourceFilter, TypeFilter, StatusFilter, ErrorFilter, EventReceivedFilter]
    sortable_by = ["id", "received"]
    views = [
        View(_("Dead"), "status=dead"),
        View(_("In conflict"), "status=conflict"),
        View(_("Waiting"), "status=pending"),
        View(_("Retrying"), "status=retrying"),
        View(_("Ignored"), "status=ignored"),
    ]
    export_columns = [
        Column(_("number"), "id"),
        Column(_("source"), "source__slug"),
        Column(_("type"), "type"),
        Column(_("provider's event ID"), "external_id"),
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
    search_help_text = _("An event ID, the provider's event ID, or a subject such as a job ID")
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        queryset: QuerySet[Event] = super().get_queryset(request)
        is_list = request.resolver_match and (request.resolver_match.url_name or "").endswith("changelist")
        return queryset.defer("body", "headers", "error") if is_list else queryset

    def get_urls(self) -> list[URLPattern]:
        views = (ReplayView, ConflictView, event_page.EventBodyView)
        return [*(view.as_url(self) for view in views), *super().get_urls()]

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_event")

    def get_list_tools(self, request: HttpRequest) -> list[str]:
        tools = ["admin/webhooks/event/replay_tool.html"] if self.has_replay_permission(request) else []
        return [*tools, *super().get_list_tools(request)]

    def get_page(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        return event_page.build_event_context(event, may_replay=self.has_replay_permission(request))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        # Within a time range, by time: by ID, PostgreSQL would read all events since then.
        if request.GET.get("received_from") or request.GET.get("received_to"):
            return ["-received_at", "-id"]
        return self.ordering

    @admin.display(description=_("event"))
    def label(self, event: Event) -> "StrOrPromise":
        return event.label

    @admin.display(description=_("status"))
    def colored_status(self, event: Event) -> SafeString:
        return labels.event_badge(event)

    def annotate_page(self, events: list["ListedEvent"]) -> None:
        names = projections.labels({(event.source, event.subject) for event in events})
        for event in events:
            event.about = names.get((event.source, event.subject))

    @admin.display(description=_("subject"))
    def about(self, event: "ListedEvent") -> str:
        if not event.about:
            return event.subject or "–"
        return format_html("<bdi title='{}'>{}</bdi>", event.subject, " ".join(event.about.split()))

    @admin.display(description=_("received"), ordering="received_at")
    def received(self, event: Event) -> str:
        return day_and_time(event.received_at)

    @admin.display(description=_("occurred"))
    def occurred(self, event: Event) -> str:
        return day_and_time(event.occurred_at)
