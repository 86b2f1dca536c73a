"""The page of an event: its payload as bytes and as JSON, its verification, its changes and its result."""

import hashlib
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from chat.models import Contact, Conversation
from orders.models import Job
from tests import payloads
from webhooks.auth import access_tokens
from webhooks.models import Event


@pytest.fixture
def page(client, ivo):
    """Return a function that gives the text of an event's page, without its markup."""
    client.force_login(ivo)

    def page(event=None):
        event = event or Event.objects.latest("id")
        answer = client.get(reverse("admin:webhooks_event_change", args=[event.pk]))
        assert answer.status_code == 200
        content = answer.content.decode()
        content = content[content.index('id="event"') :]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())

    return page


@pytest.fixture
def raw(client, ivo):
    client.force_login(ivo)
    return lambda event: client.get(reverse("admin:webhooks_event_body", args=[event.pk]))


def test_says_what_it_is_what_it_changed_and_how_long_that_took(source, post, process, page):
    for name in payloads.life("life-full-service")[:6]:
        post(name)
    process()
    event = Event.objects.order_by("id")[3]
    Event.objects.filter(pk=event.pk).update(processed_at=event.received_at + timedelta(seconds=70))
    text = page(event)
    assert f"{event.label} Processed event {event.pk}" in text
    assert "Processed 1 min 10 s after it was received." in text
    assert "status: Pending → Doing" in text
    assert "Deliveries 1" in text


def test_leads_to_the_events_before_and_after_it(source, post, client, page):
    for name in payloads.life("life-full-service")[:3]:
        post(name)
    first, second, third = Event.objects.order_by("id")
    post(payloads.sample(id="elsewhere"))  # about another job
    page(second)
    content = client.get(reverse("admin:webhooks_event_change", args=[second.pk])).content.decode()
    neighbours = re.findall(r'rel="(prev|next)" href="([^"]+)"', content)
    urls = [reverse("admin:webhooks_event_change", args=[event.pk]) for event in (first, third)]
    assert neighbours == [("prev", urls[0]), ("next", urls[1])]
    assert "The first with this subject" in page(first)
    assert "The latest with this subject" in page(third)


def test_marks_what_the_signature_covers(source, post, client, page):
    post(payloads.SAMPLE)
    assert "covers only the fields marked “signed”. Anybody who has seen one such" in page()
    event = Event.objects.get()
    content = client.get(reverse("admin:webhooks_event_change", args=[event.pk])).content.decode()
    lines = [line for line in content.splitlines() if "desk-json-line" in line and ">signed<" in line]
    assert [re.search(r'data-step="([^"]*)"', line)[1] for line in lines] == [".id", ".created_at", ".type"]
    assert all('aria-level="2"' in line for line in lines)


def test_of_a_key_that_comes_twice_only_the_one_that_counts_is_signed(source, post, client, page):
    body = payloads.dump(payloads.sample())
    post(b'{"id": "forged", ' + body[1:])
    text = page()
    assert 'id : " forged " the key is repeated below: this value is ignored' in text
    assert f'id : " {payloads.sample()["id"]} " signed' in text


def test_says_that_a_whole_body_is_covered_or_nothing(source_of, post, client, page):
    post("chat-start.json", to=source_of("tawk"))
    assert "The signature covers the whole body: nothing was changed in transit." in page()
    source = source_of("instaleap", slug="t", auth_mode="dynamic_token")
    token = access_tokens.issue(source.pk, source.secrets.get().pk, 60, None)
    headers = {"Authorization": f"Bearer {token}"}
    client.post("/webhooks/t/", payloads.body(payloads.SAMPLE), content_type="application/json", headers=headers)
    text = page()
    assert "The token authenticates the sender and covers nothing of the payload." in text
    assert re.search(r"Token Token \d+ Active", text)
    assert not re.search(r"\bsigned\b", text)


def test_a_message_shows_its_previous_text_and_whether_it_changed_since(source_of, post, process, page):
    source = source_of("docssmith")
    created = payloads.load("message-created.json", "docssmith")
    updated = payloads.load("message-updated.json", "docssmith")
    created["payload"]["message"], updated["payload"]["message"] = "I hate meetings.", "I like meetings."
    updated["payload"]["updated_at"] += 60
    for payload in (created, updated):
        post(payload, to=source)
    process()
    assert "text: I hate meetings. → I like meetings." in page(Event.objects.get(type="message.updated"))
    assert "text: I hate meetings. changed since" in page(Event.objects.get(type="message.created"))


def test_an_error_is_shown_where_it_is(source, post, process, page):
    payload = payloads.sample(id="bad")
    payload["job"]["slot"]["from"] = "soon"
    post(payload)
    process()
    text = page()
    assert "Failed after 1 attempt: no row contains any of it." in text
    assert 'from : " soon " the error is about this' in text
    assert text.count("the error is about this") == 1


def test_says_when_the_next_attempt_is(source, post, page):
    post(payloads.SAMPLE)
    due = timezone.now() + timedelta(minutes=5, seconds=2)
    Event.objects.update(status="retrying", attempts=3, next_attempt_at=due, error="OperationalError: gone")
    assert "Temporary error after 3 attempts; the next attempt is due in 5 min" in page()


def test_shows_how_often_it_came_and_the_other_bodies(source, post, page):
    for comment in ("one", "one", "one", "two"):
        post(payloads.sample(job={"job_comment": comment}))
    original, other = Event.objects.order_by("id")
    assert "Deliveries 3 stored once" in page(original)
    assert f"Conflicting: event {other.pk} Conflict" in page(original)
    assert f"Current: event {original.pk} Pending" in page(other)
    assert "Compare with the current version…" in page(other)


def test_a_body_that_was_dropped_says_so(source, post, process, page, raw):
    post(payloads.SAMPLE)
    process()
    Event.objects.update(body=b"", purged_at=timezone.now())
    text = page()
    assert "The body was deleted on" in text
    assert "Process again" not in text
    assert raw(Event.objects.get()).status_code == 404


def test_proofs_stand_as_fingerprints(source, post, page):
    _, value = payloads.SIGNATURES[payloads.SAMPLE]
    post(payloads.SAMPLE)
    text = page()
    assert re.search(r"Instaleap-Signature removed [0-9a-f]{12}", text)
    assert value not in text


# The bytes


BODIES = [
    b"\x00\xff\xfe not json <script>alert(1)</script>",
    b'{"event": "x", "n": ' + b"7" * 10_000 + b"}",
    b"",
    b'{"event": "\\u202e", "x": "<!-- {{ 7*7 }}"}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_the_bytes_come_as_they_came_and_as_nothing_that_runs(source_of, client, page, raw, body):
    source = source_of("tawk")
    header = {"X-Tawk-Signature": source.get_provider().signatures[0].hex(payloads.SECRET, body)}
    client.post(source.get_webhook_path(), body, content_type="application/json", headers=header)
    event = Event.objects.get()
    answer = raw(event)
    assert answer.content == body
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="event-{event.pk}.')
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert hashlib.sha256(body).hexdigest() in page(event)


def test_who_may_not_see_events_gets_no_body(source, post, client, django_user_model):
    post(payloads.SAMPLE)
    client.force_login(django_user_model.objects.create(username="ana", is_staff=True))
    assert client.get(reverse("admin:webhooks_event_body", args=[Event.objects.get().pk])).status_code == 403


def test_the_page_costs_a_bounded_number_of_queries(source, post, process, page, django_assert_max_num_queries):
    for name in payloads.life("life-full-service"):
        post(name)
    for comment in ("one", "two", "three"):
        post(payloads.sample(job={"job_comment": comment}))
    process()
    for event in Event.objects.order_by("-id")[:4]:  # two conflicts, what they are of, and an event in order
        with django_assert_max_num_queries(25):
            page(event)


def test_the_list_calls_what_events_are_about_by_name(source, source_of, post, process, client, ivo):
    client.force_login(ivo)

    def about():
        content = client.get("/admin/webhooks/event/").content.decode()
        cells = re.findall(r"<td[^>]*field-about[^>]*>(.*?)</td>", content, re.DOTALL)
        return [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in cells]

    docssmith = source_of("docssmith")
    post(payloads.sample())
    post("contact-created.json", to=docssmith)
    post("chat-start.json", to=source_of("tawk"))
    assert about() == [event.subject for event in Event.objects.order_by("-id")]  # until there are rows
    process()
    job, contact, conversation = Job.objects.get(), Contact.objects.get(source=docssmith), Conversation.objects.last()
    assert about() == [str(conversation), contact.name, job.client_reference]
    post(payloads.sample(id="another", client_id="another"))
    process()
    assert about()[0] == job.external_id  # which of them is nobody's guess
