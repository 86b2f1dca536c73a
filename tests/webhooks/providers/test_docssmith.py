"""DocsSmith Demo2: ids that are no identity, an order that only the payload gives, and deletions that are final."""

import random
import re

import pytest

from chat.models import Attachment, Contact, Conversation, Group, Message
from tests import payloads
from webhooks.models import Event

KEVIN = {"id": "WAz8eIbvDR60rouK", "username": "KevinMcCallister", "phone_number": "1-800-759-3000"}
STORE = {"id": "store", "username": "Plaza Hotel"}


@pytest.fixture
def docssmith(source_of):
    return source_of("docssmith")


@pytest.fixture
def tell(docssmith, post, process):
    """Send events, each (type, payload), and process them one by one."""

    def tell(*events):
        for number, (type, payload) in enumerate(events):
            assert post({"id": f"e{number}", "type": type, "payload": payload}, to=docssmith).status_code == 200
            assert process() == "Events: 1 processed"

    return tell


def message(**fields):
    return {"id": "m", "conversation_id": "c", "contact": KEVIN, "message": "one", "created_at": 1000} | fields


def test_two_events_under_one_id_are_two(docssmith, post, process):
    for name in ("conversation-updated-documented-sample.json", "message-updated-documented-sample.json"):
        assert post(name, to=docssmith).json()["status"] == "accepted"
    assert process() == "Events: 2 processed"
    assert Event.objects.filter(delivery_count=1).count() == 2


def test_what_its_samples_tell(docssmith, post, process):
    for name in payloads.SIGNED["docssmith"]:
        if "deleted" not in name:
            post(name, to=docssmith)
    process()

    said = Message.objects.get()
    assert said.text == "I’m traveling with my dad. He’s at a meeting. I hate meetings."
    assert said.sender == "KevinMcCallister"
    assert said.sent_at.isoformat() == "1991-12-08T23:00:00+00:00"
    assert said.read_at.isoformat() == "1992-05-05T22:00:00+00:00"
    assert said.direction == "in", "Its conversation's contact is the customer."
    attachment = said.attachments.get()
    assert (attachment.name, attachment.size) == ("Invoice_room_service__Plaza_Hotel.pdf", 21352)
    conversation = said.conversation
    assert (conversation.channel, conversation.contact.name) == ("DOCSSMITH", "KevinMcCallister")
    group = Group.objects.get()
    assert (group.name, group.conversation, group.members) == ("Plaza Hotel", conversation, ["WAz8eIbvDR60rouK"])


def test_a_reaction_and_a_later_one(tell):
    heart = {"emoji": "❤️", "contact_id": "store"}
    tell(
        ("message.updated", message(reactions=[heart], updated_at=1002)),
        ("message.updated", message(reactions=[], updated_at=1001)),
    )
    assert Message.objects.get().reactions == [heart]


def test_an_edit_keeps_what_it_said_before_and_when(tell, ivo, client):
    tell(
        ("message.updated", message(message="three", updated_at=1003)),
        ("message.created", message(updated_at=1000)),
        ("message.updated", message(message="two", updated_at=1002)),
        ("message.updated", message(message="two", updated_at=1002, read_at=1009)),
    )
    said = Message.objects.get()
    assert (said.text, [text for _, text in said.versions]) == ("three", ["one", "two", "two", "three"])
    client.force_login(ivo)
    page = " ".join(client.get(said.conversation.get_admin_url()).content.decode().split())
    assert "until 1 Jan 00:16:42 </span> <bdi>one</bdi>" in page
    assert "until 1 Jan 00:16:43 </span> <bdi>two</bdi>" in page


@pytest.mark.parametrize("first", [0, 1, 2])
def test_deleted_is_final_and_shown_as_deleted(tell, ivo, client, first):
    events = [
        ("message.created", message()),
        ("message.deleted", {"id": "m"}),
        ("message.updated", message(message="later", updated_at=99_999)),
    ]
    tell(*events[first:], *events[:first])

    said = Message.objects.get()
    assert (said.deleted, said.text) == (True, "later")
    assert said.conversation.message_count == 0
    client.force_login(ivo)
    for url in (said.conversation.get_admin_url(), "/admin/chat/message/"):
        assert '<span class="desk-badge desk-red">Deleted</span>' in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("thing", "model"),
    [("contact", Contact), ("conversation", Conversation), ("group", Group), ("attachment", Attachment)],
)
def test_every_thing_can_be_deleted_and_stays(docssmith, post, process, thing, model):
    for verb in ("deleted", "created", "updated"):
        post(f"{thing}-{verb}.json", to=docssmith)
        process()
    assert model.objects.get(external_id=payloads.load(f"{thing}-deleted.json", "docssmith")["payload"]["id"]).deleted


def test_within_a_second_created_comes_before_updated_whatever_comes_first(tell):
    tell(
        ("message.updated", message(message="edited", updated_at=1000)),
        ("message.created", message(updated_at=1000)),
    )
    assert Message.objects.get().text == "edited"


def test_what_the_customer_did_not_write_was_written_to_them(tell):
    tell(
        ("message.created", message(id="answer", contact=STORE, created_at=1001)),
        ("message.created", message(id="question")),
        ("conversation.created", {"id": "c", "contact": KEVIN, "created_at": 900}),
    )
    conversation = Conversation.objects.get()
    assert list(conversation.messages.values_list("external_id", "direction")) == [
        ("question", "in"),
        ("answer", "out"),
    ]
    assert not conversation.unanswered
    tell(("message.created", message(id="more", created_at=1002)))
    conversation.refresh_from_db()
    assert (conversation.unanswered, conversation.last_text, conversation.message_count) == (True, "one", 3)


def test_an_attachment_may_come_inside_of_a_message(tell):
    inside = {"id": "a", "filename": "list.pdf", "file_url": "https://assets.example/list.pdf", "created_at": 1000}
    tell(("message.created", message(attachments=[inside, "b"])))
    assert list(Message.objects.get().attachments.values_list("external_id", "name")) == [("a", "list.pdf"), ("b", "")]


@pytest.mark.parametrize(
    ("contact", "error"),
    [
        (
            {"id": ""},
            "payload.contact.id: String should have at least 1 character; payload.contact: Input should be a ",
        ),
        ({"name": "Ana"}, "payload.contact.id: Field required; payload.contact: Input should be a valid string"),
        (["c"], "payload.contact: Input should be an object; payload.contact: Input should be a valid string"),
    ],
)
def test_what_cannot_be_read_is_said_in_names_of_theirs(docssmith, post, process, contact, error):
    post({"id": "e", "type": "message.created", "payload": message(contact=contact)}, to=docssmith)
    assert process() == "Events: 1 dead"
    assert Event.objects.get().error.startswith(error)


def test_the_header_can_be_another(docssmith, client):
    docssmith.auth_header = "X-Signed-By-Demo2"
    docssmith.save()
    name = random.Random(1).choice(sorted(payloads.SIGNED["docssmith"]))
    own, value = payloads.SIGNED["docssmith"][name]

    def post(header):
        return client.post(
            docssmith.get_webhook_path(),
            payloads.body(name, "docssmith"),
            content_type="application/json",
            headers={header: value},
        )

    assert post("X-Signed-By-Demo2").status_code == 200
    kept = Event.objects.get().headers["X-Signed-By-Demo2"]
    assert re.fullmatch(r"\[removed [0-9a-f]{12}\]", kept), "No proof is kept, whatever its header."
    refused = post(own)
    assert (refused.status_code, refused.json()["detail"]) == (
        401,
        "The header X-Signed-By-Demo2 is missing; this source takes signed requests only.",
    )
