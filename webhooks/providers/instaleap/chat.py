"""Chat messages to the customer, from pickers, drivers and support agents; each is about a job, and has no id."""

from collections.abc import Iterator
from typing import Any

from webhooks.payloads.conversations import Conversation, Message, derive_id, sort_key
from webhooks.payloads.schema import Id, Text, Time, Value, validated

# Of `sender`; others are not documented and are shown as they come.
SENDERS = {"SH": "Shopper"}


class ChatEvent(Value):
    """https://docs.instaleap.io, "Events chat"."""

    client_id: Id
    job_id: Id
    created_at: Time = None
    sender: Text = None
    notification_message: Text = None


def read_chat(payload: Any) -> Iterator[Conversation | Message]:
    event = validated(ChatEvent, payload)
    thread = derive_id(event.client_id, event.job_id)
    when = sort_key(event.created_at)
    yield Conversation(id=thread, position=when, account=event.client_id, job_id=event.job_id, channel="INSTALEAP")
    yield Message(
        id=derive_id(event.client_id, event.job_id, event.created_at, event.sender, event.notification_message),
        position=when,
        conversation=thread,
        direction="out",
        sender=SENDERS.get(event.sender or "", event.sender),
        kind="text",
        text=event.notification_message,
        sent_at=event.created_at,
    )
