"""The search providers of events and rejections, which serve the console's search and the lists' search boxes."""

import hashlib

from django.db.models import BinaryField, BooleanField, F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.request_values import parse_pk
from console.search.providers import SearchHit, SearchProvider, SearchResults, build_results, search_providers
from console.search.query import EMAIL, WORDS, SearchTerm
from console.search.ranking import MAX_MATCHES, Matches, merge_matches, newest_matches
from webhooks import labels
from webhooks.models import Event, Rejection, Source
from webhooks.rejections.reasons import get_reason_label

MAX_SEARCHED_BODIES = 200  # of the latest rejections
MIN_BODY_TERM_LENGTH = 6  # characters


def events(term: SearchTerm) -> Matches:
    """Return the events that match a term, newest first.

    Exact matches are our ID, written #12, and the provider's event ID; other matches are a subject such as a job ID,
    and our ID written 12, which may mean something else.
    """
    if term.type in (EMAIL, WORDS) and not term.is_one_word:
        return Matches()
    sources = list(Source.objects.values_list("pk", flat=True))
    # The provider's event ID is found by its hash, which has an index for originals and one for conflicts.
    keys = [hashlib.sha256(spelling.encode(errors="surrogatepass")).digest() for spelling in term.spellings]
    of_key = Event.objects.filter(source__in=sources, dedup_key__in=keys)
    theirs = [newest_matches(of_key.filter(conflict_of__isnull=is_original), "pk") for is_original in (True, False)]
    ours = newest_matches(Event.objects.filter(pk__in=_numbers(term)), "pk")
    about = list(
        Event.objects.filter(subject__in=term.spellings).order_by("-pk").values_list("pk", "pk")[: MAX_MATCHES + 1]
    )
    exact, others = ([*theirs, ours], []) if _is_a_number(term) else (theirs, [ours])
    return merge_matches(exact, [*others, (about[:MAX_MATCHES], len(about) > MAX_MATCHES)])


def rejections(term: SearchTerm) -> Matches:
    """Return the rejections that match a term, newest first.

    An exact match is our ID, written #12; other matches are our ID written 12, the address, and of the latest
    rejections those whose body contains the term, such as an event ID.
    """
    ours = newest_matches(Rejection.objects.filter(pk__in=_numbers(term)), "pk")
    if len(term.text) < MIN_BODY_TERM_LENGTH:
        return merge_matches([ours], []) if _is_a_number(term) else merge_matches([], [ours])
    latest = Rejection.objects.order_by("-pk").values("pk")[:MAX_SEARCHED_BODIES]
    text = Value(term.text.encode(errors="surrogatepass"), output_field=BinaryField())
    holds = Func(text, F("body"), template="POSITION(%(expressions)s) > 0", arg_joiner=" IN ")
    holds.output_field = BooleanField()
    in_request = newest_matches(Rejection.objects.filter(Q(pk__in=latest), Q(slug=term.text) | Q(holds)), "pk")
    return merge_matches([ours], [in_request]) if _is_a_number(term) else merge_matches([], [ours, in_request])


def _is_a_number(term: SearchTerm) -> bool:
    return term.text.startswith("#")


def _numbers(term: SearchTerm) -> list[int]:
    """Return the ID that a term may be, in a list of one, or an empty list."""
    pk = parse_pk(term.text.removeprefix("#"))
    return [] if pk is None else [pk]


@search_providers.register
class EventSearch(SearchProvider):
    title = gettext_lazy("Events")
    permission = "webhooks.view_event"
    changelist = "admin:webhooks_event_changelist"
    position = 40

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        def build_hit(event: Event) -> SearchHit:
            return SearchHit(
                url=reverse("admin:webhooks_event_change", args=[event.pk]),
                title=f"#{event.pk} {event.label}",
                badge=labels.event_badge(event),
                details=[
                    event.source.name,
                    _("Received {time}").format(time=day_and_time(event.received_at)),
                    _("Subject {subject}").format(subject=event.subject) if event.subject else "",
                    _("Provider's event ID {id}").format(id=event.external_id) if event.external_id else "",
                ],
            )

        rows = Event.objects.select_related("source").defer("body", "headers", "error")
        return build_results(term.get_or_run(events), rows, limit, build_hit)


@search_providers.register
class RejectionSearch(SearchProvider):
    title = gettext_lazy("Rejections")
    permission = "webhooks.view_rejection"
    changelist = "admin:webhooks_rejection_changelist"
    position = 50

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        def build_hit(rejection: Rejection) -> SearchHit:
            return SearchHit(
                url=reverse("admin:webhooks_rejection_change", args=[rejection.pk]),
                title=f"#{rejection.pk} {rejection.source or rejection.slug}",
                badge=badge(f"{rejection.status} {get_reason_label(rejection.code)}", "red"),
                details=[
                    _("Received {time}").format(time=day_and_time(rejection.received_at)),
                    str(rejection.explanation) or rejection.detail,
                ],
            )

        rows = Rejection.objects.select_related("source").defer("body", "headers")
        return build_results(term.get_or_run(rejections), rows, limit, build_hit)
