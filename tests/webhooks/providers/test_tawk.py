"""tawk.to: start, end and transcript make one thread, in whichever order they come."""

from itertools import permutations

import pytest

from chat.models import Contact, Conversation, Message, Ticket
from tests import payloads
from webhooks.models import Event
from webhooks.providers import registry

CHAT = ["chat-start.json", "chat-transcript-created.json", "chat-end.json"]


@pytest.fixture
def tawk(source_of):
    return source_of("tawk")


@pytest.mark.parametrize("order", list(permutations(CHAT)))
def test_start_end_and_transcript_in_any_order_are_one_thread(tawk, post, process, order):
    for name in order:
        post(name, to=tawk)
        process()

    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.account_name) == ("ended", "Bobs Burgers")
    assert conversation.started_at.isoformat() == "2019-06-28T14:03:04.646000+00:00"
    assert conversation.ended_at.isoformat() == "2019-06-28T14:04:08.718000+00:00"
    assert [(m.direction, m.sender, m.kind, m.text) for m in conversation.messages.all()] == [
        ("in", "V1561719148780935", "text", "Sample message"),
        ("out", "Martins", "text", "Hi, where is your order?"),
        ("", "", "system", "Visitor left"),
    ]
    assert (conversation.message_count, conversation.unanswered) == (3, False)
    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("V1561719148780935", "hello@test.com")
    assert (contact.city, contact.country) == ("jelgava", "LV")


def test_the_transcripts_first_message_is_that_of_the_start_at_another_millisecond_too(tawk, post, process):
    transcript = payloads.load(CHAT[1], "tawk")
    transcript["chat"]["messages"][0]["time"] = "2019-06-28T14:03:04.501Z"
    post(CHAT[0], to=tawk)
    post(transcript, to=tawk)
    process()

    assert Message.objects.filter(text="Sample message").count() == 1


def test_saying_the_same_twice_is_two_messages(tawk, post, process):
    transcript = payloads.load(CHAT[1], "tawk")
    transcript["chat"]["messages"].insert(1, transcript["chat"]["messages"][0] | {"time": "2019-06-28T14:03:09.000Z"})
    post(transcript, to=tawk)
    post(CHAT[0], to=tawk)
    process()

    assert Message.objects.filter(text="Sample message").count() == 2


def test_a_file_in_a_transcript(tawk, post, process):
    file = {"url": "https://tawk.link/f.png", "name": "f.png", "mimeType": "image/png"}
    transcript = payloads.load(CHAT[1], "tawk")
    transcript["chat"]["messages"][1] |= {"type": "file", "attchs": [{"type": "file", "content": {"file": file}}]}
    post(transcript, to=tawk)
    process()

    attachment = Message.objects.get(kind="file").attachments.get()
    assert (attachment.name, attachment.url, attachment.content_type) == tuple(
        file[k] for k in ("name", "url", "mimeType")
    )


def test_a_visitor_without_an_email(tawk, post, process):
    start = payloads.load(CHAT[0], "tawk")
    del start["visitor"]["email"]
    post(start, to=tawk)
    process()

    conversation = Conversation.objects.get()
    assert (conversation.contact.name, conversation.contact.email) == ("V1561719148780935", "")
    assert conversation.unanswered


def test_a_ticket_with_its_human_id(tawk, post, process):
    post("ticket-create.json", to=tawk)
    process()

    ticket = Ticket.objects.get()
    assert (str(ticket), ticket.text) == ("#3 Testing", "Once more through the breach")
    assert (ticket.contact.name, ticket.contact.email, ticket.account_name) == (
        "Martins",
        "martins@tawk.to",
        "Bobs Burgers",
    )
    assert ticket.opened_at.isoformat() == "2019-06-28T14:07:13.512000+00:00"


def test_the_id_of_its_tries_is_kept_and_no_key(tawk, post):
    """X-Hook-Event-Id is not signed: whoever changes it must not slip past the duplicates."""
    post(CHAT[0], to=tawk, headers={"X-Hook-Event-Id": "one"})
    again = post(CHAT[0], to=tawk, headers={"X-Hook-Event-Id": "two"})

    assert again.json()["status"] == "duplicate"
    assert Event.objects.get().headers["X-Hook-Event-Id"] == "one"


def test_names_the_field_that_is_not_what_it_should_be(tawk, post, process):
    post(payloads.load(CHAT[0], "tawk") | {"message": {"text": {"html": "x"}}}, to=tawk)

    assert process() == "Events: 1 dead"
    assert Event.objects.get().error == "message.text: Input should be a valid string"


def test_all_its_types_have_a_label():
    assert {type: known.label for type, known in registry()["tawk"].event_types.items()} == {
        "chat:start": "Chat started",
        "chat:end": "Chat ended",
        "chat:transcript_created": "Transcript",
        "ticket:create": "Ticket opened",
    }
