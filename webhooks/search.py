"""How a term finds events, and what was refused."""

import hashlib

from django.db.models import BinaryField, BooleanField, F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from config.badges import badge
from config.matches import KEPT, Matches, newest
from config.search import Found, Hit, shown
from config.terms import EMAIL, WORDS, Term
from config.times import day_and_time
from webhooks.labels import STATUS_COLOURS
from webhooks.models import Event, Rejection, Source

LONGEST_NUMBER = 18  # digits of our own ids
READ = 200  # rejections, the latest, whose bodies are searched
SHORTEST_IN_A_BODY = 6  # characters


def events(term: Term) -> Matches:
    """Return the events that a term finds, newest first. Exact: our number (#12) or the provider's id. Others: those
    about a subject, for example a job's id.
    """
    if term.kind in (EMAIL, WORDS) and not term.is_one_word:
        return Matches()
    sources = list(Source.objects.values_list("pk", flat=True))
    # The provider's id is found by its key, which has an index behind each source.
    keys = [hashlib.sha256(spelling.encode(errors="surrogatepass")).digest() for spelling in term.spellings]
    fits = Q(source__in=sources, dedup_key__in=keys)
    if (number := _number(term)) is not None:
        fits |= Q(pk=number)
    exact = [pk for pk, _pk in newest(Event.objects.filter(fits), "pk")[0]]
    about = Event.objects.filter(subject__in=term.spellings).order_by("-pk").values_list("pk", flat=True)[: KEPT + 1]
    others = [pk for pk in about if pk not in exact]
    return Matches(tuple(exact), tuple(others[:KEPT]), len(others) > KEPT)


def rejections(term: Term) -> Matches:
    """Return the rejections that a term finds, newest first. Exact: our number. Others: those sent to an address, and
    of the latest those whose body holds it, such as the id of an event.
    """
    number = _number(term)
    exact = tuple(Rejection.objects.filter(pk=number).values_list("pk", flat=True)) if number is not None else ()
    others = []
    if len(term.text) >= SHORTEST_IN_A_BODY:
        latest = Rejection.objects.order_by("-pk").values("pk")[:READ]
        text = Value(term.text.encode(errors="surrogatepass"), output_field=BinaryField())
        holds = Func(text, F("body"), template="POSITION(%(expressions)s) > 0", arg_joiner=" IN ")
        holds.output_field = BooleanField()
        found = Rejection.objects.filter(Q(pk__in=latest), Q(slug=term.text) | Q(holds)).order_by("-pk")
        others = [pk for pk in found.values_list("pk", flat=True) if pk not in exact]
    return Matches(exact, tuple(others))


def _number(term) -> int | None:
    digits = term.text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None


def event_hits(term: Term, most: int) -> Found:
    def hit(event):
        return Hit(
            url=reverse("admin:webhooks_event_change", args=[event.pk]),
            title=f"#{event.pk} {event.label}",
            badge=badge(event.get_status_display(), STATUS_COLOURS[event.status]),
            details=[
                event.source.name,
                _("Received {time}").format(time=day_and_time(event.received_at)),
                _("About {subject}").format(subject=event.subject) if event.subject else "",
                _("Provider's id {id}").format(id=event.external_id) if event.external_id else "",
            ],
        )

    rows = Event.objects.select_related("source").defer("body", "headers", "error")
    return shown(term.once(events), rows, most, hit)


def rejection_hits(term: Term, most: int) -> Found:
    def hit(rejection):
        return Hit(
            url=reverse("admin:webhooks_rejection_change", args=[rejection.pk]),
            title=f"#{rejection.pk} {rejection.source or rejection.slug}",
            badge=badge(f"{rejection.status} {rejection.reason}", "red"),
            details=[
                _("Received {time}").format(time=day_and_time(rejection.received_at)),
                rejection.explanation or rejection.detail,
            ],
        )

    rows = Rejection.objects.select_related("source").defer("body", "headers")
    return shown(term.once(rejections), rows, most, hit)
