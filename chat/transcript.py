"""Conversations as plain text, to be pasted into an e-mail."""

from textwrap import indent

from django.db.models.functions import Left
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from chat import customer_matching, labels
from chat.message_views import group_attachments
from chat.models import Attachment, Conversation, Message
from console.formatting.invisible import replace_invisible

MAX_MESSAGES = 2_000
TEXT_LIMIT = 10_000  # characters of a message
LENGTH_LIMIT = 1_000_000  # characters of all messages


def write_transcript(conversation: Conversation) -> str:
    """Return the last MAX_MESSAGES messages, oldest first, under a heading with the customer and the job.

    Where earlier messages are left out, the heading says so.
    """
    newest_first = conversation.messages.order_by("-sent_at", "-external_id").select_related("contact")
    rows = newest_first.defer("field_versions", "search_text", "text", "versions", "contact__field_versions")
    messages: list[tuple[Message, str]] = []
    length = 0
    for message in rows.annotate(beginning=Left("text", TEXT_LIMIT))[: MAX_MESSAGES + 1]:
        length += len(message.beginning)
        if len(messages) == MAX_MESSAGES or length > LENGTH_LIMIT:
            break
        messages.append((message, message.beginning))
    is_complete = len(messages) == newest_first[: MAX_MESSAGES + 1].count()
    messages.reverse()
    attachments = group_attachments([message for message, _ in messages])
    parts = [_write_heading(conversation)]
    if not is_complete:
        count = ngettext("The last {count} message.", "The last {count} messages.", len(messages))
        parts.append(count.format(count=len(messages)))
    parts += [_write_message(message, text, attachments[message.pk]) for message, text in messages]
    return replace_invisible("\n\n".join(parts)) + "\n"


def _write_heading(conversation: Conversation) -> str:
    job = customer_matching.find_conversation_jobs(conversation).first()
    lines = [str(conversation), labels.channel_label(conversation.channel)]
    if job or conversation.job_id:
        lines.append(gettext("Job {id}").format(id=job or conversation.job_id))
    return "\n".join(map(_write_line, lines))


def _write_message(message: Message, text: str, attachments: list[Attachment]) -> str:
    when = date_format(timezone.localtime(message.sent_at), "DATETIME_FORMAT") if message.sent_at else "–"
    speaker = _write_line(gettext("System") if message.kind == "system" else labels.speaker_name(message))
    if message.deleted:
        return f"{when}  {speaker}: [{pgettext('message', 'deleted')}]"
    lines = [text] if text else []
    lines += [f"[{_write_line(f'{file.name} {file.url}')}]" for file in attachments if not file.deleted]
    # Indented, so that no line of a text looks like the first line of another message.
    return "\n".join([f"{when}  {speaker}:", *(indent(replace_invisible(line), "  ") for line in lines)])


def _write_line(text: str) -> str:
    """Return a text in one line, so that no name looks like a message of its own."""
    return " ".join(text.split())
