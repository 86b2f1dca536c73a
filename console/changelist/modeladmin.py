"""ListAdmin: a model admin whose list has the console's filters, pages and saved views."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from console.changelist.changelist import BoundedPaginator, ConsoleChangeList
from console.changelist.extensions import extensions_of
from console.changelist.saved_views import (
    SavedViewForm,
    View,
    changeable_views,
    may_share,
    normalize_query,
    views_of,
)
from console.models import SavedView
from console.request_values import parse_pk


class ListAdmin(ModelAdmin):
    """A model admin whose list has the console's look; `views` are the built-in tabs over it."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_disable_select_all = True  # it would show a number that nobody counted
    change_list_template = "admin/list/page.html"
    sortable_by: Sequence[str] = ()  # columns that have an index in their order
    views: Sequence[View] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsoleChangeList]:
        return ConsoleChangeList

    def get_list_tools(self, request: HttpRequest) -> list[str]:
        """Return the templates of the tools next to the search box."""
        return []

    def annotate_page(self, rows: list[Any]) -> None:
        """Set on a page's rows the values that their columns show and that one query reads for all of them."""

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        extensions = extensions_of(self.opts.label_lower)
        return [*super().get_list_filter(request), *(one for extension in extensions for one in extension.filters)]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_view"
        return [path("view/", self.admin_site.admin_view(require_POST(self.save_view)), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = normalize_query(request.META.get("QUERY_STRING", ""))
        label = self.opts.label_lower
        registered = [view for extension in extensions_of(label) for view in extension.views]
        views = views_of(request.user, label, [View(_("All"), ""), *self.views, *registered], query)
        context = {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "views": views,
            "view": next((view for view in views if view.is_current), None),
            "view_query": query,
            "may_share": may_share(request.user),
            "list_tools": self.get_list_tools(request),
        }
        response: HttpResponse = super().changelist_view(request, context | (extra_context or {}))
        return response

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """Save the current filters as a view, or change or delete a view."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query, label = normalize_query(request.POST.get("query", "")), self.opts.label_lower
        if id := request.POST.get("id"):
            view = changeable_views(request.user, label).filter(pk=parse_pk(id) or 0).first()
            if view is None:
                raise PermissionDenied
        else:
            view = SavedView(user_id=cast(int, request.user.pk), model=label, query=query)
        if view.pk and "delete" in request.POST:
            view.delete()
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
            return self._redirect_to_list(query)
        form = SavedViewForm(request.POST, instance=view, may_share=may_share(request.user))
        if form.is_valid():
            view = form.save()
            messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
            query = view.query
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return self._redirect_to_list(query)

    def _redirect_to_list(self, query: str) -> HttpResponse:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
