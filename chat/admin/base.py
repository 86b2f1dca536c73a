"""Base class of the admins of records that are shown as the provider sent them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.models import ProjectedModel
from console.formatting.invisible import mark_invisible
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import SourceFilter


class RecordAdmin(DetailPageAdmin):
    """A list by source; `label` is its first column."""

    list_filter = [SourceFilter]
    list_select_related = ["source"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectedModel]:
        records: QuerySet[ProjectedModel] = super().get_queryset(request)
        return records.defer("field_versions")

    @admin.display(description=_("name"))
    def label(self, record: ProjectedModel) -> SafeString:
        return mark_invisible(str(record))
