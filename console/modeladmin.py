"""Base classes of the console's model admins."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from console.changelist.export import ExportAdmin
from console.formatting.invisible import replace_invisible
from console.live_updates import Live, not_modified
from console.search.query import SearchTerm
from console.search.ranking import Matches


class ReadOnlyAdmin(ExportAdmin):
    """For what providers tell: looked at, never changed by hand. `find` is what its search box finds, as the console's
    search does; search_fields only make it show.
    """

    find: Callable[[SearchTerm], Matches] | None = None

    actions = None

    def get_search_results(self, request, queryset, search_term):
        term = SearchTerm.parse(search_term)
        if self.find is None or not term.text:
            return super().get_search_results(request, queryset, search_term)
        found = self.find(term)
        if found.is_cut and request.method == "GET":
            messages.info(
                request, _("These are the newest of many that fit: add a word, or digits, to find older ones.")
            )
        return queryset.filter(pk__in=found.keys), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PageAdmin(ReadOnlyAdmin):
    """A read-only model whose rows have a page of their own instead of a form: `page_template`, and get_page()."""

    page_template: str

    def get_page(self, request, obj) -> dict:
        """Return the context that the template needs."""
        raise NotImplementedError

    def get_live(self, request, obj) -> Live | None:
        """Return how the page keeps itself up to date, at the cost of a query or two; None: it does not."""
        return None

    def change_view(self, request, object_id, form_url="", extra_context=None):
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
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
