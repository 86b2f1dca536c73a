"""Rejections: each is explained, none helps to forge a request, and a flood of them stores few rows."""

import base64
import json
import time

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import payloads
from tests.factories import SecretFactory
from webhooks.auth import live_sources
from webhooks.models import RefusalCount, Rejection, Secret, Source
from webhooks.providers import registry
from webhooks.rejections import recorder

SECRET = payloads.SECRET
HEADER = "X-Tawk-Signature"
CHAT = next(name for name, (header, _) in payloads.SIGNED["instaleap"].items() if header.endswith("V3"))


@pytest.fixture
def tawk(source_of):
    return source_of("tawk", slug="tawk", name="Tawk")


@pytest.fixture
def send(client):
    """Send a body with headers to a source, which has to refuse it; return the rejection that was kept."""

    def send(source, body, headers=None, **extra):
        url = source if isinstance(source, str) else source.get_webhook_path()
        headers = {name: value.encode().decode("iso-8859-1") for name, value in (headers or {}).items()}
        answer = client.post(url, body, content_type="application/json", headers=headers, **extra)
        assert answer.status_code >= 400
        rejection = Rejection.objects.latest("id")
        assert (rejection.status, rejection.code) == (answer.status_code, answer.json()["error"])
        return rejection

    return send


def signed(body, secret=SECRET, provider="tawk"):
    return next(iter(registry()[provider].sign(secret, body).values()))


BODY = payloads.body("chat-start.json", "tawk")
INDENTED = json.dumps(json.loads(BODY), indent=3).encode()
COMPACT = json.dumps(json.loads(BODY), separators=(",", ":")).encode()

IN_BASE64 = base64.b64encode(bytes.fromhex(signed(BODY))).decode()


@pytest.mark.parametrize(
    ("body", "headers", "cause"),
    [
        (BODY, {}, "Nothing in the request looks like a signature or a token."),
        (BODY, {"Authorization": "Bearer x"}, "is the provider set up to send a token?"),
        (
            BODY,
            {"X-Renamed": signed(BODY)},
            "not in X-Tawk-Signature. It was made with this source's secret",
        ),
        (BODY, {"X-Renamed": "0" * 40}, "X-Renamed, not in X-Tawk-Signature. It matches none of the known secrets"),
        (BODY, {HEADER: signed(BODY, "revoked one")}, ", which was revoked. Mixed-up environments, or an old secret?"),
        (BODY, {HEADER: signed(BODY, "sandbox one")}, "of another source, “Sandbox” (sandbox, tawk-sandbox)"),
        (INDENTED, {HEADER: signed(COMPACT)}, "matches the same JSON as JavaScript writes it: something between"),
        (COMPACT, {HEADER: signed(json.dumps(json.loads(BODY)).encode())}, "with a space after each comma and colon"),
        (COMPACT + b"\n", {HEADER: signed(COMPACT)}, "without spaces and line ends around it"),
        (BODY, {HEADER: IN_BASE64}, "in Base64; this provider's is hexadecimal, 40 digits"),
        (BODY, {HEADER: f"sha1={signed(BODY)}"}, "holds more than the signature"),
        (BODY, {HEADER: "ab" * 32}, "has 64 hexadecimal digits; SHA-1 has 40. Another algorithm?"),
        (BODY, {HEADER: "hello"}, "holds no signature of the form {hex}, 40 hexadecimal digits"),
        (BODY, {HEADER: signed(BODY, f"{SECRET}\n")}, "with a space, a line end or quotes around it"),
    ],
)
def test_a_signature_that_is_refused_is_explained(tawk, source_of, send, body, headers, cause):
    SecretFactory(source=tawk, value="revoked one", state=Secret.State.REVOKED)
    sandbox = source_of("tawk", slug="tawk-sandbox", name="Sandbox", environment="sandbox")
    SecretFactory(source=sandbox, value="sandbox one")
    assert cause in str(send(tawk, body, headers).explanation)


def test_a_signature_of_none_of_our_secrets_says_what_was_refused(tawk, send):
    rejection = send(tawk, BODY, {HEADER: signed(BODY, "nobody's")})
    assert rejection.detail.startswith("The signature matches none of this source's secrets")


@pytest.mark.parametrize(
    ("settings", "headers", "cause"),
    [
        ({}, {"X-Shop": SECRET}, "arrived in the header X-Shop, not in Authorization: it is this source's secret"),
        ({"token_prefix": "Bearer"}, {"Authorization": SECRET}, "arrived without Bearer before it"),
        ({}, {"Authorization": f"Token {SECRET}"}, "arrived after “Token”: it is this source's secret"),
        ({}, {"Authorization": "another's"}, "The token is this source's secret"),
        ({}, {"Authorization": "guess"}, "The token is unknown."),
        ({}, {"InstaLeap-Signature": "ab" * 32}, "is the provider set up to sign?"),
    ],
)
def test_a_token_that_is_refused_is_explained(source_of, send, settings, headers, cause):
    source = source_of("instaleap", auth_mode="static_token", **settings)
    SecretFactory(source=source, value="another's", state=Secret.State.REVOKED)
    rejection = send(source, payloads.body(payloads.SAMPLE), headers)
    assert cause in str(rejection.explanation)
    assert SECRET.encode().decode("iso-8859-1") not in str(rejection.headers)


def test_a_proof_of_another_kind_of_event_is_explained(source_of, send):
    source = source_of("instaleap")
    chat = payloads.load(CHAT)
    header, value = payloads.SIGNED["instaleap"][CHAT]
    body = payloads.dump(payloads.sample(**{key: chat[key] for key in ("client_id", "sender", "job_id")}))
    rejection = send(source, body, {header: value})
    assert "InstaLeap-Signature is missing" in rejection.detail
    assert str(rejection.explanation).startswith(
        "The signature in InstaLeap-Signature-V3 matches, but it is not valid for this"
    )


@pytest.mark.parametrize(
    ("seconds", "cause"),
    [
        (-5 * 3600, "its time is 5 h off, as when one of the clocks takes local time for UTC"),
        (+1035, "its time is 17 min ahead. Correct the provider's clock"),
        (-40 * 3600, "it was made 1 d 16 h ago"),
    ],
)
def test_a_clock_that_is_off_is_explained(source_of, send, seconds, cause):
    source = source_of("instaleap", signature_tolerance=300)
    body = payloads.body(CHAT)
    v3 = next(signature for signature in registry()["instaleap"].signatures if signature.header.endswith("V3"))
    value = v3.sign(SECRET, body, timestamp=str(int(time.time()) + seconds))
    assert cause in str(send(source, body, {v3.header: value}).explanation)


def test_a_network_is_explained(source_of, send):
    source = source_of("oneroute", allowed_networks="174.138.104.128")
    assert "add 127.0.0.1 to this source's allowed networks" in str(send(source, b"{}").explanation)
    rejection = send(source, b"{}", {"X-Forwarded-For": "174.138.104.128"})
    assert "set TRUSTED_PROXIES to the number of proxies in front of this application" in str(rejection.explanation)


def test_what_is_not_json_says_where(source_of, send):
    rejection = send(source_of("instaleap"), '{\n  "id": “x”}'.encode(), {"InstaLeap-Signature": "0" * 64})
    assert "at line 2, column 9" in rejection.detail
    assert "cannot be verified" in str(rejection.explanation)


def test_an_address_that_is_no_source_names_the_one_that_is_meant(tawk, send):
    assert "Is “tawk” meant?" in str(send("/webhooks/twak/", b"{}").explanation)


def test_nothing_that_is_kept_helps_a_forger(tawk, source_of, send):
    SecretFactory(source=tawk, value="a longer secret")
    right = signed(BODY)
    body = BODY.rstrip()[:-1] + f', "leak": "{SECRET}"}}'.encode()
    send(tawk, body, {HEADER: "0" * 40, "Cookie": "s=1", "X-Whatever": SECRET, "X-Tawk": signed(body)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhooks_rejection::text, convert_from(body, 'UTF8') FROM webhooks_rejection")
        row = str(cursor.fetchone())
    for secret in (SECRET, "a longer secret", right, signed(body), "s=1"):
        assert secret not in row
    assert "[removed]" in row


def test_only_the_latest_are_kept_and_of_a_long_body_its_beginning(tawk, send, monkeypatch):
    monkeypatch.setattr(recorder, "MAX_REJECTIONS", 3)
    for number in range(6):
        send(tawk, b"%d" % number * 20_000, {HEADER: "0"})
    kept = list(Rejection.objects.all())
    assert [bytes(rejection.body[:1]) for rejection in kept] == [b"5", b"4", b"3"]
    assert [(len(rejection.body), rejection.body_length) for rejection in kept] == [(16 * 1024, 20_000)] * 3


def test_a_flood_stores_few_rows_and_all_are_counted(tawk, client):
    for _ in range(300):
        client.post(tawk.get_webhook_path(), b"{}", content_type="application/json")
    kept = Rejection.objects.count()
    assert 20 <= kept < 60
    recorder._allowances.clear()  # as some seconds later
    client.post(tawk.get_webhook_path(), b"{}", content_type="application/json")
    assert sum(RefusalCount.objects.values_list("count", flat=True)) == 301


def test_an_answer_does_not_depend_on_whether_it_could_be_remembered(tawk, client):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE webhooks_rejection")
    assert client.post(tawk.get_webhook_path(), b"{}", content_type="application/json").status_code == 401


MODES = st.sampled_from(["signature", "static_token"])
JUNK = st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass"))


@given(body=JUNK, value=JUNK, provider=st.sampled_from(sorted(registry())), mode=MODES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_refused_is_remembered(client, source_of, body, value, provider, mode):
    recorder.reset_counters()
    live_sources.clear_source_cache()
    mode = mode if mode in registry()[provider].auth_modes else "signature"
    source = Source.objects.filter(slug=f"{provider}-{mode}".replace("_", "-")).first() or source_of(
        provider, slug=f"{provider}-{mode}".replace("_", "-"), auth_mode=mode, allowed_networks="127.0.0.1"
    )
    name = "Authorization" if mode == "static_token" else registry()[provider].signatures[0].header
    before = Rejection.objects.count()
    answer = client.post(
        source.get_webhook_path(), body, content_type="application/json", headers={name: value.decode("iso-8859-1")}
    )
    assert answer.status_code in (400, 401)
    assert Rejection.objects.count() == before + 1


def test_the_page_says_why_before_anything_else(tawk, send, client, ivo):
    rejection = send(tawk, BODY, {"X-Renamed": signed(BODY)})
    client.force_login(ivo)
    page = client.get(reverse("admin:webhooks_rejection_change", args=[rejection.pk])).content.decode()
    assert "If the provider sends it there, set this source&#x27;s header to X-Renamed" in page
    assert ">removed</span>" in page
    listed = client.get(reverse("admin:webhooks_rejection_changelist") + "?code=no_proof").content.decode()
    assert "401 Missing credentials" in listed
