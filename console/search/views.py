"""The one search box: apps register what they find, as this one knows none of them.

The box is templates/admin/search/box.html, in the header of every page; it works as a plain form, too.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Model, QuerySet
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise

from console.search.query import KINDS, LONGEST, Term
from console.search.ranking import Matches

ON_THE_PAGE = 25  # of each group
IN_THE_PANEL = 5


@dataclass(frozen=True)
class Hit:
    """A row that was found, with what tells it from the others."""

    url: str
    title: str
    badge: str = ""
    details: Sequence[str] = ()
    snippet: str = ""  # of what somebody wrote; HTML, escaped, where words are marked
    is_exact: bool = False


@dataclass(frozen=True)
class Found:
    hits: Sequence[Hit] = ()  # at most as many as were asked for: exact ones first, of each the newest first
    count: int = 0  # of all that fit
    is_cut: bool = False  # more fit than were counted


@dataclass(frozen=True)
class Group:
    place: int  # in the order of the answer
    title: str | Promise
    permission: str  # of whoever may see them
    find: Callable[[Term, int], Found]
    changelist: str  # the name of the URL of the list that finds the same


def shown(matches: Matches, rows: QuerySet, most: int, hit: Callable[[Model], Hit]) -> Found:
    """Return of what was found what is to be seen; `hit` makes it of a row of a queryset."""
    keys, exact = matches.keys[:most], set(matches.exact)
    found = rows.in_bulk(keys)
    hits = [replace(hit(found[key]), is_exact=key in exact) for key in keys if key in found]
    return Found(hits, len(matches.keys), matches.is_cut)


_groups: list[Group] = []


def register(group: Group) -> None:
    _groups.append(group)
    _groups.sort(key=lambda group: group.place)


@dataclass(frozen=True)
class Answer:
    """What a group found, for a template."""

    group: Group
    found: Found
    url: str  # of the list

    @property
    def has_more(self) -> bool:
        return self.found.is_cut or self.found.count > len(self.found.hits)


def answers(user, term: Term, most: int) -> list[Answer]:
    """Return what each group that the user may see found, where it found something; first those with exact hits."""
    if not term.text:
        return []
    allowed = [group for group in _groups if user.has_perm(group.permission)]
    found = [(group, group.find(term, most)) for group in allowed]
    found.sort(key=lambda one: not any(hit.is_exact for hit in one[1].hits))
    return [
        Answer(group, result, reverse(group.changelist, query={"q": term.text}))
        for group, result in found
        if result.hits
    ]


def the_one(found: list[Answer]) -> Hit | None:
    """Return the one exact hit, if it is the only one and what stands first."""
    exact = [hit for answer in found for hit in answer.found.hits if hit.is_exact]
    return exact[0] if len(exact) == 1 and found[0].found.hits[0] is exact[0] else None


def page(request, context):
    """Answer with the whole page, or go to the one row that is exactly what was searched; `all` stays here."""
    term = Term.of(request.GET.get("q", ""))
    found = answers(request.user, term, ON_THE_PAGE)
    if "all" not in request.GET and (hit := the_one(found)):
        return redirect(hit.url)
    return TemplateResponse(
        request, "admin/search/page.html", context | {"term": term, "answers": found, "is_search_page": True}
    )


def panel(request):
    """Answer with what the box shows while one types."""
    term = Term.of(request.GET.get("q", ""))
    found = answers(request.user, term, IN_THE_PANEL)
    context = {"term": term, "answers": found, "one": the_one(found)}
    return TemplateResponse(request, "admin/search/panel.html", context)


def box() -> dict:
    """Return what the box needs on every page: what it says of a term before it asks."""
    return {
        "longest": LONGEST,
        "kinds": json.dumps([[kind.pattern, str(kind.sentence)] for kind in KINDS], ensure_ascii=False),
    }
