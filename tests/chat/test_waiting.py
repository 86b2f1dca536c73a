"""Unanswered conversations, and since when they are unanswered."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.models import Conversation, Message
from tests import payloads

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def send(source_of, post, process):
    """Return a function that sends a message a minute in the given directions ("in", "out")."""
    source = source_of("oneroute")

    def send(*directions):
        for minute, direction in enumerate(directions):
            payload = payloads.load("new-message-documented-sample.json", "oneroute")
            when = (START + timedelta(minutes=minute)).isoformat()
            payload["message"] |= {"content": f"{minute}", "sender": {"name": "x", "authUser": direction == "out"}}
            payload["message"]["externalId"] = f"m{minute}"
            payload["conversation"] |= {"updatedAt": when, "lastMessageAt": when}
            assert post(payload, to=source).status_code == 200
        process()
        return Conversation.objects.get()

    return send


@pytest.mark.parametrize(
    ("directions", "minute"),
    [
        (["in"], 0),
        (["in", "in", "in"], 0),
        (["in", "out", "in", "in"], 2),
        (["out", "in"], 1),
        (["in", "out"], None),
        (["out"], None),
    ],
)
def test_is_unanswered_since_the_first_message_without_a_reply(send, directions, minute):
    conversation = send(*directions)
    since = None if minute is None else START + timedelta(minutes=minute)
    assert (conversation.unanswered, conversation.unanswered_since) == (minute is not None, since)
    assert list(Conversation.objects.unanswered()) == ([conversation] if since else [])


def test_the_longest_waiting_comes_first(send):
    first = send("in")
    others = [Conversation(source=first.source, external_id=f"c{hours}", unanswered=True) for hours in (2, 0, 1)]
    for other in others:
        other.unanswered_since = (
            START - timedelta(hours=int(other.external_id[1:])) if other.external_id != "c0" else None
        )
    Conversation.objects.bulk_create(others)
    assert [one.external_id for one in Conversation.objects.longest_waiting()] == ["c2", "c1", first.external_id, "c0"]


def test_a_message_has_a_url_in_its_conversation(send):
    conversation, message = send("in"), Message.objects.get()
    assert message.get_thread_url() == f"{conversation.get_admin_url()}?message={message.pk}#message-{message.pk}"
