"""Base classes of the console's model admins: read-only lists, with Django's form or a page of their own."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from console.changelist.export import ExportAdmin
from console.formatting.invisible import replace_invisible
from console.live_updates import Live, not_modified
from console.search.query import SearchTerm
from console.search.ranking import Matches


class ReadOnlyAdmin(ExportAdmin):
    """For rows that only providers or the console itself write.

    `find` gives the matches of the list's search box, the same as the console's search; without it, Django's
    `search_fields` are searched.
    """

    find: "staticmethod[[SearchTerm], Matches] | None" = None
    actions: Any = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        find, term = type(self).find, SearchTerm.parse(search_term)
        if find is None or not term.text:
            results: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, search_term)
            return results
        matches = find(term)
        if matches.is_cut and request.method == "GET":
            messages.info(request, _("Only the newest matches are listed: add a word or digits to find older ones."))
        return queryset.filter(pk__in=matches.keys), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DetailPageAdmin(ReadOnlyAdmin):
    """A read-only model whose rows have a page of their own instead of a form."""

    page_template: str

    def get_page(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the context of `page_template`."""
        raise NotImplementedError

    def get_live(self, request: HttpRequest, obj: Any) -> Live | None:
        """Return the version of a page that updates itself, with a query or two; None for one that does not."""
        return None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            response: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return response
        live = self.get_live(request, obj)
        if unchanged := not_modified(request, live):
            return unchanged
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": replace_invisible(str(obj))}
        if not live:
            return TemplateResponse(request, self.page_template, context | self.get_page(request, obj))
        etag = live.etag(request)
        context |= {"live": live, "live_etag": etag}
        page = self.get_page(request, obj)
        return TemplateResponse(request, self.page_template, context | page, headers={"ETag": etag})
