"""A conversation's messages as a person reads them: some at a time, however many there are.

They are in the order of `sent_at` and the provider's id, those without a time last, and each page begins at a message
(models.Message, index message_thread), so that the place in a conversation costs nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.db.models import F, Func, JSONField, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThan
from django.db.models.functions import Left, Length
from django.utils import timezone

from chat.models import Attachment, Contact, Conversation, Message
from webhooks.payloads import conversations

PAGE = 50  # messages that are shown at first, and that come with each step back
MOST = 300  # messages on a page
LONGEST = 2_000  # characters of a message; its own page has the rest
LONGEST_QUOTED = 160
MOST_VERSIONS = 20
MOST_OF_EACH = 20  # attachments and reactions of a message
TOGETHER = timedelta(minutes=5)  # what one person writes within it reads as one
SEARCHED = 5_000  # messages that are looked through at once
FOUND = 50

_KEY = Tuple(F("sent_at"), F("external_id"))


@dataclass(frozen=True)
class Window:
    """Some of a conversation's messages, one after the other, oldest first.

    Of each: `text` (no more than LONGEST of it) and `rest` (how many characters more there are), `day` (where it begins
    one), `begins` (whether another speaks than before, or later), `shown_attachments` and `more_attachments` (how
    many), `quoted` (a message or None), `earlier` (what it said before: text, until when), `reacted` (emoji, name).
    """

    messages: list[Message]
    has_earlier: bool = False
    has_later: bool = False


@dataclass(frozen=True)
class Found:
    messages: list[Message]  # newest first
    searched_until: Message | None  # before it nothing was looked at; None: nothing is left


def newest(conversation: Conversation, most: int = PAGE) -> Window:
    """Return the last `most` messages."""
    rows = list(_shown(conversation.messages.order_by("-sent_at", "-external_id"))[: most + 1])
    return _window(conversation, rows[:most][::-1], has_earlier=len(rows) > most)


def since(conversation: Conversation, first: Message) -> Window:
    """Return `first` and what was said after it; of much, the last MOST."""
    rows = _take(MOST + 1, [part.reverse() for part in _from(conversation, first)[::-1]])
    has_earlier = len(rows) > MOST or any(part.exists() for part in _before(conversation, first))
    return _window(conversation, rows[:MOST][::-1], has_earlier=has_earlier)


def before(conversation: Conversation, message: Message) -> Window:
    """Return the PAGE messages before one."""
    rows = _take(PAGE + 1, _before(conversation, message))
    return _window(conversation, rows[:PAGE][::-1], has_earlier=len(rows) > PAGE, has_later=True)


def after(conversation: Conversation, message: Message) -> Window:
    """Return a message and the PAGE messages after it."""
    rows = _take(PAGE + 2, _from(conversation, message))
    return _window(conversation, rows[: PAGE + 1], has_earlier=True, has_later=len(rows) > PAGE + 1)


def around(conversation: Conversation, message: Message) -> Window:
    """Return a message with what was said before and after it."""
    half = PAGE // 2
    earlier = _take(half + 1, _before(conversation, message))
    later = _take(half + 1, _from(conversation, message))
    rows = [*earlier[:half][::-1], *later[:half]]
    return _window(conversation, rows, has_earlier=len(earlier) > half, has_later=len(later) > half)


def show_whole(window: Window, id: str) -> None:
    """Put the whole text where only the beginning of a long message is shown."""
    for message in window.messages:
        if str(message.pk) == id and message.rest:
            message.text = Message.objects.values_list("text", flat=True).get(pk=message.pk)
            message.is_whole = True


def a_page_before(conversation: Conversation, message: Message) -> int | None:
    """Return the id of the message PAGE before one, or of the first there is."""
    parts = [part.values_list("pk", flat=True) for part in _before(conversation, message)]
    ids = [id for part in parts for id in part[:PAGE]][:PAGE]
    return ids[-1] if ids else None


def find(conversation: Conversation, words: list[str], end: Message | None = None) -> Found:
    """Return the newest FOUND messages that hold all of the words (chat.rendering.sought), deleted ones left out.

    SEARCHED are looked through: the newest, or those before `end`.
    """
    dated, undated = _parts(conversation)
    found, border = [], None
    for part in _before(conversation, end) if end else (undated.reverse(), dated.reverse()):
        border = next(iter(part.only("sent_at", "external_id")[SEARCHED - 1 : SEARCHED]), None)
        holding = part.filter(deleted=False)
        if border:
            last = {"external_id": border.external_id} if border.sent_at is None else {"sent_at": border.sent_at}
            holding = holding.filter(**{f"{field}__gte": value for field, value in last.items()})
        for word in words:
            holding = holding.filter(search_text__contains=word)
        found += _shown(holding)[: FOUND + 1 - len(found)]
        if border or len(found) > FOUND:
            break
    if len(found) > FOUND:
        return Found(_complete(found[:FOUND]), found[FOUND - 1])
    return Found(_complete(found), border)


def _parts(conversation) -> tuple[QuerySet, QuerySet]:
    """Return the messages with a time, and those without, in order."""
    ordered = conversation.messages.order_by("sent_at", "external_id")
    return ordered.filter(sent_at__isnull=False), ordered.filter(sent_at__isnull=True)


def _from(conversation, message) -> list[QuerySet]:
    """Return the message and what follows, in order."""
    dated, undated = _parts(conversation)
    if message.sent_at is None:
        return [undated.filter(external_id__gte=message.external_id)]
    return [dated.filter(TupleGreaterThanOrEqual(_KEY, (message.sent_at, message.external_id))), undated]


def _before(conversation, message) -> list[QuerySet]:
    """Return what comes before the message, newest first."""
    dated, undated = _parts(conversation)
    if message.sent_at is None:
        return [undated.filter(external_id__lt=message.external_id).reverse(), dated.reverse()]
    return [dated.filter(TupleLessThan(_KEY, (message.sent_at, message.external_id))).reverse()]


def _take(most, parts) -> list[Message]:
    rows = []
    for part in parts:
        if len(rows) < most:
            rows += _shown(part)[: most - len(rows)]
    return rows


class _LastVersions(Func):
    """The last versions, their texts cut, so that no history of edits is longer than a page."""

    template = f"""(
        SELECT jsonb_agg(jsonb_build_array(version -> 0, left(version ->> 1, {LONGEST})) ORDER BY place)
        FROM (
            SELECT * FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS each (version, place)
            ORDER BY place DESC LIMIT {MOST_VERSIONS + 1}
        ) AS last_versions
    )"""  # noqa: S608 - numbers of ours


def _shown(messages: QuerySet) -> QuerySet:
    """Take along what is shown, and of long texts only their beginning."""
    return (
        messages.select_related("contact")
        .defer("field_versions", "search_text", "text", "versions", "contact__field_versions")
        .annotate(
            beginning=Left("text", LONGEST),
            length=Length("text"),
            last_versions=_LastVersions("versions", output_field=JSONField()),
        )
    )


def _window(conversation, messages, **known) -> Window:
    _complete(messages)
    attachments = _attachments(messages)
    quoted = _quoted(conversation, messages)
    names = _names(conversation, messages)
    previous = day = None
    for message in messages:
        sent_on = message.sent_at and timezone.localtime(message.sent_at).date()
        message.day = sent_on if sent_on != day else None
        message.begins = bool(message.day) or not _goes_on(previous, message)
        files = attachments.get(message.pk, [])
        message.shown_attachments, message.more_attachments = files[:MOST_OF_EACH], max(0, len(files) - MOST_OF_EACH)
        message.quoted = quoted.get(message.quoted_id)
        message.earlier = list(earlier_versions(message.last_versions or []))
        message.reacted = [(emoji, names.get(contact_id, "")) for emoji, contact_id in _reactions(message)]
        previous, day = message, sent_on or day
    return Window(messages, **known)


def _complete(messages):
    for message in messages:
        message.text = message.beginning
        message.rest = max(0, getattr(message, "length", 0) - LONGEST)
    return messages


def _goes_on(previous, message):
    """Whether it is what the same person goes on to say."""
    if previous is None or _speaker(previous) != _speaker(message):
        return False
    if previous.sent_at is None or message.sent_at is None:
        return previous.sent_at is message.sent_at
    return message.sent_at - previous.sent_at < TOGETHER


def _speaker(message):
    return message.kind == "system", message.direction, message.sender, message.contact_id


def _attachments(messages):
    found = {}
    for attachment in Attachment.objects.filter(message__in=messages).defer("field_versions")[: MOST * MOST_OF_EACH]:
        found.setdefault(attachment.message_id, []).append(attachment)
    return found


def _quoted(conversation, messages) -> dict[str, Message]:
    """Return the quoted messages by their ids, with `text` as far as a quotation goes."""
    ids = {message.quoted_id for message in messages} - {""}
    if not ids:
        return {}
    quoted = Message.objects.filter(source=conversation.source_id, external_id__in=ids)
    rows = quoted.only("external_id", "kind", "deleted", "conversation").annotate(
        beginning=Left("text", LONGEST_QUOTED)
    )
    return {message.external_id: message for message in _complete(list(rows))}


def earlier_versions(versions):
    """Yield what a message said before, oldest first, and until when."""
    for (_, text), (position, following) in pairwise(versions):
        if text != following:
            yield text or "", conversations.time_of(position)


def _reactions(message):
    reactions = message.reactions if isinstance(message.reactions, list) else []
    for reaction in reactions[:MOST_OF_EACH]:
        if isinstance(reaction, dict):
            yield str(reaction.get("emoji") or "?")[:20], str(reaction.get("contact_id") or "")


def _names(conversation, messages) -> dict[str, str]:
    ids = {contact_id for message in messages for _, contact_id in _reactions(message)}
    if not ids:
        return {}
    return {
        contact.external_id: str(contact)
        for contact in Contact.objects.filter(source=conversation.source_id, external_id__in=ids).defer(
            "field_versions"
        )
    }
