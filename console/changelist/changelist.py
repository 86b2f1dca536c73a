"""What our lists share: leaves that cost the same however deep, an honest count, filters, and views to come back to."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.views import ChangeList

from console.changelist import filters, keyset
from console.models import SavedView
from console.request_values import parse_pk

AFTER, BEFORE = "after", "before"  # parameters of the address: the row beyond which the leaf begins
OLDEST = "end"
# Of the address, what is no part of a view.
PASSING = {AFTER, BEFORE, PAGE_VAR, "e", "all"}
MOST_VIEWS = 50  # of a list that one person sees
LONGEST_QUERY = 2000


class BoundedPaginator(Paginator):
    """Counts no further than MOST rows: a list of millions is searched and filtered, not counted."""

    MOST = 10_000

    @cached_property
    def counted(self) -> int:
        """Up to one more than MOST; in the list's order, so as to walk the index that its rows are read from."""
        return self.object_list.values("pk")[: self.MOST + 1].count()

    @cached_property
    def count(self):
        return min(self.counted, self.MOST)

    @property
    def is_cut(self) -> bool:
        return self.counted > self.MOST


class ConsoleList(ChangeList):
    """Leafed through from row to row where its order is made of columns; else by pages, up to a bound."""

    def get_queryset(self, request, exclude_parameters=None):
        self.cursors = {name: request.GET[name] for name in (AFTER, BEFORE) if request.GET.get(name)}
        for name in PASSING - {PAGE_VAR}:
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        for params in (self.params, self.filter_params):
            if ORDER_VAR in params:  # by one column, as an index is; a second one would sort millions
                order = params[ORDER_VAR]
                first = (order[0] if isinstance(order, list) else order).partition(".")[0]
                params[ORDER_VAR] = [first] if isinstance(order, list) else first
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request, queryset):
        if chosen := self._chosen_order():
            return chosen
        ordering = list(self.model_admin.get_ordering(request) or self._get_default_ordering())
        return ordering if queryset.order_by(*ordering).totally_ordered else [*ordering, "-pk"]

    def _chosen_order(self):
        _before, sign, index = self.params.get(ORDER_VAR, "").rpartition("-")
        place = parse_pk(index)
        if place is None or place >= len(self.list_display):
            return None
        column = self.list_display[place]
        if column not in self.sortable_by or not (name := self.get_ordering_field(column)):
            return None
        return [f"{sign}{name}"] if name in ("pk", "id") else [f"{sign}{name}", f"{sign}pk"]

    def get_results(self, request):
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.terms = None if self.query else keyset.terms_of(self.queryset)
        self.newer = self.older = self.oldest = self.newest = None  # links
        rows = self._leaf() if self.terms else self._page()
        self.model_admin.complete(rows)
        self.result_list = rows
        is_whole = not (self.newer or self.older)
        if is_whole:
            self.paginator.counted = len(rows)
        self.result_count = self.paginator.count
        self.multi_page = not is_whole
        self.show_full_result_count = self.can_show_all = self.show_all = False
        self.full_result_count = self.result_count  # so that Unfold's header says no number
        self.show_admin_actions = bool(rows)

    def _leaf(self):
        size = self.list_per_page
        backwards = BEFORE in self.cursors
        terms = [term.reverse() for term in self.terms] if backwards else self.terms
        cursor = self.cursors.get(BEFORE) or self.cursors.get(AFTER)
        try:
            values = keyset.values_at(self.terms, cursor) if cursor and cursor != OLDEST else None
        except keyset.NoCursor:
            backwards, terms, values = False, self.terms, None
        rows = keyset.rows_beyond(self.queryset, terms, values, size + 1)
        is_more = len(rows) > size
        if backwards and not is_more:  # the beginning, as a whole leaf
            backwards, values = False, None
            rows = keyset.rows_beyond(self.queryset, self.terms, None, size + 1)
            is_more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        has_newer, has_older = (is_more, values is not None) if backwards else (values is not None, is_more)
        if has_newer:
            self.newest = self.get_query_string()
            self.newer = self._link(BEFORE, rows[0]) if rows else self.newest
        if has_older and rows:
            self.older = self._link(AFTER, rows[-1])
            self.oldest = self.get_query_string({BEFORE: OLDEST})
        return rows

    def _link(self, name, row):
        return self.get_query_string({name: keyset.cursor_of(self.terms, row)})

    def _page(self):
        """What is searched has an order of its own, and is found up to a bound."""
        size = self.list_per_page
        self.page_num = max(1, min(self.page_num, self.paginator.MOST // size))
        start = (self.page_num - 1) * size
        rows = list(self.queryset[start : start + size + 1])
        if self.page_num > 1:
            self.newest = self.get_query_string()
            self.newer = self.get_query_string({PAGE_VAR: self.page_num - 1})
        if len(rows) > size and self.page_num < self.paginator.MOST // size:
            self.older = self.get_query_string({PAGE_VAR: self.page_num + 1})
        return rows[:size]

    @property
    def count_in_words(self) -> str:
        count = number_format(self.result_count, force_grouping=True)
        if self.paginator.is_cut:
            return _("More than %(count)s; counted no further.") % {"count": count}
        return ngettext("%(count)s row", "%(count)s rows", self.result_count) % {"count": count}

    @property
    def active_filters(self) -> int:
        return sum(bool(getattr(spec, "used_parameters", None)) for spec in self.filter_specs)

    @property
    def kept_params(self) -> list[tuple[str, str]]:
        """What the form of the filters has to keep of the address: search, order, and what none of them knows."""
        own = {name for spec in self.filter_specs for name in spec.expected_parameters()}
        return [
            (name, value)
            for name, values in self.filter_params.items()
            if name not in own
            for value in (values if isinstance(values, list) else [values])
        ]


def normalised(query: str) -> str:
    """Return a query string without what is empty or passing, in one order, so that two of them can be compared."""
    pairs = parse_qsl(query.removeprefix("?"), max_num_fields=100)
    return urlencode(sorted((name, value) for name, value in pairs if value and name not in PASSING))


@dataclass(frozen=True)
class View:
    """A tab over a list."""

    name: str | Promise
    query: str
    id: int | None = None  # None: it is built in
    is_mine: bool = False
    is_shared: bool = False
    is_current: bool = False


_views: dict[str, list[View]] = {}


def register(model: str, view: View) -> None:
    """Give the list of another app's model ("orders.job") a view, from AppConfig.ready."""
    _views.setdefault(model, []).append(view)


class ListAdmin:
    """A ModelAdmin whose list has our filters, leaves and views; `views` are those that are built in."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_disable_select_all = True  # it would say a number that nobody counted
    change_list_template = "admin/list/page.html"
    sortable_by = ()  # columns that an index has in their order
    views: list[View] = []

    def get_changelist(self, request, **kwargs):
        return ConsoleList

    def get_list_tools(self, request) -> list[str]:
        """Return the templates of what stands beside the search."""
        return []

    def complete(self, rows: list) -> None:
        """Give the rows of a leaf what their columns show and is got at once for all of them."""

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), *filters.registered(self.opts.label_lower)]

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_view"
        return [path("view/", self.admin_site.admin_view(require_POST(self.save_view)), name=name), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        query = normalised(request.META.get("QUERY_STRING", "")[:LONGEST_QUERY])
        views = self._views(request, query)
        context = {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "views": views,
            "view": next((view for view in views if view.is_current), None),
            "view_query": query,
            "may_share": request.user.has_perm("console.share_savedview"),
            "list_tools": self.get_list_tools(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def _views(self, request, query) -> list[View]:
        label = self.opts.label_lower
        built_in = [View(_("All"), ""), *self.views, *_views.get(label, [])]
        saved = SavedView.objects.filter(Q(user=request.user) | Q(is_shared=True), model=label)[:MOST_VIEWS]
        views = [(str(view.name), view.query, None, False, False) for view in built_in]
        views += [(row.name, row.query, row.pk, row.user_id == request.user.pk, row.is_shared) for row in saved]
        return [View(*view, is_current=normalised(view[1]) == query) for view in views]

    def save_view(self, request):
        """Save the present filters under a name, or change or delete a view: one's own, or a shared one by who may."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = normalised(request.POST.get("query", "")[:LONGEST_QUERY])
        name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:60]
        may_share = request.user.has_perm("console.share_savedview")
        views = SavedView.objects.filter(model=self.opts.label_lower)
        mine = views.filter(user=request.user)
        id = request.POST.get("id", "")
        if id:
            allowed = views.filter(Q(user=request.user) | Q(is_shared=True)) if may_share else mine
            view = allowed.filter(pk=parse_pk(id)).first()
            if view is None:
                raise PermissionDenied
            if "delete" in request.POST:
                view.delete()
                messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
                return self._to_list(query)
        else:
            view = mine.filter(name=name).first() or SavedView(user=request.user, model=self.opts.label_lower)
            view.query = query
        taken = views.filter(user=view.user, name=name).exclude(pk=view.pk)
        if not name:
            messages.error(request, _("A view needs a name."))
        elif taken.exists():
            messages.error(request, _("There is a view “%(name)s” already.") % {"name": name})
        elif view.pk is None and mine.count() >= MOST_VIEWS:
            messages.error(request, _("More than %(count)s views are too many.") % {"count": MOST_VIEWS})
        else:
            view.name = name
            if may_share:
                view.is_shared = "shared" in request.POST
            view.save()
            messages.success(request, _("The view “%(name)s” is saved.") % {"name": name})
            query = view.query
        return self._to_list(query)

    def _to_list(self, query):
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
