"""The list of rejections: its columns and filters; the pages of one are registered here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from console.changelist import filters
from console.changelist.export import Column
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.modeladmin import DetailPageAdmin
from webhooks.admin import rejection_page, search
from webhooks.admin.filters import SourceFilter
from webhooks.models import Rejection, Source
from webhooks.rejections.reasons import get_reason_label


# The number of stored rejections is bounded (webhooks/rejections/recorder.py), so that no filter needs an index.
class ReasonFilter(filters.ChoiceFilter):
    title = _("reason")
    parameter_name = "code"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        codes = Rejection.objects.order_by("code").values_list("code", flat=True).distinct()
        return [(code, get_reason_label(code)) for code in codes]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value)


class EndpointFilter(filters.ChoiceFilter):
    title = _("endpoint")
    parameter_name = "endpoint"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return Rejection.Endpoint.choices

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(endpoint=self.value)


class RejectionReceivedFilter(filters.DateTimeRangeFilter):
    title = _("received")
    parameter_name = "received"
    column = "received_at"


@admin.register(Rejection)
class RejectionAdmin(DetailPageAdmin):
    page_template = "admin/webhooks/rejection/page.html"
    list_display = ["received", "address", "colored_reason", "likely_cause", "remote_address"]
    list_filter = [SourceFilter, ReasonFilter, EndpointFilter, RejectionReceivedFilter]
    export_columns = [
        Column(_("received"), "received_at"),
        Column(_("address"), "slug"),
        Column(_("endpoint"), "endpoint"),
        Column(_("response status"), "status"),
        Column(_("reason"), "code"),
        Column(_("response"), "detail"),
        Column(_("likely cause"), "explanation"),
        Column(_("remote address"), "remote_address"),
        Column(_("body length in bytes"), "body_length"),
    ]
    list_select_related = ["source"]
    search_fields = ["slug"]
    search_help_text = _("A rejection ID, an address, or part of a body such as an event ID")
    find = staticmethod(search.rejections)
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rejection]:
        queryset: QuerySet[Rejection] = super().get_queryset(request)
        return queryset.defer("body", "headers")

    def get_urls(self) -> list[URLPattern]:
        return [rejection_page.RejectionBodyView.as_url(self), *super().get_urls()]

    def get_page(self, request: HttpRequest, rejection: Rejection) -> dict[str, Any]:
        return rejection_page.build_rejection_context(rejection)

    @admin.display(description=_("received"))
    def received(self, rejection: Rejection) -> str:
        return day_and_time(rejection.received_at)

    @admin.display(description=_("sent to"))
    def address(self, rejection: Rejection) -> Source | str:
        return rejection.source or f"/{rejection.slug}/"

    @admin.display(description=_("reason"))
    def colored_reason(self, rejection: Rejection) -> SafeString:
        return badge(f"{rejection.status} {get_reason_label(rejection.code)}", "red")

    @admin.display(description=_("likely cause"))
    def likely_cause(self, rejection: Rejection) -> str:
        return str(rejection.explanation) or rejection.detail
