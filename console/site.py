"""The admin site: the console's login, search and pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.accounts import preferences
from console.accounts.login import LoginSite, console_csp
from console.formatting.invisible import sanitize_page
from console.search.views import search_box_context, search_page, search_panel

type View = Callable[..., Any]


class ConsoleSite(LoginSite):
    """The admin site, whose pages may load what they need, with a search of its own.

    Unfold's palette searches at every key, has no groups, and does not work without scripts.
    """

    index_title = gettext_lazy("Overview")
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern]:
        return [
            path("search/panel/", self.admin_view(self.search_panel), name="search_panel"),
            path("preferences/", self.admin_view(preferences.page), name="preferences"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        return context | {"search_box": search_box_context()}

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        context = {**self.each_context(request), "title": _("Search"), **(extra_context or {})}
        return search_page(request, context)

    def search_panel(self, request: HttpRequest) -> HttpResponseBase:
        return search_panel(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        protected: View = console_csp(sanitize_response(super().admin_view(view, cacheable)))
        return protected


def sanitize_response(view: View) -> View:
    """Decorate a view: its pages show invisible and direction-changing characters by name (sanitize_page)."""

    def sanitize(response: Any) -> None:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = sanitize_page(response.text).encode()

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        if hasattr(response, "add_post_render_callback"):
            response.add_post_render_callback(sanitize)
        elif not response.streaming:
            sanitize(response)
        return response

    return wrapped
