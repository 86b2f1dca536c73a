"""What support staff see first: who waits for an answer, the longest first."""

from chat.models import Conversation
from orders.dashboard import LISTED, in_words


def waiting() -> dict:
    unanswered = Conversation.objects.filter(unanswered=True)
    return {
        "count": in_words(unanswered),
        "conversations": unanswered.select_related("contact").order_by("active_at", "id").defer("told")[:LISTED],
    }
