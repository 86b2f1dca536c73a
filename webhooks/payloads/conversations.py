"""The values of chat events: contacts, conversations, messages and so on; frozen, and without a database.

Each value has the fields of one object that an event reports, as they were at its `position`; a field that is not set
is not reported. For each field the value with the highest position applies, so that any order and any number of
duplicates give the same rows (chat.fold).
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict

from webhooks.payloads import schema
from webhooks.payloads.schema import Id, Reference, Text, Time

DELETED_SORT_KEY = "~"  # the position of a deletion, after every other: no late event brings it back


def sort_key(time: datetime | None, *then: int) -> str:
    """Return the sort key of a value among those of the same object; compared as text."""
    microseconds = round(time.timestamp() * 1_000_000) if time else 0
    return "|".join([f"{max(microseconds, 0):017d}", *(f"{max(number, 0):017d}" for number in then)])


def time_of(position: str) -> datetime | None:
    """Return the time that a position begins with."""
    microseconds = position.partition("|")[0]
    return datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC) if microseconds.strip("0").isdigit() else None


def derive_id(*parts: Any) -> str:
    """Return an id for what its provider gives none: the same parts give the same."""
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()[:32]


class ConversationValue(schema.Value):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    position: str
    deleted: bool = False


class Contact(ConversationValue):
    name: Text = None
    email: Text = None
    phone_number: Text = None
    avatar_url: Text = None
    city: Text = None
    country: Text = None
    last_active_at: Time = None


class Group(ConversationValue):
    name: Text = None
    description: Text = None
    avatar_url: Text = None
    conversation: Reference = None  # its id, as are all names of other things here
    members: Any = None  # ids of contacts
    archived_at: Time = None


class Conversation(ConversationValue):
    subject: Text = None
    account: Text = None  # of the retailer with the provider: InstaLeap's client, tawk.to's property
    account_name: Text = None
    channel: Text = None  # the medium, as in WHATSAPP
    channel_name: Text = None
    country: Text = None
    status: Text = None
    agent: Text = None
    contact: Reference = None
    group: Reference = None
    job_id: Reference = None
    is_read: bool | None = None
    started_at: Time = None
    ended_at: Time = None
    archived_at: Time = None


class Message(ConversationValue):
    conversation: Reference = None
    contact: Reference = None  # who wrote it, where the provider says it by a contact's id
    sender: Text = None
    # "in" from the customer, "out" to the customer; not set, it follows from whether `contact` is the customer.
    direction: Text = None
    kind: Text = None  # text, image, video, document, audio, file, call or system
    text: Text = None
    quoted_id: Reference = None
    sent_at: Time = None
    read_at: Time = None
    reactions: Any = None  # [{"emoji", "contact_id"}]


class Attachment(ConversationValue):
    message: Reference = None
    name: Text = None
    url: Text = None
    content_type: Text = None
    size: int | None = None  # bytes
    created_at: Time = None


class Ticket(ConversationValue):
    number: Text = None  # the one that people say
    subject: Text = None
    text: Text = None
    contact: Reference = None  # who opened it
    account: Text = None
    account_name: Text = None
    opened_at: Time = None


class CampaignReport(ConversationValue):
    text: Text = None
    url: Text = None
    conversation_id: Text = None
    firm_id: Text = None
