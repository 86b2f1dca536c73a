"""POST /webhooks/<slug>/: which requests are accepted, which are rejected, and what is stored of each."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Job
from tests import payloads
from tests.factories import SecretFactory, SourceFactory
from webhooks.models import Event, Secret, Source
from webhooks.providers import registry


def sign(body, secret=payloads.SECRET):
    return registry()["instaleap"].signatures[0].sign(secret, body)


@pytest.mark.parametrize("name", payloads.SIGNATURES)
def test_takes_what_instaleaps_own_recipe_signed(post, name):
    answer = post(name)

    event = Event.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted", "event": event.pk})
    assert bytes(event.body) == payloads.body(name)
    assert (event.status, event.delivery_count) == (Event.Status.PENDING, 1)


def test_keeps_the_envelope(post, source):
    post(payloads.SAMPLE, REMOTE_ADDR="203.0.113.7", headers={"X-Request-Id": "r-1", "Authorization": "Bearer letmein"})

    event = Event.objects.get()
    assert (event.type, event.subject) == ("ALLOCATED", "c495056f-5154-4ab7-ab81-55f38b923b36")
    assert event.external_id == "5bf7128e-c481-48fe-86fa-d0d52282dde8"
    assert event.occurred_at.isoformat() == "2023-06-02T15:42:44+00:00"
    assert (event.auth_mode, event.signed_content) == ("signature", "id, created_at and type; not the job")
    assert event.secret == source.secrets.get()
    assert event.remote_address == "203.0.113.7"
    assert event.headers["X-Request-Id"] == "r-1"
    for name in ("Authorization", "Instaleap-Signature"):
        assert re.fullmatch(r"\[removed [0-9a-f]{12}\]", event.headers[name])


def test_costs_one_statement_once_the_source_is_known(post):
    post(payloads.SAMPLE)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert post(payloads.sample(id="another")).status_code == 200
    assert len(queries) == 1
    assert "INSERT INTO webhooks_event" in queries[0]["sql"]


class TestSameEventAgain:
    def test_the_same_bytes_count_a_delivery(self, post):
        first = post(payloads.SAMPLE).json()

        assert post(payloads.SAMPLE).json() == {"status": "duplicate", "event": first["event"]}
        assert Event.objects.get().delivery_count == 2

    def test_another_spelling_is_the_same(self, post):
        post(payloads.SAMPLE)
        payload = payloads.load(payloads.SAMPLE)
        respelled = json.dumps(dict(reversed(payload.items())), indent=3).replace("403.97,", "403.970,").encode()
        assert json.loads(respelled) == payload

        assert post(respelled).json()["status"] == "duplicate"
        assert Event.objects.get().delivery_count == 2

    def test_another_body_under_the_same_id_is_a_conflict_and_not_applied(self, post, process):
        original = post(payloads.sample()).json()["event"]
        forged = post(payloads.sample(job={"status": "CANCELLED"}))
        process()

        assert (forged.status_code, forged.json()["status"]) == (200, "accepted")
        conflict = Event.objects.get(pk=forged.json()["event"])
        assert (conflict.status, conflict.conflict_of_id) == (Event.Status.CONFLICT, original)
        assert Job.objects.get().status == "PROCESSING"

    def test_a_conflict_again_counts_a_delivery(self, post):
        post(payloads.sample())
        post(payloads.sample(job={"status": "CANCELLED"}))

        assert post(payloads.sample(job={"status": "CANCELLED"})).json()["status"] == "duplicate"
        assert sorted(Event.objects.values_list("status", "delivery_count")) == [("conflict", 2), ("pending", 1)]

    def test_another_source_has_its_own_ids(self, post):
        other = SecretFactory(value=payloads.SECRET).source

        assert post(payloads.sample()).json()["status"] == "accepted"
        assert post(payloads.sample(), to=other).json()["status"] == "accepted"

    @pytest.mark.django_db(transaction=True)
    def test_of_many_bodies_at_once_one_is_the_original(self, source):
        bodies = [payloads.dump(payloads.sample(job={"job_comment": str(n)})) for n in range(4)] * 3

        def send(body):
            headers = {"InstaLeap-Signature": sign(body)}
            try:
                return Client().post("/webhooks/instaleap/", body, content_type="application/json", headers=headers)
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(send, bodies))

        assert {answer.status_code for answer in answers} == {200}
        events = Event.objects.order_by("conflict_of_id")
        assert sorted(event.status for event in events) == ["conflict"] * 3 + ["pending"]
        assert sum(event.delivery_count for event in events) == 12


REFUSED = {
    "no header": (401, "no_proof", {"headers": {}}),
    "an empty signature": (401, "wrong_proof", {"headers": {"InstaLeap-Signature": ""}}),
    "a signature of nothing": (
        401,
        "wrong_proof",
        {"headers": {"InstaLeap-Signature": sign(b'{"id":"","created_at":"","type":""}')}},
    ),
    "no hexadecimal": (401, "wrong_proof", {"headers": {"InstaLeap-Signature": "ünïcode"}}),
    "another's signature": (
        401,
        "wrong_proof",
        {"headers": {"InstaLeap-Signature": sign(payloads.body(payloads.SAMPLE), "other")}},
    ),
    "a signed field changed": (401, "wrong_proof", {"body": payloads.dump(payloads.sample(type="CANCELLED"))}),
    "a signed field gone": (400, "no_envelope", {"body": b'{"id": "1", "type": "CREATED"}'}),
    "a signed field that is no text": (400, "no_envelope", {"body": payloads.dump(payloads.sample(id=5))}),
    "not an object": (400, "no_envelope", {"body": b"[1, 2]"}),
    "no body": (400, "not_json", {"body": b""}),
    "the page's own sample": (400, "not_json", {"body": payloads.body("job-documented-sample-as-printed.txt")}),
    "NaN": (400, "not_json", {"body": b'{"a": NaN}'}),
    "not UTF-8": (400, "not_json", {"body": b'{"a": "\xff"}'}),
    "nested too deeply": (400, "not_json", {"body": b"[" * 200_000}),
    "too long": (413, "too_large", {"body": b" " * (1024 * 1024 + 1)}),
    "not POST": (405, "method_not_allowed", {"method": "get"}),
    "an unknown source": (404, "unknown_source", {"path": "/webhooks/nobody/"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(source, client, case):
    status, code, broken = REFUSED[case]
    valid = {"body": payloads.body(payloads.SAMPLE), "headers": dict([payloads.SIGNATURES[payloads.SAMPLE]])}
    request = {"path": "/webhooks/instaleap/", "method": "post", **valid, **broken}

    answer = getattr(client, request["method"])(
        request["path"],
        *([request["body"]] if request["method"] == "post" else []),
        content_type="application/json",
        headers=request["headers"],
    )

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["detail"]
    assert not Event.objects.exists()


def test_says_where_the_json_breaks_and_what_it_may_be(client, source):
    body = payloads.body("job-documented-sample-as-printed.txt")

    answer = client.post("/webhooks/instaleap/", body, content_type="application/json")

    assert answer.json()["detail"] == (
        "The body is not JSON: Expecting property name enclosed in double quotes at line 9, column 5."
        " Curly quotes do not quote in JSON: was it copied from a document?"
    )


def test_names_the_signed_field_that_is_missing(client, source):
    answer = client.post(
        "/webhooks/instaleap/", b'{"id": "1"}', content_type="application/json", headers={"InstaLeap-Signature": "00"}
    )
    assert answer.json()["detail"] == (
        "The signature is made of id, created_at, type; created_at is missing or is not text."
    )


class TestStates:
    def test_a_disabled_source_refuses(self, post, source):
        Source.objects.update(state=Source.State.DISABLED)

        assert post(payloads.SAMPLE).status_code == 403
        assert not Event.objects.exists()

    def test_a_paused_source_keeps_and_waits(self, post, source, process):
        Source.objects.update(state=Source.State.PAUSED)

        assert post(payloads.SAMPLE).status_code == 200
        assert process() == "Events: none"
        Source.objects.update(state=Source.State.ACTIVE)
        assert process() == "Events: 1 processed"


class TestSecrets:
    def test_each_live_one_is_tried(self, post, source):
        new = SecretFactory(source=source, value="the new one")
        source.secrets.exclude(pk=new.pk).update(
            state=Secret.State.RETIRING, retires_at=timezone.now() + timedelta(hours=1)
        )

        assert post(payloads.sample(id="1"), secret="the new one").status_code == 200
        assert post(payloads.sample(id="2")).status_code == 200
        assert Event.objects.get(external_id="1").secret == new

    @pytest.mark.parametrize(
        "change", [{"state": "revoked"}, {"state": "retiring", "retires_at": timezone.now() - timedelta(seconds=1)}]
    )
    def test_one_that_is_over_proves_nothing(self, post, source, change):
        Secret.objects.update(**change)

        assert post(payloads.SAMPLE).status_code == 401

    def test_a_source_without_one_takes_nothing(self, post, source):
        Secret.objects.all().delete()

        assert post(payloads.SAMPLE).status_code == 401
        assert post(payloads.sample(), secret="").status_code == 401

    def test_a_revoked_one_stops_within_a_second(self, post, source):
        assert post(payloads.SAMPLE).status_code == 200  # the source is known to this process now
        Secret.objects.update(state=Secret.State.REVOKED)

        revoked_at = sent_at = time.monotonic()
        while post(payloads.SAMPLE).status_code == 200:
            assert sent_at - revoked_at < 1
            sent_at = time.monotonic()

    def test_one_that_cannot_be_decrypted_asks_to_send_again(self, post, source):
        Secret.objects.update(encrypted_value=b"of another key")

        answer = post(payloads.SAMPLE)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "instaleap cannot be decrypted" in answer.json()["detail"]

    def test_is_not_in_the_database_nor_in_words(self, source):
        secret = source.secrets.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT encode(encrypted_value, 'escape') || fingerprint FROM webhooks_secret")
            assert payloads.SECRET not in cursor.fetchone()[0]
        assert payloads.SECRET not in f"{secret} {secret!r} {vars(secret)}"
        assert secret.value == payloads.SECRET

    def test_cannot_be_empty(self):
        with pytest.raises(ValueError, match="An empty secret would authenticate every request"):
            Secret(source=SourceFactory.build()).value = ""


HOSTILE = {
    "NUL": "a\x00b",
    "a lone surrogate": "\ud83d",
    "very long": "x" * 50_000,
    "control characters": "".join(map(chr, range(1, 32))),
    "markup": "<script>alert(1)</script>{{ 7*7 }}",
    "right to left": "\u202e\u0645",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_value_is_kept_whole_and_breaks_nothing(post, process, case):
    text = HOSTILE[case]
    payload = payloads.sample(id=text, type=text, created_at=text, client_id=text, job={"id": text, "status": text})
    body = json.dumps(payload).encode()

    answer = post(body, headers={"X-Odd": "y" * 5000})

    assert answer.status_code == 200
    event = Event.objects.get()
    assert bytes(event.body) == body
    assert len(event.type) <= 100
    assert len(event.headers["X-Odd"]) <= 500
    process()
    event.refresh_from_db()
    assert event.status == Event.Status.DEAD
    assert "created_at: is not a time in ISO 8601" in event.error


@pytest.mark.parametrize("value", ["x" * 50_000, "a\x00b", "\ud83d", "<b>"])
def test_hostile_values_in_a_job_are_shown_and_break_nothing(post, process, value):
    names = ("client_reference", "status", "operational_model", "delivery_code", "job_comment", "an_unknown_field")
    payload = payloads.sample(job=dict.fromkeys(names, value) | {"recipient": {"name": value, "email": value}})

    post(json.dumps(payload).encode())

    assert process() == "Events: 1 processed"
    assert Job.objects.get().snapshot["an_unknown_field"] == value.replace("\x00", "\ufffd").replace("\ud83d", "\ufffd")
