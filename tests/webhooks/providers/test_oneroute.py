"""OneRoute: signed as JavaScript writes, from one address, a message with its whole conversation."""

import hashlib
import hmac
import json

import pytest

from tests import payloads
from webhooks.models import Event
from webhooks.payloads.conversations import (
    Attachment,
    CampaignReport,
    Contact,
    Conversation,
    Message,
    derive_id,
    sort_key,
)
from webhooks.payloads.parsing import moment
from webhooks.providers import registry

PROVIDER = registry()["oneroute"]
HEADER = "x-oneroute-signature"
ADDRESS = "174.138.104.128"
CONVERSATION = "bf9d96d9-e495-489a-a22a-206b0ea44d90"
VECTORS = json.loads((payloads.FOLDER / "oneroute" / "stringify-vectors.json").read_text())


def read(name):
    return PROVIDER.read(payloads.body(name, "oneroute"))


def test_reads_a_message_of_the_customer():
    when = sort_key(moment("2022-01-29T07:27:52.794Z"))
    assert read("new-message-documented-sample.json") == [
        Contact(
            id=derive_id("customer", "customer@example.com"),
            position=when,
            name="Customer name",
            email="customer@example.com",
            country="NG",
        ),
        Conversation(
            id=CONVERSATION,
            position=when,
            subject=None,
            channel="WHATSAPP",
            channel_name="Channel name",
            country="NG",
            status="in-queue",
            agent=None,
            contact=derive_id("customer", "customer@example.com"),
            is_read=False,
            started_at=moment("2022-01-29T07:18:58.172Z"),
        ),
        Message(
            id=derive_id(CONVERSATION, moment("2022-01-29T07:27:52.793Z"), False, "Hello World!"),
            position=when,
            conversation=CONVERSATION,
            direction="in",
            sender="Message Sender",
            kind="text",
            text="Hello World!",
            quoted_id=None,
            sent_at=moment("2022-01-29T07:27:52.793Z"),
        ),
    ]


def test_reads_a_message_of_the_retailers_own_agent():
    _, conversation, message = read("new-message-from-agent.json")
    assert (message.direction, message.sender, message.text) == ("out", "Ada (agent)", "Hello, how can I help?")
    assert (conversation.agent, conversation.status, conversation.is_read) == ("Ada", "in-progress", True)


def test_reads_a_picture():
    *_, message, attachment = read("new-message-image.json")
    assert (message.kind, message.text) == ("image", None)
    assert isinstance(attachment, Attachment)
    assert (attachment.message, attachment.url) == (message.id, "https://cdn.example.com/receipt.jpg")


@pytest.mark.parametrize(("kind", "field"), [("VIDEO", "videoUrl"), ("DOCUMENT", "documentUrl"), ("AUDIO", "audioUrl")])
def test_reads_other_files_and_what_is_quoted(kind, field):
    payload = payloads.load("new-message-image.json", "oneroute")
    payload["message"] |= {
        "contentType": kind,
        "imageUrl": None,
        field: "https://cdn.example.com/f",
        "quoted_message_id": "q",
    }

    *_, message, attachment = PROVIDER.read(payloads.dump(payload))

    assert (message.kind, message.quoted_id) == (kind.lower(), "q")
    assert (attachment.content_type, attachment.url) == (kind.lower(), "https://cdn.example.com/f")


def test_reads_a_campaign_report():
    (report,) = read("campaign-report.json")
    assert isinstance(report, CampaignReport)
    assert (report.text, report.conversation_id, report.firm_id) == ("campaign completed.", "id", "firm id")
    assert report.url == (
        "https://api.oneroute.io/api/public/logs?page[size]=10&page[number]=1&campaign_id=campaign_id"
    )


def test_the_report_as_printed_is_kept_as_unreadable_and_shown(source_of, post, process, ivo, client):
    answer = post("campaign-report-as-printed.txt", to=source_of("oneroute"))
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")

    assert process() == "Events: none"
    event = Event.objects.get()
    assert event.status == Event.Status.UNREADABLE
    assert event.error == "The body is not JSON: Expecting ',' delimiter at line 5, column 1."
    client.force_login(ivo)
    page = client.get(f"/admin/webhooks/event/{event.pk}/change/").content.decode()
    assert "Unreadable" in page
    assert "Expecting &#x27;,&#x27; delimiter at line 5" in page
    assert "campaign completed." in page


@pytest.mark.parametrize("vector", VECTORS[::12], ids=range(len(VECTORS[::12])))
def test_accepts_a_payload_that_javascript_serialized_again_before_signing(source_of, client, vector):
    source = source_of("oneroute")
    secret = source.secrets.get()
    secret.value = payloads.SECRET
    signature = hmac.new(payloads.SECRET.encode(), vector["stringified"].encode(), hashlib.sha512).hexdigest()

    answer = client.post(
        source.get_webhook_path(),
        vector["body"].encode(),
        content_type="application/json",
        headers={HEADER: signature},
        REMOTE_ADDR=ADDRESS,
    )

    assert answer.status_code == 200
    assert bytes(Event.objects.get().body) == vector["body"].encode()


class TestNetwork:
    def post(self, client, source, **extra):
        name = "new-message-documented-sample.json"
        return client.post(
            source.get_webhook_path(),
            payloads.body(name, "oneroute"),
            content_type="application/json",
            headers=dict([payloads.SIGNED["oneroute"][name]]) | extra.pop("headers", {}),
            **extra,
        )

    def test_a_new_source_takes_requests_from_oneroutes_address_only(self, source_of, client):
        source = source_of("oneroute")
        assert source.allowed_networks == ADDRESS

        refused = self.post(client, source, REMOTE_ADDR="203.0.113.9")
        assert (refused.status_code, refused.json()) == (
            403,
            {
                "error": "wrong_network",
                "detail": "This source takes requests from its allowed networks only; this one came from 203.0.113.9.",
            },
        )
        assert self.post(client, source, REMOTE_ADDR=ADDRESS).status_code == 200

    def test_a_header_that_anyone_can_send_does_not_count(self, source_of, client):
        headers = {"X-Forwarded-For": ADDRESS, "X-Real-IP": ADDRESS, "Forwarded": f"for={ADDRESS}"}
        assert self.post(client, source_of("oneroute"), REMOTE_ADDR="203.0.113.9", headers=headers).status_code == 403

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "status"),
        [
            (1, ADDRESS, 200),
            (1, f"203.0.113.9, {ADDRESS}", 200),
            (1, f"{ADDRESS}, 203.0.113.9", 403),
            (1, "", 403),
            (2, f"{ADDRESS}, 192.0.2.1", 200),
            (2, ADDRESS, 403),
            (2, f"{ADDRESS}, 203.0.113.9, 192.0.2.1", 403),
        ],
    )
    def test_behind_trusted_proxies_what_the_outermost_says(
        self, source_of, client, settings, proxies, forwarded, status
    ):
        settings.TRUSTED_PROXIES = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = self.post(client, source_of("oneroute"), REMOTE_ADDR="192.0.2.2", headers=headers)
        assert answer.status_code == status
        if status == 200:
            assert Event.objects.get().remote_address == ADDRESS

    def test_can_be_changed(self, source_of, client):
        source = source_of("oneroute")
        source.allowed_networks = "2001:db8::/32\n203.0.113.0/24"
        source.save()
        assert self.post(client, source, REMOTE_ADDR="203.0.113.9").status_code == 200
        assert self.post(client, source, REMOTE_ADDR="::ffff:203.0.113.10").json()["status"] == "duplicate"
        assert self.post(client, source, REMOTE_ADDR="2001:db8::1").json()["status"] == "duplicate"
        assert self.post(client, source, REMOTE_ADDR=ADDRESS).status_code == 403
