"""Matching of conversations and jobs by job id, phone and e-mail, in any order of arrival."""

import pytest
from django.core.exceptions import ValidationError

from chat import customer_matching
from chat.customer_matching import CustomerIdentity
from chat.models import Contact, Conversation, SharedAddress
from orders.models import Job
from tests import payloads

CHAT = payloads.load("life-full-service-chat/01.json")


def job(number=1, **recipient):
    payload = payloads.sample(id=f"event-{number}", client_id=CHAT["client_id"], job={"recipient": recipient})
    payload["job"] |= {"id": CHAT["job_id"] if number == 1 else f"job-{number}"}
    return payload


@pytest.fixture
def write(source_of, post):
    """Let a customer write through OneRoute (e-mail, phone) or DocsSmith (phone)."""
    sources = {"oneroute": source_of("oneroute"), "docssmith": source_of("docssmith")}

    def write_through_oneroute(id, **customer):
        payload = payloads.load("new-message-documented-sample.json", "oneroute")
        payload["message"]["conversation_id"] = payload["conversation"]["id"] = id
        payload["conversation"]["customer"] = customer
        assert post(payload, to=sources["oneroute"]).status_code == 200

    def write_through_docssmith(id, **contact):
        payload = {"id": id, "contact": {"id": f"contact of {id}", "created_at": 1, **contact}, "created_at": 1}
        event = {"id": "e", "type": "conversation.created", "payload": payload}
        assert post(event, to=sources["docssmith"]).status_code == 200

    return {"oneroute": write_through_oneroute, "docssmith": write_through_docssmith}


def ids(things):
    return sorted(thing.external_id for thing in things)


@pytest.mark.parametrize("order", [1, -1])
def test_a_chat_is_linked_with_its_job_whichever_comes_first(post, process, order):
    for payload in [job(), CHAT][::order]:
        post(payload)
        process()

    (conversation,) = customer_matching.find_job_conversations(Job.objects.get())
    assert customer_matching.find_conversation_jobs(conversation).get() == Job.objects.get()


def test_two_clients_may_have_the_same_job_id(post, process):
    post(job())
    post(CHAT | {"client_id": "another"})
    process()

    assert not customer_matching.find_job_conversations(Job.objects.get())
    assert not customer_matching.find_conversation_jobs(Conversation.objects.get())


@pytest.mark.parametrize("order", [1, -1])
def test_a_job_knows_its_customers_conversations_from_every_provider(post, process, write, order):
    steps = [
        lambda: post(job(name="Ana", phone_number="(222) 555-0142", email="ana@example.com")),
        lambda: write["oneroute"]("by e-mail", name="Ana", email=" Ana@Example.com"),
        lambda: write["docssmith"]("by phone", username="ana_", phone_number="+52 1 222 555 0142"),
        lambda: write["oneroute"]("somebody else", name="Ana", email="other@example.com"),
        lambda: write["docssmith"]("nobody known", username="Ana"),
    ]
    for step in steps[::order]:
        step()
        process()

    ana = CustomerIdentity.identify(Job.objects.get())
    assert ids(ana.conversations()) == ["by e-mail", "by phone"]
    by_phone = Conversation.objects.get(external_id="by phone")
    assert list(CustomerIdentity.identify(by_phone.contact).jobs()) == [Job.objects.get()]
    nobody = CustomerIdentity.identify(Conversation.objects.get(external_id="nobody known").contact)
    assert (list(nobody.jobs()), list(nobody.conversations())) == ([], [])


def test_two_who_share_neither_phone_nor_email_are_never_one(post, process, write):
    post(job(1, name="José Luis", phone_number="222 555 0142", email=""))
    post(job(2, name="José Luis", phone_number="", email="jose@example.com"))
    write["oneroute"]("c", name="José Luis", email="jose.luis@example.com")
    process()

    assert [list(CustomerIdentity.identify(one).jobs()) for one in Job.objects.order_by("pk")] == [
        [one] for one in Job.objects.order_by("pk")
    ]
    assert not CustomerIdentity.identify(Contact.objects.get()).jobs()


def test_an_invalid_number_is_stored_and_matches_nothing(post, process, write):
    post(job(name="Ana", phone_number="ask at the desk", email=""))
    write["docssmith"]("c", username="Eve", phone_number="ask at the desk")
    process()

    assert Contact.objects.get().phone_number == "ask at the desk"
    assert not CustomerIdentity.identify(Job.objects.get()).conversations()


def test_a_shared_address_identifies_nobody(post, process, write):
    post(job(1, name="Ana", phone_number="222 555 0142", email="store@example.com"))
    post(job(2, name="Ivo", phone_number="222 555 0199", email="store@example.com"))
    write["docssmith"]("c", username="Ana", phone_number="2225550142")
    process()
    ana = Job.objects.get(recipient_name="Ana")
    assert CustomerIdentity.identify(ana).jobs().count() == 2

    shared = SharedAddress(value=" Store@example.com")
    shared.full_clean()
    shared.save()

    assert list(CustomerIdentity.identify(ana).jobs()) == [ana]
    assert ids(CustomerIdentity.identify(ana).conversations()) == ["c"]


@pytest.mark.parametrize(
    ("written", "stored"), [("(222) 555-0142", "+522225550142"), ("Store@Example.com ", "store@example.com")]
)
def test_a_shared_address_is_stored_normalized(db, written, stored):
    shared = SharedAddress(value=written)
    shared.full_clean()
    assert shared.value == stored


def test_an_invalid_address_is_rejected(db):
    with pytest.raises(ValidationError, match="Enter a valid e-mail address or phone number"):
        SharedAddress(value="the counter").full_clean()
