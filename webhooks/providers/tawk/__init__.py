"""tawk.to: chats, their transcripts, and tickets. https://developer.tawk.to/webhooks/

It repeats an event for up to 12 hours until the answer is a 2xx. All attempts share an id (X-Hook-Event-Id), but this
header is not signed, so it is stored and shown and does not identify the event.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as N_
from pydantic import AliasPath, Field

from webhooks.payloads import parsing
from webhooks.payloads.conversations import Attachment, Contact, Conversation, Message, Ticket, derive_id, sort_key
from webhooks.payloads.schema import Id, Text, Time, Value, validated
from webhooks.providers.base import EventType, Provider
from webhooks.providers.signatures import Signature

VISITOR, AGENT, SYSTEM = "visitor", "agent", "system"
SENDERS = {"v": VISITOR, "a": AGENT, "s": SYSTEM}  # as a transcript writes them
DIRECTIONS = {VISITOR: "in", AGENT: "out"}
KINDS = {"msg": "text", "file": "file", "webrtc-call": "call"}


class TawkPerson(Value):
    name: Text = None
    email: Text = None  # "Optional", says their page
    city: Text = None
    country: Text = None


class Property(Value):
    id: Text = None
    name: Text = None


class TawkEvent(Value):
    time: Time = None
    property: Property = Property()

    def common(self) -> dict[str, Any]:
        """Return the fields that all values of this event share."""
        return {"position": sort_key(self.time)}

    def account(self) -> dict[str, Any]:
        return {"account": self.property.id, "account_name": self.property.name}


class Chat(TawkEvent):
    chatId: Id
    visitor: TawkPerson = TawkPerson()


class StartMessage(Value):
    text: Text = None
    type: Text = None
    sender: Text = Field(default=None, validation_alias=AliasPath("sender", "type"))


class ChatStart(Chat):
    message: StartMessage = StartMessage()


class TranscriptMessage(Value):
    sender: Text = Field(default=None, validation_alias=AliasPath("sender", "t"))
    name: Text = Field(default=None, validation_alias=AliasPath("sender", "n"))
    type: Text = None
    msg: Text = None
    time: Time = None
    attchs: list[Any] | None = None


class Transcript(Chat):
    chatId: Id = Field(validation_alias=AliasPath("chat", "id"))
    visitor: TawkPerson = Field(default=TawkPerson(), validation_alias=AliasPath("chat", "visitor"))
    messages: list[TranscriptMessage] = Field(default=[], validation_alias=AliasPath("chat", "messages"))


class TawkTicket(Value):
    id: Id
    humanId: Text = None
    subject: Text = None
    message: Text = None


class TicketCreate(TawkEvent):
    requester: TawkPerson = TawkPerson()
    ticket: TawkTicket


def _contact(person: TawkPerson, thread: str, common: dict[str, Any]) -> Contact:
    said = person.model_dump(include=set(TawkPerson.model_fields), exclude_none=True)
    return Contact(id=derive_id("person", (person.email or "").casefold() or thread), **said, **common)


def _chat(event: Chat, **said: Any) -> Iterator[Contact | Conversation]:
    """Yield the visitor and the conversation of an event, with the conversation's further fields."""
    common = event.common()
    contact = _contact(event.visitor, event.chatId, common)
    yield contact
    yield Conversation(id=event.chatId, channel="TAWK", contact=contact.id, **said, **event.account(), **common)


def _message(event: Chat, occurrence: int, by: str | None, type: str | None, text: str | None, **said: Any) -> Message:
    """Return a message of a visitor, an agent or the system (`by`), who wrote this text `occurrence` times before.

    It is known by that, as the transcript repeats the message of chat:start, perhaps at another millisecond.
    """
    return Message(
        id=derive_id(event.chatId, by, text, occurrence),
        conversation=event.chatId,
        direction=DIRECTIONS.get(by or "", ""),
        kind="system" if by == SYSTEM else KINDS.get(type or "", type),
        text=text,
        **said,
        **event.common(),
    )


def read_chat_start(payload: Any) -> Iterator[Contact | Conversation | Message]:
    event = validated(ChatStart, payload)
    yield from _chat(event, status="open", country=event.visitor.country, started_at=event.time)
    message = event.message
    named = {"sender": event.visitor.name} if message.sender == VISITOR else {}
    yield _message(event, 0, message.sender, message.type, message.text, sent_at=event.time, **named)


def read_chat_end(payload: Any) -> Iterator[Contact | Conversation]:
    event = validated(Chat, payload)
    yield from _chat(event, status="ended", ended_at=event.time)


def read_transcript(payload: Any) -> Iterator[Contact | Conversation | Message | Attachment]:
    event = validated(Transcript, payload)
    yield from _chat(event)
    seen: Counter[tuple[str | None, str | None]] = Counter()
    for said in event.messages:
        by = SENDERS.get(said.sender or "", said.sender)
        occurrence = seen[by, said.msg]
        seen[by, said.msg] += 1
        message = _message(event, occurrence, by, said.type, said.msg, sender=said.name, sent_at=said.time)
        yield message
        for number, attachment in enumerate(said.attchs or []):
            yield _attachment(message.id, number, attachment, event.common())


def _attachment(message: str, number: int, attachment: Any, common: dict[str, Any]) -> Attachment:
    file = parsing.at(attachment, "content.file") or attachment
    return Attachment(
        id=derive_id(message, number),
        message=message,
        name=parsing.bounded(parsing.at(file, "name"), 1000),
        url=parsing.bounded(parsing.at(file, "url"), 5000),
        content_type=parsing.bounded(parsing.at(file, "mimeType"), 100),
        **common,
    )


def read_ticket(payload: Any) -> Iterator[Contact | Ticket]:
    event = validated(TicketCreate, payload)
    common, ticket = event.common(), event.ticket
    contact = _contact(event.requester, ticket.id, common)
    yield contact
    yield Ticket(
        id=ticket.id,
        number=ticket.humanId,
        subject=ticket.subject,
        text=ticket.message,
        contact=contact.id,
        opened_at=event.time,
        **event.account(),
        **common,
    )


class Tawk(Provider):
    name = "tawk.to"
    signatures = (Signature(header="X-Tawk-Signature", algorithm="sha1", signed_content=N_("the whole body")),)
    type_path = "event"
    time_path = "time"
    event_types = {
        "chat:start": EventType("Chat started", "chatId", read_chat_start, "Chat"),
        "chat:end": EventType("Chat ended", "chatId", read_chat_end, "Chat"),
        # On their current page, https://developer.tawk.to/webhooks/.
        "chat:transcript_created": EventType("Transcript", "chat.id", read_transcript, "Chat"),
        "ticket:create": EventType("Ticket opened", "ticket.id", read_ticket, "Ticket"),
    }

    def simulate(self, **options: Any) -> list[dict[str, Any]]:
        # Only `manage.py play` and the tests need it, no web process.
        from webhooks.providers.tawk import simulator

        return simulator.simulate(**options)


provider = Tawk()
