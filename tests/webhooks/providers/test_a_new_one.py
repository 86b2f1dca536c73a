"""A provider is one module: a fifth, declared here, is verified, stored, read and shown with nothing else touched."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from chat.models import Conversation as ConversationRow
from webhooks.models import Event
from webhooks.payloads.conversations import Contact, Conversation, Message, sort_key
from webhooks.payloads.schema import Id, Text, Time, Value, validated
from webhooks.providers import registry
from webhooks.providers.base import EventType, Provider
from webhooks.providers.signatures import Signature


class Said(Value):
    thread: Id
    nr: Id
    who: Text = None
    words: Text = None
    at: Time = None


def read_said(payload):
    said = validated(Said, payload)
    when = sort_key(said.at)
    yield Contact(id=said.thread, position=when, name=said.who)
    yield Conversation(id=said.thread, position=when, contact=said.thread, channel="PIGEON")
    yield Message(
        id=said.nr, position=when, conversation=said.thread, direction="in", sender=said.who, kind="text",
        text=said.words, sent_at=said.at,
    )  # fmt: skip


class Acme(Provider):
    name = "Acme Pigeons"
    signatures = (Signature(header="X-Acme", algorithm="sha256", signed_content="the whole body"),)
    type_path = "what"
    time_path = "at"
    event_types = {"said": EventType("Pigeon arrived", "thread", read_said)}


@pytest.fixture
def acme(monkeypatch, source_of):
    monkeypatch.setitem(registry(), "acme", Acme())
    return source_of("acme")


def test_it_is_verified_stored_read_and_shown(acme, client, process, ivo):
    body = json.dumps(
        {"what": "said", "thread": "t", "nr": 1, "who": "Ana", "words": "Coo", "at": "2026-03-02T10:00:00Z"}
    ).encode()
    signature = hmac.new("tests-only-secret-ñ-€".encode(), body, hashlib.sha256).hexdigest()

    def post(signature):
        return client.post(
            acme.get_webhook_path(), body, content_type="application/json", headers={"X-Acme": signature}
        )

    assert post("0" * 64).status_code == 401
    assert post(signature).json()["status"] == "accepted"
    assert process() == "Events: 1 processed"

    event = Event.objects.get()
    assert (event.label, event.occurred_at) == ("Pigeon arrived", datetime(2026, 3, 2, 10, tzinfo=UTC))
    client.force_login(ivo)
    conversation = ConversationRow.objects.get()
    page = client.get(conversation.get_admin_url()).content.decode()
    assert "Coo" in page
    assert "Pigeon" in page
    assert conversation.get_admin_url() in client.get(f"/admin/webhooks/event/{event.pk}/change/").content.decode()
    assert "Acme Pigeons" in client.get("/admin/webhooks/source/add/").content.decode()
