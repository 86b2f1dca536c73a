"""A conversation as plain text, to be pasted into an e-mail."""

from textwrap import indent

from django.db.models.functions import Left
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from chat import customer_matching, labels
from chat.models import Attachment, Conversation
from console.formatting.invisible import replace_invisible

MOST = 2_000  # messages
LONGEST = 10_000  # characters of a message
MOST_CHARACTERS = 1_000_000  # of all


def of(conversation: Conversation) -> str:
    """Return the last MOST messages, oldest first, under a head that says whose they are and what is left out."""
    newest_first = conversation.messages.order_by("-sent_at", "-external_id").select_related("contact")
    messages, length = [], 0
    shown = newest_first.defer("field_versions", "search_text", "text", "versions", "contact__field_versions")
    for message in shown.annotate(beginning=Left("text", LONGEST))[: MOST + 1]:
        length += len(message.beginning)
        if len(messages) == MOST or length > MOST_CHARACTERS:
            break
        messages.append(message)
    is_all = len(messages) == newest_first[: MOST + 1].count()
    messages.reverse()
    files = _files(messages)
    parts = [_head(conversation)]
    if not is_all:
        left = ngettext("The last {count} message.", "The last {count} messages.", len(messages))
        parts.append(left.format(count=len(messages)))
    parts += [_said(message, files.get(message.pk, [])) for message in messages]
    return replace_invisible("\n\n".join(parts)) + "\n"


def _head(conversation):
    job = customer_matching.job_of(conversation)
    lines = [str(conversation), labels.channel(conversation.channel)]
    if job or conversation.job_id:
        lines.append(gettext("Job {id}").format(id=job or conversation.job_id))
    return "\n".join(map(_one_line, lines))


def _said(message, files):
    when = date_format(timezone.localtime(message.sent_at), "DATETIME_FORMAT") if message.sent_at else "–"
    who = _one_line(gettext("System") if message.kind == "system" else labels.speaker(message))
    if message.deleted:
        return f"{when}  {who}: [{pgettext('message', 'deleted')}]"
    lines = [message.beginning] if message.beginning else []
    lines += [f"[{_one_line(f'{file.name} {file.url}')}]" for file in files]
    # Indented, no line of theirs looks like the head of a message of somebody else's.
    return "\n".join([f"{when}  {who}:", *(indent(replace_invisible(line), "  ") for line in lines)])


def _one_line(text):
    """No name looks like a message of somebody else's."""
    return " ".join(text.split())


def _files(messages):
    found = {}
    for file in Attachment.objects.filter(message__in=messages, deleted=False).defer("field_versions")[:MOST]:
        found.setdefault(file.message_id, []).append(file)
    return found
