"""The chat card of the overview."""

from typing import Any

from django.http import HttpRequest

from chat.models import Conversation
from console.dashboard import DashboardCard, dashboard_cards
from console.formatting.numbers import BoundedCount
from orders.dashboard import MAX_LISTED


@dashboard_cards.register
class WaitingCard(DashboardCard):
    """The unanswered conversations, the longest waiting first."""

    id = "waiting"
    position = 30
    permission = "chat.view_conversation"
    template = "admin/chat/waiting.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        waiting = Conversation.objects.longest_waiting()
        return {
            "count": BoundedCount.of_each(waiting)[0],
            "conversations": waiting.select_related("contact").defer("field_versions", "contact__field_versions")[
                :MAX_LISTED
            ],
        }
