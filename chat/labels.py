"""What codes of conversations are called."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from chat.models import Conversation, Message
from console.formatting.badges import badge
from orders.labels import code_label

# Channels whose own spelling is not their code in words.
CHANNELS = {
    "DOCSSMITH": "DocsSmith",
    "INSTALEAP": "InstaLeap",
    "SMS": "SMS",
    "TAWK": "tawk.to",
    "WHATSAPP": "WhatsApp",
}
# Others are shown as they come.
STATUSES = {
    "closed": _("Closed"),
    "completed": _("Completed"),
    "done": pgettext_lazy("conversation", "Done"),
    "ended": _("Ended"),
    "in-progress": _("In progress"),
    "in-queue": _("In queue"),
    "open": _("Open"),
    "pending": pgettext_lazy("conversation", "Pending"),
    "resolved": _("Resolved"),
}
KINDS = {
    "audio": _("Audio"),
    "call": _("Call"),
    "document": _("Document"),
    "file": _("File"),
    "image": _("Picture"),
    "system": _("Said by the system"),
    "text": _("Text"),
    "video": _("Video"),
}


def channel(code: str) -> str:
    return CHANNELS.get(code) or code_label(code) or "–"


def status(code: str) -> str:
    return str(STATUSES.get(code.lower().replace("_", "-")) or code_label(code).replace("-", " ").capitalize())


def kind(code: str) -> str:
    return str(KINDS.get(code) or code.capitalize())


def state(conversation: Conversation) -> tuple[str, str]:
    """Return how a conversation stands, in words, and the colour of its badge; no words where nothing is known."""
    if conversation.deleted:
        return pgettext("conversation", "Deleted"), "grey"
    if conversation.unanswered:
        return str(_("Unanswered")), "amber"
    if conversation.archived_at:
        return pgettext("conversation", "Archived"), "grey"
    return status(conversation.status), "grey"


def state_badge(conversation: Conversation):
    words, colour = state(conversation)
    return badge(words, colour) if words else ""


def speaker(message: Message) -> str:
    """Return who wrote a message, in the best words there are."""
    return message.sender or (str(message.contact) if message.contact else "") or message.get_direction_display() or "–"


def customer(conversation: Conversation, recipient: str | None) -> str:
    """Return whose conversation it is, in the best words there are; `recipient` is that of its job."""
    return str(conversation.contact or " ".join((recipient or "").split()) or conversation)
