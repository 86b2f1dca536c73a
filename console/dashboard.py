"""The admin's first page is made of cards; each app registers its own here, as this one knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format

from console.live_updates import Live

MOST = 10_000  # of anything are counted: as many as a list leafs through


@dataclass(frozen=True)
class Card:
    name: str  # its id on the page
    place: int  # in the order of the page
    permission: str  # of whoever may see it
    template: str
    values: Callable[[HttpRequest], dict]  # what the template finds under `card`
    is_wide: bool = False


@dataclass(frozen=True)
class Count:
    """A number that is counted no further than MOST, for a template."""

    number: int

    @property
    def is_all(self) -> bool:
        return self.number <= MOST

    def __str__(self):
        return f"{number_format(min(self.number, MOST), force_grouping=True)}{'' if self.is_all else '+'}"

    def __bool__(self):
        return bool(self.number)


_cards: list[Card] = []


def register(card: Card) -> None:
    _cards.append(card)
    _cards.sort(key=lambda card: card.place)


def add_cards(request, context):
    """Unfold's DASHBOARD_CALLBACK."""
    allowed = [card for card in _cards if request.user.has_perm(card.permission)]
    return context | {"cards": [(card, card.values(request)) for card in allowed], "live": Live("", seconds=30)}


def counts(*querysets: QuerySet) -> list[Count]:
    """Return how many rows each has, MOST at most; with one query."""
    parts, parameters = [], []
    for queryset in querysets:
        sql, values = queryset.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")  # noqa: S608 - written by Django
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return [Count(number) for number in cursor.fetchone()]
