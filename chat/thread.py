"""A conversation's messages, a page at a time.

They are in the order of `sent_at` and the provider's id, those without a time last, and each page begins at a message
(models.Message, index message_thread), so that the cost of a page does not grow with the conversation.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThan

from chat.message_views import LoadedMessage, MessageExcerpt, MessageView, annotate_text, build_views
from chat.models import Conversation, Message

PAGE_SIZE = 50  # messages shown at first, and added by each step back
MAX_MESSAGES = 300  # on a page
SEARCH_BATCH = 5_000  # messages searched by one request
MAX_FOUND = 50  # messages found by one request

_KEY = Tuple(F("sent_at"), F("external_id"))


@dataclass(frozen=True)
class Window:
    """Consecutive messages of a conversation, oldest first."""

    messages: list[MessageView]
    has_earlier: bool = False
    has_later: bool = False

    @property
    def first(self) -> Message | None:
        return self.messages[0].message if self.messages else None

    @property
    def last(self) -> Message | None:
        return self.messages[-1].message if self.messages else None


@dataclass(frozen=True)
class FoundMessages:
    messages: list[MessageExcerpt]  # newest first
    searched_until: Message | None  # the earliest message that was searched; None where all were


def newest(conversation: Conversation, limit: int = PAGE_SIZE) -> Window:
    """Return the last `limit` messages."""
    rows = list(annotate_text(conversation.messages.order_by("-sent_at", "-external_id"))[: limit + 1])
    return Window(build_views(conversation, rows[:limit][::-1]), has_earlier=len(rows) > limit)


def since(conversation: Conversation, first: Message) -> Window:
    """Return `first` and all later messages; the last MAX_MESSAGES where there are more."""
    rows = _take(MAX_MESSAGES + 1, [part.reverse() for part in _from(conversation, first)[::-1]])
    has_earlier = len(rows) > MAX_MESSAGES or any(part.exists() for part in _before(conversation, first))
    return Window(build_views(conversation, rows[:MAX_MESSAGES][::-1]), has_earlier=has_earlier)


def before(conversation: Conversation, message: Message) -> Window:
    """Return the PAGE_SIZE messages before one."""
    rows = _take(PAGE_SIZE + 1, _before(conversation, message))
    views = build_views(conversation, rows[:PAGE_SIZE][::-1])
    return Window(views, has_earlier=len(rows) > PAGE_SIZE, has_later=True)


def after(conversation: Conversation, message: Message) -> Window:
    """Return a message and the PAGE_SIZE messages after it."""
    rows = _take(PAGE_SIZE + 2, _from(conversation, message))
    views = build_views(conversation, rows[: PAGE_SIZE + 1])
    return Window(views, has_earlier=True, has_later=len(rows) > PAGE_SIZE + 1)


def around(conversation: Conversation, message: Message) -> Window:
    """Return a message with those before and after it, PAGE_SIZE in all."""
    half = PAGE_SIZE // 2
    earlier = _take(half + 1, _before(conversation, message))
    later = _take(half + 1, _from(conversation, message))
    views = build_views(conversation, [*earlier[:half][::-1], *later[:half]])
    return Window(views, has_earlier=len(earlier) > half, has_later=len(later) > half)


def expand_message(window: Window, id: str) -> Window:
    """Return the window with the whole text of the message whose key is `id`, if it is there and was cut."""
    return replace(window, messages=[_expand(view) if str(view.message.pk) == id else view for view in window.messages])


def _expand(view: MessageView) -> MessageView:
    if not view.remaining_length:
        return view
    whole = Message.objects.values_list("text", flat=True).get(pk=view.message.pk)
    return replace(view, text=whole, is_whole=True)


def find_page_start(conversation: Conversation, message: Message) -> int | None:
    """Return the key of the message PAGE_SIZE before one, or of the first; None where there is none before it."""
    parts = [part.values_list("pk", flat=True) for part in _before(conversation, message)]
    ids = [id for part in parts for id in part[:PAGE_SIZE]][:PAGE_SIZE]
    return ids[-1] if ids else None


def search_thread(conversation: Conversation, words: list[str], end: Message | None = None) -> FoundMessages:
    """Return the newest MAX_FOUND messages that contain all words (chat.rendering.search_words), deleted ones left out.

    SEARCH_BATCH are searched: the newest, or those before `end`.
    """
    dated, undated = _parts(conversation)
    found: list[LoadedMessage] = []
    border: Message | None = None
    for part in _before(conversation, end) if end else (undated.reverse(), dated.reverse()):
        border = next(iter(part.only("sent_at", "external_id")[SEARCH_BATCH - 1 : SEARCH_BATCH]), None)
        matching = part.filter(deleted=False)
        if border:
            last: dict[str, Any] = (
                {"external_id": border.external_id} if border.sent_at is None else {"sent_at": border.sent_at}
            )
            matching = matching.filter(**{f"{field}__gte": value for field, value in last.items()})
        for word in words:
            matching = matching.filter(search_text__contains=word)
        found += annotate_text(matching)[: MAX_FOUND + 1 - len(found)]
        if border or len(found) > MAX_FOUND:
            break
    if len(found) > MAX_FOUND:
        border = found[MAX_FOUND - 1]
    return FoundMessages([MessageExcerpt(row, row.beginning) for row in found[:MAX_FOUND]], border)


def _parts(conversation: Conversation) -> tuple[QuerySet[Message], QuerySet[Message]]:
    """Return the messages with a time, and those without, in order."""
    ordered = conversation.messages.order_by("sent_at", "external_id")
    return ordered.filter(sent_at__isnull=False), ordered.filter(sent_at__isnull=True)


def _from(conversation: Conversation, message: Message) -> list[QuerySet[Message]]:
    """Return the message and those after it, in order."""
    dated, undated = _parts(conversation)
    if message.sent_at is None:
        return [undated.filter(external_id__gte=message.external_id)]
    return [dated.filter(TupleGreaterThanOrEqual(_KEY, (message.sent_at, message.external_id))), undated]


def _before(conversation: Conversation, message: Message) -> list[QuerySet[Message]]:
    """Return the messages before one, newest first."""
    dated, undated = _parts(conversation)
    if message.sent_at is None:
        return [undated.filter(external_id__lt=message.external_id).reverse(), dated.reverse()]
    return [dated.filter(TupleLessThan(_KEY, (message.sent_at, message.external_id))).reverse()]


def _take(limit: int, parts: list[QuerySet[Message]]) -> list[LoadedMessage]:
    rows: list[LoadedMessage] = []
    for part in parts:
        if len(rows) < limit:
            rows += annotate_text(part)[: limit - len(rows)]
    return rows
