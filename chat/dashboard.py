"""What support staff see first: who waits for an answer, the longest first."""

from chat.models import Conversation
from console.formatting.numbers import BoundedCount
from orders.dashboard import LISTED


def waiting(request) -> dict:
    waiting = Conversation.objects.longest_waiting()
    return {
        "count": BoundedCount.of_each(waiting)[0],
        "conversations": waiting.select_related("contact").defer("field_versions", "contact__field_versions")[:LISTED],
    }
