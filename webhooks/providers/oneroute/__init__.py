"""OneRoute: messages of WhatsApp and other channels, each with the state of its conversation at that time.

It signs what `JSON.stringify(req.body)` gives, and sends from one address only. An event has no id.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_
from pydantic import Field

from webhooks.payloads import javascript, parsing
from webhooks.payloads.conversations import (
    Attachment,
    CampaignReport,
    Contact,
    Conversation,
    Message,
    derive_id,
    sort_key,
)
from webhooks.payloads.schema import Id, Reference, Text, Time, Value, validated
from webhooks.providers.base import EventType, Provider
from webhooks.providers.signatures import Signature


def as_javascript_writes(body: bytes, payload: Any, parts: Mapping[str, str]) -> Iterable[bytes]:
    """Yield what may be signed: the body, which JavaScript nearly always wrote, and the body serialized by it."""
    yield body
    try:
        yield javascript.stringify(body)
    except parsing.NotJSONError:
        return


class OneRouteSender(Value):
    name: Text = None
    authUser: bool | None = None  # the retailer's own
    lastActivity: Time = None


class OneRouteMessage(Value):
    sender: OneRouteSender | None = None
    externalId: Reference = None
    content: Text = None
    contentType: Text = None
    imageUrl: Text = None
    videoUrl: Text = None
    documentUrl: Text = None
    audioUrl: Text = None
    quoted_message_id: Reference = None


class OneRoutePerson(Value):
    id: Reference = None
    name: Text = None
    email: Text = None
    phone: Text = None


class Channel(Value):
    medium: Text = None
    name: Text = None


class OneRouteConversation(Value):
    id: Id
    subject: Text = None
    agent: OneRoutePerson | Text = None
    customer: OneRoutePerson | None = None
    lastMessageAt: Time = None
    status: Text = None
    country: Text = None
    read: bool | None = None
    createdAt: Time = None
    updatedAt: Time = None
    channel: Channel | None = Field(None, alias="Channel")


class NewMessage(Value):
    message: OneRouteMessage
    conversation: OneRouteConversation


FILES = {"image": "imageUrl", "video": "videoUrl", "document": "documentUrl", "audio": "audioUrl"}


def read_new_message(payload: Any) -> Iterator[Contact | Conversation | Message | Attachment]:
    event = validated(NewMessage, payload)
    conversation, message = event.conversation, event.message
    when = sort_key(conversation.updatedAt)
    contact = None
    if customer := conversation.customer:
        contact = customer.id or derive_id("customer", customer.email or customer.phone or conversation.id)
        fields: dict[str, Any] = {
            "name": customer.name,
            "email": customer.email,
            "phone_number": customer.phone,
            "country": conversation.country,
        }
        given = {field: value for field, value in fields.items() if value is not None}
        yield Contact(id=contact, position=when, **given)
    agent = conversation.agent
    yield Conversation(
        id=conversation.id,
        position=when,
        subject=conversation.subject,
        channel=conversation.channel.medium if conversation.channel else None,
        channel_name=conversation.channel.name if conversation.channel else None,
        country=conversation.country,
        status=conversation.status,
        agent=agent.name if isinstance(agent, OneRoutePerson) else agent,
        contact=contact,
        is_read=conversation.read,
        started_at=conversation.createdAt,
    )
    sender = message.sender or OneRouteSender()
    files = {kind: url for kind, field in FILES.items() if (url := getattr(message, field))}
    id = message.externalId or derive_id(
        conversation.id, conversation.lastMessageAt, sender.authUser, message.content, *files.values()
    )
    yield Message(
        id=id,
        position=when,
        conversation=conversation.id,
        direction="out" if sender.authUser else "in",
        sender=sender.name,
        kind=(message.contentType or next(iter(files), "text")).lower(),
        text=message.content,
        quoted_id=message.quoted_message_id,
        sent_at=conversation.lastMessageAt or sender.lastActivity,
    )
    for kind, url in files.items():
        yield Attachment(id=derive_id(id, url), position=when, message=id, url=url, content_type=kind)


class CampaignConversation(Value):
    id: Text = None
    firm_id: Text = None


class Campaign(Value):
    message: Text = None
    campaignReportUrl: Text = None
    conversation: CampaignConversation = CampaignConversation()


def read_campaign_report(payload: Any) -> Iterator[CampaignReport]:
    report = validated(Campaign, payload)
    conversation = report.conversation
    yield CampaignReport(
        id=derive_id(conversation.id, conversation.firm_id, report.message, report.campaignReportUrl),
        position=sort_key(None),
        text=report.message,
        url=report.campaignReportUrl,
        conversation_id=conversation.id,
        firm_id=conversation.firm_id,
    )


class OneRoute(Provider):
    name = "OneRoute"
    signatures = (
        Signature(
            header="x-oneroute-signature",
            algorithm="sha512",
            signed_content=N_("the whole payload"),
            messages=as_javascript_writes,
        ),
    )
    networks = ("174.138.104.128",)  # "OneRoute will only send webhooks from the following IP addresses"
    type_path = "event"
    time_path = "conversation.updatedAt"
    event_types = {
        "newMessage": EventType("New message", "conversation.id", read_new_message, "Chat"),
        # Their spelling.
        "compaignDeliveryReport": EventType("Campaign delivered", "conversation.id", read_campaign_report, "Campaign"),
    }

    def simulate(self, **options: Any) -> list[dict[str, Any]]:
        # Only `manage.py play` and the tests need it, no web process.
        from webhooks.providers.oneroute import simulator

        return simulator.simulate(**options)


provider = OneRoute()
