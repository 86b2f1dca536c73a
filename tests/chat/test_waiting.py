"""Who waits for an answer, and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.models import Conversation, Message
from tests import payloads

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def said(source_of, post, process):
    """Return a function that tells who wrote ("in", "out"), a minute after the other."""
    source = source_of("oneroute")

    def said(*directions):
        for minute, direction in enumerate(directions):
            payload = payloads.load("new-message-documented-sample.json", "oneroute")
            when = (START + timedelta(minutes=minute)).isoformat()
            payload["message"] |= {"content": f"{minute}", "sender": {"name": "x", "authUser": direction == "out"}}
            payload["message"]["externalId"] = f"m{minute}"
            payload["conversation"] |= {"updatedAt": when, "lastMessageAt": when}
            assert post(payload, to=source).status_code == 200
        process()
        return Conversation.objects.get()

    return said


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
def test_waits_since_the_first_thing_that_nobody_answered(said, directions, minute):
    conversation = said(*directions)
    since = None if minute is None else START + timedelta(minutes=minute)
    assert (conversation.unanswered, conversation.unanswered_since) == (minute is not None, since)
    assert list(Conversation.objects.unanswered()) == ([conversation] if since else [])


def test_who_has_waited_the_longest_comes_first(said):
    first = said("in")
    others = [Conversation(source=first.source, external_id=f"c{hours}", unanswered=True) for hours in (2, 0, 1)]
    for other in others:
        other.unanswered_since = (
            START - timedelta(hours=int(other.external_id[1:])) if other.external_id != "c0" else None
        )
    Conversation.objects.bulk_create(others)
    assert [one.external_id for one in Conversation.objects.longest_waiting()] == ["c2", "c1", first.external_id, "c0"]


def test_a_message_says_where_it_stands(said):
    conversation, message = said("in"), Message.objects.get()
    assert message.get_place_url() == f"{conversation.get_admin_url()}?message={message.pk}#message-{message.pk}"
