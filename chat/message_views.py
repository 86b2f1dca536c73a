"""Views of messages: what the pages show of each message, loaded in a few queries for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Func, JSONField, QuerySet
from django.db.models.functions import Left, Length
from django.utils import timezone

from chat.models import Attachment, Contact, Conversation, Message
from webhooks.payloads import conversations

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

TEXT_LIMIT = 2_000  # characters of a message in a thread; its own page has the rest
QUOTATION_LIMIT = 160  # characters
MAX_VERSIONS = 20  # of a message's text
MAX_ATTACHMENTS = MAX_REACTIONS = 20  # of a message
LOADED_ATTACHMENTS_LIMIT = 6_000  # of all messages of a page
GROUPED_WITHIN = timedelta(minutes=5)  # messages of one sender within it are shown as a group


class _Beginning(TypedDict):
    beginning: str


class _Loaded(_Beginning):
    length: int
    last_versions: list[list[Any]] | None


type LoadedMessage = WithAnnotations[Message, _Loaded]


@dataclass(frozen=True)
class MessageExcerpt:
    """A message of another place, and the beginning of its text."""

    message: Message
    text: str


@dataclass(frozen=True)
class EarlierText:
    """A text that a message had before an edit, and when the edit replaced it."""

    text: str
    until: datetime | None


@dataclass(frozen=True)
class Reaction:
    emoji: str
    name: str  # of the contact; "" where the contact is unknown


@dataclass(frozen=True)
class MessageView:
    """A message as a thread shows it."""

    message: Message
    text: str  # its first TEXT_LIMIT characters, or the whole text where is_whole
    remaining_length: int  # characters that follow these TEXT_LIMIT
    day: date | None  # of the message, where it is the first of that day
    starts_group: bool  # whether its sender is another than before, or the pause was longer than GROUPED_WITHIN
    attachments: list[Attachment]
    more_attachments: int  # attachments that are not shown
    quoted: MessageExcerpt | None
    earlier_texts: list[EarlierText]
    reactions: list[Reaction]
    is_whole: bool = False

    @property
    def is_cut(self) -> bool:
        return self.remaining_length > 0 and not self.is_whole


class _LastVersions(Func):
    """The last versions of a text, each cut to TEXT_LIMIT, so that the size of a page has a bound."""

    template = f"""(
        SELECT jsonb_agg(jsonb_build_array(version -> 0, left(version ->> 1, {TEXT_LIMIT})) ORDER BY place)
        FROM (
            SELECT * FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS each (version, place)
            ORDER BY place DESC LIMIT {MAX_VERSIONS + 1}
        ) AS last_versions
    )"""  # noqa: S608 - both are constants


def annotate_text(messages: QuerySet[Message]) -> "QuerySet[LoadedMessage]":
    """Annotate messages with what `build_views` needs: of a long text, only its beginning is read."""
    return (
        messages.select_related("contact")
        .defer("field_versions", "search_text", "text", "versions", "contact__field_versions")
        .annotate(
            beginning=Left("text", TEXT_LIMIT),
            length=Length("text"),
            last_versions=_LastVersions("versions", output_field=JSONField()),
        )
    )


def build_views(conversation: Conversation, messages: "list[LoadedMessage]") -> list[MessageView]:
    """Return the views of consecutive messages of a conversation, in their order."""
    attachments = group_attachments(messages)
    quoted = _load_quoted(conversation, messages)
    reactions = {message.pk: list(_read_reactions(message.reactions)) for message in messages}
    names = _load_names(conversation, {id for each in reactions.values() for _, id in each})
    views = []
    previous, day = None, None
    for message in messages:
        sent_on = timezone.localtime(message.sent_at).date() if message.sent_at else None
        starts_day = sent_on is not None and sent_on != day
        files = attachments[message.pk]
        views.append(
            MessageView(
                message=message,
                text=message.beginning,
                remaining_length=max(0, message.length - TEXT_LIMIT),
                day=sent_on if starts_day else None,
                starts_group=starts_day or not _continues_group(previous, message),
                attachments=files[:MAX_ATTACHMENTS],
                more_attachments=max(0, len(files) - MAX_ATTACHMENTS),
                quoted=quoted.get(message.quoted_id),
                earlier_texts=list(list_earlier_texts(message.last_versions or [])),
                reactions=[Reaction(emoji, names.get(id, "")) for emoji, id in reactions[message.pk]],
            )
        )
        previous, day = message, sent_on or day
    return views


def group_attachments(messages: Iterable[Message]) -> defaultdict[int | None, list[Attachment]]:
    """Return the attachments of messages by the message's key."""
    found: defaultdict[int | None, list[Attachment]] = defaultdict(list)
    attachments = Attachment.objects.filter(message__in=messages).defer("field_versions")
    for attachment in attachments[:LOADED_ATTACHMENTS_LIMIT]:
        found[attachment.message_id].append(attachment)
    return found


def list_earlier_texts(versions: list[list[Any]]) -> Iterator[EarlierText]:
    """Yield the texts that a message had before its edits, oldest first; `versions` as Message.versions has them."""
    for (_, text), (position, following) in pairwise(versions):
        if text != following:
            yield EarlierText(text or "", conversations.time_of(position))


def _continues_group(previous: Message | None, message: Message) -> bool:
    if previous is None or _sender_key(previous) != _sender_key(message):
        return False
    if previous.sent_at is None or message.sent_at is None:
        return previous.sent_at is message.sent_at
    return message.sent_at - previous.sent_at < GROUPED_WITHIN


def _sender_key(message: Message) -> tuple[bool, str, str, int | None]:
    return message.kind == "system", message.direction, message.sender, message.contact_id


def _load_quoted(conversation: Conversation, messages: Iterable[Message]) -> dict[str, MessageExcerpt]:
    """Return the messages that these quote, by their ids."""
    ids = {message.quoted_id for message in messages} - {""}
    if not ids:
        return {}
    quoted = Message.objects.filter(source=conversation.source_id, external_id__in=ids)
    rows = quoted.only("external_id", "kind", "deleted", "conversation").annotate(
        beginning=Left("text", QUOTATION_LIMIT)
    )
    return {message.external_id: MessageExcerpt(message, message.beginning) for message in rows}


def _read_reactions(reactions: object) -> Iterator[tuple[str, str]]:
    """Yield emoji and contact id of each reaction; the provider's JSON may have any shape."""
    for reaction in reactions[:MAX_REACTIONS] if isinstance(reactions, list) else []:
        if isinstance(reaction, dict):
            yield str(reaction.get("emoji") or "?")[:20], str(reaction.get("contact_id") or "")


def _load_names(conversation: Conversation, ids: set[str]) -> dict[str, str]:
    """Return the names of the contacts of a conversation's source, by their ids."""
    if not ids:
        return {}
    contacts = Contact.objects.filter(source=conversation.source_id, external_id__in=ids)
    return {contact.external_id: str(contact) for contact in contacts.defer("field_versions")}
