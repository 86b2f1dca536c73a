"""What our admin pages share."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from config import preferences, search
from config.characters import plain, plain_page
from config.export import ExportAdmin
from config.lists import ListAdmin
from config.live import Live, not_modified
from config.login import LoginSite, console_csp
from config.matches import Matches
from config.terms import Term


class ConsoleSite(LoginSite):
    """The admin, allowed to load what its own pages need, with a search of our own instead of Unfold's palette: that
    one does not wait for a pause in the typing, knows no groups, and needs a script.
    """

    index_title = gettext_lazy("Overview")
    empty_value_display = "–"

    def get_urls(self):
        return [
            path("search/panel/", self.admin_view(self.search_panel), name="search_panel"),
            path("preferences/", self.admin_view(preferences.page), name="preferences"),
            *super().get_urls(),
        ]

    def each_context(self, request):
        return super().each_context(request) | {"search_box": search.box()}

    def search(self, request, extra_context=None):
        context = {**self.each_context(request), "title": _("Search"), **(extra_context or {})}
        return search.page(request, context)

    def search_panel(self, request):
        return search.panel(request)

    def admin_view(self, view, cacheable=False):
        return console_csp(_plain_pages(super().admin_view(view, cacheable)))


def _plain_pages(view):
    """No page shows characters that cannot be seen or that turn others, wherever it has a text from."""

    def plain_content(response):
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = plain_page(response.text).encode()

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if hasattr(response, "add_post_render_callback"):
            response.add_post_render_callback(plain_content)
        elif not response.streaming:
            plain_content(response)
        return response

    return wrapped


class ReadOnlyAdmin(ExportAdmin, ListAdmin, ModelAdmin):
    """For what providers tell: looked at, never changed by hand. `find` is what its search box finds, as the console's
    search does; search_fields only make it show.
    """

    find: Callable[[Term], Matches] | None = None

    actions = None

    def get_search_results(self, request, queryset, search_term):
        term = Term.of(search_term)
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
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": plain(str(obj))}
        if not live:
            return TemplateResponse(request, self.page_template, context | self.get_page(request, obj))
        etag = live.etag(request)
        context |= {"live": live, "live_etag": etag}
        page = self.get_page(request, obj)
        return TemplateResponse(request, self.page_template, context | page, headers={"ETag": etag})
