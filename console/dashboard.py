"""The admin's first page is made of cards; each app registers its own here, as this one knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from console.live_updates import Live


@dataclass(frozen=True)
class Card:
    name: str  # its id on the page
    place: int  # in the order of the page
    permission: str  # of whoever may see it
    template: str
    values: Callable[[HttpRequest], dict]  # what the template finds under `card`
    is_wide: bool = False


_cards: list[Card] = []


def register(card: Card) -> None:
    _cards.append(card)
    _cards.sort(key=lambda card: card.place)


def add_cards(request, context):
    """Unfold's DASHBOARD_CALLBACK."""
    allowed = [card for card in _cards if request.user.has_perm(card.permission)]
    return context | {"cards": [(card, card.values(request)) for card in allowed], "live": Live("", seconds=30)}
