"""A conversation's messages as a person reads them."""

from itertools import pairwise

from django.utils import timezone

from chat import values
from chat.models import Attachment, Contact, Conversation, Message

MOST = 300  # messages on a page


def messages_of(conversation: Conversation) -> list[Message]:
    """Return the last MOST messages, oldest first, with what is shown of each.

    Adds: `day` (where it begins one), `shown_attachments`, `quoted` (a message or None), `earlier` (what it said
    before: text, until when), `reacted` (emoji, name).
    """
    newest_first = conversation.messages.order_by("-sent_at", "-external_id").select_related("contact")
    messages = list(newest_first.defer("told", "search_text", "contact__told")[:MOST])[::-1]
    attachments = {}
    for attachment in Attachment.objects.filter(message__in=messages).defer("told"):
        attachments.setdefault(attachment.message_id, []).append(attachment)
    by_id = {message.external_id: message for message in messages}
    names = _names(conversation, messages)
    day = None
    for message in messages:
        sent_on = message.sent_at and timezone.localtime(message.sent_at).date()
        message.day = sent_on if sent_on != day else None
        day = sent_on or day
        message.shown_attachments = attachments.get(message.pk, [])
        message.quoted = by_id.get(message.quoted_id) if message.quoted_id else None
        message.earlier = list(_earlier(message))
        message.reacted = [(emoji, names.get(contact_id, "")) for emoji, contact_id in _reactions(message)]
    return messages


def _earlier(message):
    """Yield what it said before, oldest first, and until when."""
    for (_, text), (position, following) in pairwise(message.versions):
        if text != following:
            yield text or "", values.time_of(position)


def _reactions(message):
    for reaction in message.reactions if isinstance(message.reactions, list) else []:
        if isinstance(reaction, dict):
            yield str(reaction.get("emoji") or "?"), str(reaction.get("contact_id") or "")


def _names(conversation, messages) -> dict[str, str]:
    ids = {contact_id for message in messages for _, contact_id in _reactions(message)}
    if not ids:
        return {}
    return {
        contact.external_id: str(contact)
        for contact in Contact.objects.filter(source=conversation.source_id, external_id__in=ids).defer("told")
    }
