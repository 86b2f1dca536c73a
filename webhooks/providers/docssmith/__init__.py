"""DocsSmith Demo2: contacts, conversations, messages, groups and attachments, each created, updated and deleted.

The `id` of an event does not identify it (the documentation's two samples share one), so that the body's hash does.
No event has a time of its own: the events about an object are ordered by its `updated_at`, else `created_at`; within a
second, created comes before updated, and then the latest time in the payload decides. So the order depends on the
content alone, not on the order of arrival.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as N_

from webhooks.payloads import parsing
from webhooks.payloads.conversations import (
    DELETED_SORT_KEY,
    Attachment,
    Contact,
    Conversation,
    Group,
    Message,
    sort_key,
)
from webhooks.payloads.schema import Id, Reference, Seconds, Text, Value, validated
from webhooks.providers.base import EventType, Provider
from webhooks.providers.signatures import Signature


class DocsSmithObject(Value):
    """A payload, or an object within one."""

    id: Id
    created_at: Seconds = None
    updated_at: Seconds = None

    def sort_key(self, verb: str) -> str:
        moments = [getattr(self, name) for name in type(self).model_fields if name.endswith("_at")]
        latest = max((moment.timestamp() for moment in moments if moment), default=0)
        return sort_key(self.updated_at or self.created_at, verb != "created", round(latest))

    def reported(self, verb: str, **fields: str) -> dict[str, Any]:
        """Return the fields that the payload has, under the names of webhooks.payloads.conversations."""
        said = {ours: getattr(self, theirs) for ours, theirs in fields.items() if theirs in self.model_fields_set}
        return {"id": self.id, "position": self.sort_key(verb), **said}


class DocsSmithContact(DocsSmithObject):
    username: Text = None
    phone_number: Text = None
    avatar_url: Text = None
    email: Text = None
    last_active_at: Seconds = None


class DocsSmithConversation(DocsSmithObject):
    contact: DocsSmithContact | Reference = None
    group_id: Reference = None
    last_active_at: Seconds = None
    last_opened_at: Seconds = None
    archived_at: Seconds = None


class DocsSmithAttachment(DocsSmithObject):
    message_id: Reference = None
    filename: Text = None
    file_url: Text = None
    file_type: Text = None
    file_size: int | None = None


class DocsSmithMessage(DocsSmithObject):
    conversation_id: Reference = None
    contact: DocsSmithContact | Reference = None
    message: Text = None
    reactions: list[Any] | None = None
    attachments: list[DocsSmithAttachment | Id] | None = None
    read_at: Seconds = None


class DocsSmithGroup(DocsSmithObject):
    name: Text = None
    description: Text = None
    avatar_url: Text = None
    conversation_id: Reference = None
    contacts: list[DocsSmithContact | Id] | None = None
    archived_at: Seconds = None


def read_contact(contact: DocsSmithContact, verb: str) -> Iterator[Contact]:
    same = {field: field for field in ("phone_number", "email", "avatar_url", "last_active_at")}
    yield Contact(**contact.reported(verb, name="username", **same))


def read_conversation(conversation: DocsSmithConversation, verb: str) -> Iterator[Contact | Conversation]:
    yield from _inner(read_contact, conversation.contact)
    fields = conversation.reported(
        verb, contact="contact", group="group_id", started_at="created_at", archived_at="archived_at"
    )
    yield Conversation(channel="DOCSSMITH", **_named(fields, "contact"))


def read_message(message: DocsSmithMessage, verb: str) -> Iterator[Contact | Message | Attachment]:
    yield from _inner(read_contact, message.contact)
    fields = message.reported(
        verb,
        conversation="conversation_id",
        contact="contact",
        text="message",
        sent_at="created_at",
        read_at="read_at",
        reactions="reactions",
    )
    if isinstance(message.contact, DocsSmithContact) and message.contact.username:
        fields["sender"] = message.contact.username
    yield Message(kind="text", **_named(fields, "contact"))
    for attachment in message.attachments or []:
        yield from _inner(read_attachment, attachment)
        yield Attachment(id=_id(attachment), position=fields["position"], message=message.id)


def read_group(group: DocsSmithGroup, verb: str) -> Iterator[Contact | Group]:
    for contact in group.contacts or []:
        yield from _inner(read_contact, contact)
    same = {field: field for field in ("name", "description", "avatar_url", "archived_at")}
    fields = group.reported(verb, conversation="conversation_id", members="contacts", **same)
    if fields.get("members"):
        fields["members"] = [_id(contact) for contact in fields["members"]]
    yield Group(**fields)


def read_attachment(attachment: DocsSmithAttachment, verb: str) -> Iterator[Attachment]:
    yield Attachment(
        **attachment.reported(
            verb,
            message="message_id",
            name="filename",
            url="file_url",
            content_type="file_type",
            size="file_size",
            created_at="created_at",
        )
    )


def _inner[P: DocsSmithObject, V](read: Callable[[P, str], Iterator[V]], part: P | str | None) -> Iterable[V]:
    """Read an object within another's payload; where the payload has only its id, it reports nothing."""
    return read(part, "updated") if isinstance(part, DocsSmithObject) else ()


def _id[T: str | None](part: DocsSmithObject | T) -> str | T:
    return part.id if isinstance(part, DocsSmithObject) else part


def _named(fields: dict[str, Any], field: str) -> dict[str, Any]:
    return fields | {field: _id(fields[field])} if field in fields else fields


class DocsSmithEvent[P: DocsSmithObject](Value):
    payload: P


def _reader[P: DocsSmithObject](
    event: type[DocsSmithEvent[P]], value: Callable[..., Any], read: Callable[[P, str], Iterator[Any]]
) -> Callable[[Any], Iterator[Any]]:
    def reader(payload: Any) -> Iterator[Any]:
        verb = payload["type"].partition(".")[2]
        thing = validated(event, payload).payload
        yield from read(thing, verb)
        if verb == "deleted":
            yield value(id=thing.id, position=DELETED_SORT_KEY, deleted=True)

    return reader


THINGS = {
    "contact": ("Contact", _reader(DocsSmithEvent[DocsSmithContact], Contact, read_contact)),
    "conversation": ("Conversation", _reader(DocsSmithEvent[DocsSmithConversation], Conversation, read_conversation)),
    "message": ("Message", _reader(DocsSmithEvent[DocsSmithMessage], Message, read_message)),
    "group": ("Group", _reader(DocsSmithEvent[DocsSmithGroup], Group, read_group)),
    "attachment": ("Attachment", _reader(DocsSmithEvent[DocsSmithAttachment], Attachment, read_attachment)),
}


class DocsSmith(Provider):
    name = "DocsSmith Demo2"
    signatures = (
        # Their page writes "x-DocsSmith Demo2-signature", which is no name that HTTP has, as it holds a space.
        Signature(header="X-DocsSmith-Demo2-Signature", algorithm="sha256", signed_content=N_("the whole body")),
    )
    event_types = {
        # A message's event is about the message: its deletion may name nothing else.
        f"{thing}.{verb}": EventType(f"{label} {verb}", "payload.id", reader, label)
        for thing, (label, reader) in THINGS.items()
        for verb in ("created", "updated", "deleted")
    }

    def time_of(self, payload: Any) -> datetime | None:
        times = (parsing.epoch(parsing.at(payload, f"payload.{name}")) for name in ("updated_at", "created_at"))
        return next((time for time in times if time), None)

    def simulate(self, **options: Any) -> list[dict[str, Any]]:
        # Only `manage.py play` and the tests need it, no web process.
        from webhooks.providers.docssmith import simulator

        return simulator.simulate(**options)


provider = DocsSmith()
