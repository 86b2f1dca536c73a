"""The changelist of the console's lists: keyset pagination and a count that stops at a bound."""

from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.views import ChangeList

from console.changelist import keyset
from console.formatting.numbers import MAX_COUNT, BoundedCount
from console.request_values import parse_pk

AFTER, BEFORE = "after", "before"  # parameters of the address: cursor of the row next to the page
_NOT_FILTERS = {AFTER, BEFORE, "e", "all"}


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # no generic at run time
    """A paginator that counts no further than `max_count` rows: a list of millions is filtered, not counted."""

    max_count = MAX_COUNT

    @cached_property
    def bounded_count(self) -> BoundedCount:
        return BoundedCount.of(
            self.object_list,  # type: ignore[arg-type]
            self.max_count,
        )

    @cached_property
    def count(self) -> int:
        return self.bounded_count.shown


class ConsoleChangeList(ChangeList):
    """Reads its pages by keyset where its order is made of columns, else by number up to a bound."""

    page_num: int
    first_url = previous_url = next_url = last_url = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> QuerySet[Any]:
        self.cursors = {name: request.GET[name] for name in (AFTER, BEFORE) if request.GET.get(name)}
        for name in _NOT_FILTERS:
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        for params in (self.params, self.filter_params):
            if ORDER_VAR in params:  # by one column, as an index is; a second one would sort millions
                order = params[ORDER_VAR]
                first = (order[0] if isinstance(order, list) else order).partition(".")[0]
                params[ORDER_VAR] = [first] if isinstance(order, list) else first
        queryset: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return queryset

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        if chosen := self._chosen_order():
            return chosen
        ordering = list(self.model_admin.get_ordering(request) or self._get_default_ordering())
        return ordering if queryset.order_by(*ordering).totally_ordered else [*ordering, "-pk"]

    def _chosen_order(self) -> list[str] | None:
        _before, sign, index = self.params.get(ORDER_VAR, "").rpartition("-")
        place = parse_pk(index)
        if place is None or place >= len(self.list_display):
            return None
        column = self.list_display[place]
        if column not in self.sortable_by or not (name := self.get_ordering_field(column)):
            return None
        return [f"{sign}{name}"] if name in ("pk", "id") else [f"{sign}{name}", f"{sign}pk"]

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        columns = None if self.query else keyset.columns_of(self.queryset)
        rows = self._read_keyset_page(columns) if columns else self._read_numbered_page()
        self.model_admin.annotate_page(rows)
        self.result_list = rows
        self.multi_page = bool(self.previous_url or self.next_url)
        if not self.multi_page:
            self.paginator.bounded_count = BoundedCount(len(rows), self.paginator.max_count)
        self.result_count = self.paginator.count
        self.show_full_result_count = self.can_show_all = self.show_all = False
        self.full_result_count = self.result_count  # so that Unfold's header shows no number
        self.show_admin_actions = bool(rows)

    def _read_keyset_page(self, columns: keyset.Columns) -> list[Any]:
        cursors = {name: self.cursors.get(name, "") for name in (AFTER, BEFORE)}
        page = keyset.KeysetPage.read(self.queryset, columns, self.list_per_page, **cursors)
        rows = page.rows
        if page.has_previous:
            self.first_url = self.get_query_string()
            self.previous_url = self._url_beyond(BEFORE, columns, rows[0]) if rows else self.first_url
        if page.has_next:
            self.next_url = self._url_beyond(AFTER, columns, rows[-1])
            self.last_url = self.get_query_string({BEFORE: keyset.END})
        return rows

    def _url_beyond(self, parameter: str, columns: keyset.Columns, row: Any) -> str:
        url: str = self.get_query_string({parameter: keyset.cursor_of(columns, row)})
        return url

    def _read_numbered_page(self) -> list[Any]:
        """Return a page of a search's results, which have an order of their own and are found up to a bound."""
        size = self.list_per_page
        last = self.paginator.max_count // size
        self.page_num = max(1, min(self.page_num, last))
        start = (self.page_num - 1) * size
        rows = list(self.queryset[start : start + size + 1])
        if self.page_num > 1:
            self.first_url = self.get_query_string()
            self.previous_url = self.get_query_string({PAGE_VAR: self.page_num - 1})
        if len(rows) > size and self.page_num < last:
            self.next_url = self.get_query_string({PAGE_VAR: self.page_num + 1})
        return rows[:size]

    @property
    def count_text(self) -> str:
        """The number of rows as a sentence."""
        count = self.paginator.bounded_count
        if not count.is_complete:
            return _("More than %(count)s; counted no further.") % {"count": str(count).removesuffix("+")}
        return ngettext("%(count)s row", "%(count)s rows", count.number) % {"count": count}

    @property
    def active_filters(self) -> int:
        return sum(bool(getattr(spec, "used_parameters", None)) for spec in self.filter_specs)

    @property
    def hidden_parameters(self) -> list[tuple[str, str]]:
        """Parameters that the form of the filters passes on: search, order, and those that no filter knows."""
        own = {name for spec in self.filter_specs for name in spec.expected_parameters()}
        return [
            (name, value)
            for name, values in self.filter_params.items()
            if name not in own
            for value in (values if isinstance(values, list) else [values])
        ]
