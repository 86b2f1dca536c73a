"""The extension point of the console's search: each app registers what it can find.

>>> @search_providers.register
... class JobSearch(SearchProvider):
...     title, permission, changelist = _("Jobs"), "orders.view_job", "admin:orders_job_changelist"
...     def search(self, term, limit): ...
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from console.registry import Extension, Permitted, Registry
from console.search.query import SearchTerm
from console.search.ranking import Matches


@dataclass(frozen=True)
class SearchHit:
    """A row that was found, with the details that tell it from the others."""

    url: str
    title: str
    badge: str = ""
    details: Sequence[str] = ()
    snippet: str = ""  # of a message's text; escaped HTML in which the words are marked
    is_exact: bool = False


@dataclass(frozen=True)
class SearchResults:
    """The results of one provider: at most the requested number of hits, exact ones first, the newest of each first."""

    hits: Sequence[SearchHit] = ()
    count: int = 0  # of all matches
    is_cut: bool = False  # there are more matches than were counted


class SearchProvider(Extension):
    """A kind of row that the console's search finds, as one group of its results."""

    title: str | Promise
    changelist: str  # name of the URL of the list that finds the same rows

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        """Return at most `limit` hits for a term that is not empty."""
        raise NotImplementedError


search_providers: Registry[SearchProvider] = Registry()


@dataclass(frozen=True)
class ProviderResults:
    """A provider with what it found, for a template."""

    provider: SearchProvider
    results: SearchResults
    url: str  # of the list with the same search

    @property
    def has_more(self) -> bool:
        return self.results.is_cut or self.results.count > len(self.results.hits)


def build_results(
    matches: Matches, rows: QuerySet[Any], limit: int, build_hit: Callable[[Any], SearchHit]
) -> SearchResults:
    """Return the first matches as hits, which `build_hit` makes of the rows of a queryset."""
    keys, exact = matches.keys[:limit], set(matches.exact)
    found: dict[Any, Model] = rows.in_bulk(keys)
    hits = [replace(build_hit(found[key]), is_exact=key in exact) for key in keys if key in found]
    return SearchResults(hits, len(matches.keys), matches.is_cut)


def search_all(user: Permitted, term: SearchTerm, limit: int) -> list[ProviderResults]:
    """Return what each provider that the user may see found, without those that found nothing; exact hits first."""
    if not term.text:
        return []
    found = [(provider, provider.search(term, limit)) for provider in search_providers.for_user(user)]
    found.sort(key=lambda pair: not any(hit.is_exact for hit in pair[1].hits))
    return [
        ProviderResults(provider, results, reverse(provider.changelist, query={"q": term.text}))
        for provider, results in found
        if results.hits
    ]


def only_exact_hit(found: list[ProviderResults]) -> SearchHit | None:
    """Return the only exact hit, where it is also the first of all hits."""
    exact = [hit for group in found for hit in group.results.hits if hit.is_exact]
    return exact[0] if len(exact) == 1 and found[0].results.hits[0] is exact[0] else None
