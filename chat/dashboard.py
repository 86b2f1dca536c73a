"""What support staff see first: who waits for an answer, the longest first."""

from typing import Any

from django.http import HttpRequest

from chat.models import Conversation
from console.dashboard import DashboardCard, dashboard_cards
from console.formatting.numbers import BoundedCount
from orders.dashboard import MAX_LISTED


@dashboard_cards.register
class WaitingCard(DashboardCard):
    """Conversations whose customer waits for a reply."""

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
