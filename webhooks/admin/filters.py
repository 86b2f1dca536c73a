"""Filters by source and provider, for the lists of all apps whose rows come from a source."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.changelist import filters
from console.request_values import parse_pk
from webhooks import providers
from webhooks.models import Source


class SourceFilter(filters.ChoiceFilter):
    title = _("source")
    parameter_name = "source"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return [(str(pk), name) for pk, name in Source.objects.order_by("name", "pk").values_list("pk", "name")]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=pk) if (pk := parse_pk(self.value)) is not None else queryset.none()


class ProviderFilter(filters.ChoiceFilter):
    title = _("provider")
    parameter_name = "provider"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return providers.get_provider_choices()

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # By the sources' ids, which the indexes begin with.
        return queryset.filter(source__in=list(Source.objects.filter(provider=self.value).values_list("pk", flat=True)))


class SourceProviderFilter(ProviderFilter):
    """The provider filter of the list of sources."""

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(provider=self.value)
