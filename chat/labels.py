"""Labels of the codes of conversations, and the names of the people in them."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from chat.models import Conversation, Message
from console.formatting.badges import badge
from console.formatting.text import collapse_whitespace
from orders.labels import code_label

# Channels whose own spelling differs from the label of their code.
CHANNELS = {
    "DOCSSMITH": "DocsSmith",
    "INSTALEAP": "InstaLeap",
    "SMS": "SMS",
    "TAWK": "tawk.to",
    "WHATSAPP": "WhatsApp",
}
# Other statuses have the label of their code.
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
    "system": _("System message"),
    "text": _("Text"),
    "video": _("Video"),
}


def channel_label(code: str) -> str:
    """Return the label of a channel; "–" where the provider gives none."""
    return CHANNELS.get(code) or code_label(code) or "–"


def status_label(code: str) -> str:
    """Return the label of a conversation's status."""
    return str(STATUSES.get(code.lower().replace("_", "-")) or code_label(code).replace("-", " ").capitalize())


def kind_label(code: str) -> str:
    """Return the label of a message's kind."""
    return str(KINDS.get(code) or code.capitalize())


def state_badge(conversation: Conversation) -> SafeString | str:
    """Return a badge with the state of a conversation; "" where it is unknown."""
    if conversation.deleted:
        return badge(pgettext("conversation", "Deleted"), "grey")
    if conversation.unanswered:
        return badge(str(_("Unanswered")), "amber")
    if conversation.archived_at:
        return badge(pgettext("conversation", "Archived"), "grey")
    label = status_label(conversation.status)
    return badge(label, "grey") if label else ""


def speaker_name(message: Message) -> str:
    """Return the name of a message's sender, else its contact's, else its direction."""
    return message.sender or (str(message.contact) if message.contact else "") or message.get_direction_display() or "–"


def customer_name(conversation: Conversation, recipient: str | None) -> str:
    """Return the name of a conversation's contact, else the recipient of its job, else the conversation's label."""
    return str(conversation.contact or collapse_whitespace(recipient or "") or conversation)
