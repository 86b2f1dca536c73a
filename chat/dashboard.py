"""What support staff see first: who waits for an answer, the longest first."""

from chat.models import Conversation
from config.dashboard import counts
from orders.dashboard import LISTED


def waiting(request) -> dict:
    unanswered = Conversation.objects.filter(unanswered=True)
    return {
        "count": counts(unanswered)[0],
        "conversations": unanswered.select_related("contact").order_by("active_at", "id").defer("told")[:LISTED],
    }
