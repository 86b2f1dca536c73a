"""The overview, which is the admin's first page: cards that the apps register."""

from typing import Any

from django.http import HttpRequest

from console.live_updates import Live
from console.registry import Extension, Registry


class DashboardCard(Extension):
    """A card of the overview."""

    id: str  # of its element on the page
    template: str
    is_wide: bool = False

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the template finds under `card`."""
        raise NotImplementedError


dashboard_cards: Registry[DashboardCard] = Registry()


def add_cards(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return a context with the cards that the user may see; Unfold's DASHBOARD_CALLBACK."""
    cards = [(card, card.get_context(request)) for card in dashboard_cards.for_user(request.user)]
    return context | {"cards": cards, "live": Live("", seconds=30)}
