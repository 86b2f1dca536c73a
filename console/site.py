"""The admin site."""

from functools import wraps

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.accounts import preferences
from console.accounts.login import LoginSite, console_csp
from console.formatting.invisible import sanitize_page
from console.search.views import search_box_context, search_page, search_panel


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
        return super().each_context(request) | {"search_box": search_box_context()}

    def search(self, request, extra_context=None):
        context = {**self.each_context(request), "title": _("Search"), **(extra_context or {})}
        return search_page(request, context)

    def search_panel(self, request):
        return search_panel(request)

    def admin_view(self, view, cacheable=False):
        return console_csp(_plain_pages(super().admin_view(view, cacheable)))


def _plain_pages(view):
    """No page shows characters that cannot be seen or that turn others, wherever it has a text from."""

    def plain_content(response):
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = sanitize_page(response.text).encode()

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if hasattr(response, "add_post_render_callback"):
            response.add_post_render_callback(plain_content)
        elif not response.streaming:
            plain_content(response)
        return response

    return wrapped
