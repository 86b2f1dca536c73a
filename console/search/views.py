"""Views of the console's search: the page of results, and the panel under the search box while one types.

The box is templates/admin/search/box.html, in the header of every page; without scripts it is a plain form.
"""

import json
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from console.search.providers import only_exact_hit, search_all
from console.search.query import MAX_TERM_LENGTH, TERM_TYPES, SearchTerm

PAGE_LIMIT = 25  # hits of each provider
PANEL_LIMIT = 5


def search_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Return the page of results, or redirect to the only exact hit; with the parameter `all`, always the page."""
    term = SearchTerm.parse(request.GET.get("q", ""))
    found = search_all(request.user, term, PAGE_LIMIT)
    if "all" not in request.GET and (hit := only_exact_hit(found)):
        return redirect(hit.url)
    context = context | {"term": term, "found": found, "is_search_page": True}
    return TemplateResponse(request, "admin/search/page.html", context)


def search_panel(request: HttpRequest) -> HttpResponseBase:
    """Return the content of the search box's panel."""
    term = SearchTerm.parse(request.GET.get("q", ""))
    found = search_all(request.user, term, PANEL_LIMIT)
    context = {"term": term, "found": found, "only_exact_hit": only_exact_hit(found)}
    return TemplateResponse(request, "admin/search/panel.html", context)


def search_box_context() -> dict[str, Any]:
    """Return what the search box needs on every page: it describes a term before it sends it."""
    return {
        "max_length": MAX_TERM_LENGTH,
        "term_types": json.dumps(
            [[term_type.pattern, str(term_type.description)] for term_type in TERM_TYPES], ensure_ascii=False
        ),
    }
