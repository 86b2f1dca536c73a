"""InstaLeap's chat: recognised by its keys, signed in either header, rejected with the signature of another type."""

import json
import re
import time

import pytest

from tests import payloads
from tests.factories import SecretFactory, SourceFactory
from webhooks.models import Event
from webhooks.payloads.conversations import Conversation, Message
from webhooks.providers import registry

PROVIDER = registry()["instaleap"]
VECTORS = json.loads((payloads.INSTALEAP / "signature-vectors-chat.json").read_text())
CHAT = payloads.load("life-full-service-chat/03.json")
V3 = "InstaLeap-Signature-V3"


def of_vector(vector):
    payload = vector.get("payload")
    return (
        payloads.body(vector["file"]) if payload is None else payloads.dump(payload | {"notification_message": "Hola"})
    )


@pytest.fixture
def send(client, source):
    def send(body, **headers):
        body = body if isinstance(body, bytes) else payloads.dump(body)
        answer = client.post(
            source.get_webhook_path(),
            body,
            content_type="application/json",
            headers={k.replace("_", "-"): v for k, v in headers.items()},
        )
        return (
            answer.status_code,
            answer.json().get("error") or answer.json()["status"],
            answer.json().get("detail", ""),
        )

    return send


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_takes_what_node_signed(client, db, vector):
    source = SourceFactory(signature_tolerance=10**9)
    SecretFactory(source=source, value=vector["secret"])

    answer = client.post(
        source.get_webhook_path(),
        of_vector(vector),
        content_type="application/json",
        headers={vector["header"]: vector["value"]},
    )

    assert answer.status_code == 200, answer.json()
    event = Event.objects.get()
    assert (event.type, event.label) == ("chat", "Chat message")
    assert event.signed_content == (
        "the timestamp, client_id, sender and job_id; not the message"
        if vector["header"] == V3
        else "created_at; neither the job, the sender nor the message"
    )


def test_reads_a_message_to_the_customer():
    conversation, message = PROVIDER.read(payloads.body("life-full-service-chat/03.json"))

    assert conversation == Conversation(
        id=message.conversation,
        position=message.position,
        account="CLIENT_NAME",
        job_id="03d71684-9f85-48a6-a851-8867a66b0d38",
        channel="INSTALEAP",
    )
    assert isinstance(message, Message)
    assert (message.sender, message.direction, message.text) == ("Shopper", "out", "Ya voy en camino 🚗")
    assert message.sent_at.isoformat() == "2026-03-02T14:28:25.530000+00:00"


def test_shows_a_sender_that_is_not_documented_as_it_comes():
    _, message = PROVIDER.read(payloads.body("life-full-service-chat/04.json"))
    assert message.sender == "AG"


@pytest.mark.clock
class TestTimestamp:
    def sign(self, timestamp):
        return PROVIDER.signatures_for(CHAT)[0].sign(payloads.SECRET, payloads.dump(CHAT), str(timestamp))

    @pytest.mark.parametrize("away", [-290, 0, 290])
    @pytest.mark.parametrize("unit", [1, 1000])
    def test_may_be_five_minutes_away(self, send, away, unit):
        now = round((time.time() + away) * unit)
        assert send(CHAT, **{V3: self.sign(now)})[:2] == (200, "accepted")

    def test_may_be_written_as_in_iso_8601(self, send):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.115Z", time.gmtime())
        assert send(CHAT, **{V3: self.sign(now)})[:2] == (200, "accepted")

    @pytest.mark.parametrize("away", [-310, 310])
    def test_is_a_replay_when_farther_away(self, send, away):
        status, error, detail = send(CHAT, **{V3: self.sign(round(time.time()) + away)})

        assert (status, error) == (401, "stale_proof")
        assert re.fullmatch(r"The signature's timestamp is 3\d\d seconds away .* this source tolerates 300\.", detail)
        assert not Event.objects.exists()

    def test_tolerance_is_the_sources(self, send, source):
        source.signature_tolerance = 600
        source.save()
        assert send(CHAT, **{V3: self.sign(round(time.time()) - 310)})[:2] == (200, "accepted")

    def test_is_a_time(self, send):
        assert send(CHAT, **{V3: self.sign("yesterday")})[:2] == (401, "stale_proof")

    def test_is_signed(self, send):
        now = round(time.time())
        assert send(CHAT, **{V3: self.sign(now).replace(str(now), str(now + 1))})[:2] == (401, "wrong_proof")

    @pytest.mark.parametrize("value", ["", "v3=00", "t=1,v3=", "t=1,v3=zz", "00", "t=,v3=00"])
    def test_a_value_of_another_form_proves_nothing(self, send, value):
        assert send(CHAT, **{V3: value})[:2] == (401, "wrong_proof")


class TestOpensNoOtherKind:
    def test_a_chat_signature_does_not_prove_a_job(self, send):
        """Tried on a prototype: a CANCELLED job with the four chat fields added was taken."""
        value = PROVIDER.sign(payloads.SECRET, payloads.dump(CHAT))[V3]
        forged = payloads.sample(type="CANCELLED", id="forged") | CHAT

        status, error, detail = send(forged, **{V3: value})

        assert (status, error) == (401, "no_proof")
        assert detail == "The header InstaLeap-Signature is missing; this source takes signed requests only."

    def test_the_older_chat_signature_does_not_prove_a_job(self, send):
        older = PROVIDER.signatures_for(CHAT)[1].sign(payloads.SECRET, payloads.dump(CHAT))
        forged = payloads.sample(created_at=CHAT["created_at"])
        del forged["id"], forged["type"]

        assert send(forged, InstaLeap_Signature=older)[:2] == (400, "no_envelope")

    def test_a_job_signature_with_its_id_in_a_chat_is_a_conflict(self, send, process):
        header, value = payloads.SIGNATURES[payloads.SAMPLE]
        sample = payloads.load(payloads.SAMPLE)
        assert send(sample, **{header: value})[:2] == (200, "accepted")

        forged = CHAT | {name: sample[name] for name in ("id", "created_at", "type")}
        assert send(forged, **{header: value})[:2] == (200, "accepted")
        assert process() == "Events: 1 processed"
        assert Event.objects.latest("pk").status == Event.Status.CONFLICT
