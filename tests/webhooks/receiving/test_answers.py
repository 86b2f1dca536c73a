"""The answers of the endpoints, word for word: providers read them in their own logs."""

import io
import json
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import translation

from tests import payloads
from tests.factories import SecretFactory
from webhooks.auth import live_sources
from webhooks.models import Event, Rejection, Secret, Source

SIGNED = dict([payloads.SIGNATURES[payloads.SAMPLE]])
BODY = payloads.body(payloads.SAMPLE)
FIELDS = {"client_id": "dyn", "client_secret": payloads.SECRET, "grant_type": "client_credentials"}
NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def answered(answer, *headers):
    """Return the status, the body and some headers of an answer."""
    return answer.status_code, answer.json(), {name: answer.headers[name] for name in headers if name in answer.headers}


@pytest.fixture
def send(client, source):
    def send(body=BODY, path="/webhooks/instaleap/", headers=SIGNED, **extra):
        live_sources.clear_source_cache()
        return client.post(path, body, content_type="application/json", headers=headers, **extra)

    return send


@pytest.fixture
def ask(client, source_of):
    """Ask for a token of a source with these settings."""
    source = source_of("instaleap", slug="dyn", auth_mode="dynamic_token")

    def ask(fields=FIELDS, content_type="application/json", headers=None, **settings):
        for name, value in settings.items():
            setattr(source, name, value)
        source.save()
        live_sources.clear_source_cache()
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return client.post("/webhooks/dyn/token/", body, content_type=content_type, headers=headers or {})

    return ask


def refused(status, error, detail):
    return status, {"error": error, "detail": detail}, {}


TOO_LARGE = refused(413, "too_large", "The body is longer than the 1048576 bytes that are taken.")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"body": b" " * (1024 * 1024 + 1)}, TOO_LARGE),
        ({"CONTENT_LENGTH": "x"}, TOO_LARGE),
        (
            {"headers": {}},
            refused(
                401, "no_proof", "The header InstaLeap-Signature is missing; this source takes signed requests only."
            ),
        ),
        (
            {"REMOTE_ADDR": "203.0.113.7"},
            refused(
                403,
                "wrong_network",
                "This source takes requests from its allowed networks only; this one came from 203.0.113.7.",
            ),
        ),
    ],
)
def test_a_refused_event(send, source, request_, answer):
    source.allowed_networks = "127.0.0.1"
    source.save()
    assert answered(send(**request_), "WWW-Authenticate") == answer
    rejection = Rejection.objects.get()
    assert (rejection.code, rejection.status, rejection.endpoint) == (answer[1]["error"], answer[0], "event")
    assert rejection.method == "POST"
    assert rejection.source == (None if answer is TOO_LARGE else source)  # the body is read first
    assert not Event.objects.exists()


def test_a_body_that_is_as_long_as_it_may_be_is_taken(send):
    with override_settings(MAX_BODY_BYTES=len(BODY)):
        assert send().status_code == 200
    with override_settings(MAX_BODY_BYTES=len(BODY) - 1):
        assert send().json()["error"] == "too_large"


@pytest.mark.parametrize(("limit", "status"), [(len(BODY), 200), (len(BODY) - 1, 413)])
def test_a_body_in_chunks(send, limit, status):
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(BODY)}
    with override_settings(MAX_BODY_BYTES=limit):
        assert send(**chunked).status_code == status
    assert [bytes(event.body) for event in Event.objects.all()] == ([BODY] if status == 200 else [])


def test_a_token_is_asked_for_in_chunks(client, ask):
    ask()
    form = b"client_id=dyn&grant_type=client_credentials&client_secret=" + quote(payloads.SECRET).encode()
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(form)}
    answer = client.post("/webhooks/dyn/token/", content_type="application/x-www-form-urlencoded", **chunked)
    assert answer.status_code == 200


def test_an_address_that_is_not_known_is_in_no_network(send, source):
    source.allowed_networks = "127.0.0.1"
    source.save()
    assert send(REMOTE_ADDR="").json()["detail"].endswith("this one came from no address.")


@pytest.mark.django_db(transaction=True)
def test_an_event_or_a_token_that_cannot_be_stored_is_sent_again(send, ask, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE webhooks_event RENAME TO gone")
        cursor.execute("ALTER TABLE webhooks_accesstoken RENAME TO tokens_gone")
        try:
            event, token = send(), ask()
        finally:
            cursor.execute("ALTER TABLE tokens_gone RENAME TO webhooks_accesstoken")
            cursor.execute("ALTER TABLE gone RENAME TO webhooks_event")
    assert answered(event, "Retry-After") == (
        503,
        {"error": "unavailable", "detail": "The event could not be stored just now; please send it again."},
        {"Retry-After": "5"},
    )
    assert answered(token, "Retry-After", *NOT_STORED) == (
        503,
        {"error": "unavailable", "error_description": "No token can be stored just now; please ask again."},
        {"Retry-After": "5", **NOT_STORED},
    )
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("webhooks.receiving")]
    assert messages == ["An event for instaleap could not be stored", "A token for dyn could not be stored"]
    assert send().status_code == ask().status_code == 200


CHALLENGE = {"WWW-Authenticate": 'Basic realm="dyn"'}
FORMATS = "application/x-www-form-urlencoded or application/json or multipart/form-data"
NO_KEY = "Expecting property name enclosed in double quotes"
NO_GRANT_TYPE = (400, "invalid_request", "The field grant_type is missing; send grant_type=client_credentials.", {})
UNKNOWN_CLIENT = "The client is unknown, or its secret is wrong."


@pytest.mark.parametrize(
    ("fields", "content_type", "settings", "answer"),
    [
        (
            b"{",
            "application/json",
            {},
            (400, "invalid_request", f"The body is not JSON: {NO_KEY} at line 1, column 2.", {}),
        ),
        (b"[]", "application/json", {}, (400, "invalid_request", "The body is JSON, but no object.", {})),
        (b"a", "text/plain", {}, (400, "invalid_request", f"The body is text/plain; this source takes {FORMATS}.", {})),
        (b"a", "", {}, (400, "invalid_request", f"The body is of no named type; this source takes {FORMATS}.", {})),
        (
            b"--x\r\nfoo",
            "multipart/form-data",
            {},
            (400, "invalid_request", "The body cannot be read as multipart/form-data.", {}),
        ),
        (b"", "application/json", {}, NO_GRANT_TYPE),
        ({}, "application/json", {}, NO_GRANT_TYPE),
        (
            {"grant_type": "x"},
            "application/json",
            {},
            (400, "unsupported_grant_type", "Only the grant type client_credentials is known here.", {}),
        ),
        (FIELDS | {"client_secret": "x"}, "application/json", {}, (401, "invalid_client", UNKNOWN_CLIENT, CHALLENGE)),
        (FIELDS | {"client_id": "x"}, "application/json", {}, (401, "invalid_client", UNKNOWN_CLIENT, CHALLENGE)),
        (
            FIELDS | {"client_secret": "x"},
            "application/json",
            {"credentials_in": "body"},
            (401, "invalid_client", UNKNOWN_CLIENT, {}),
        ),
        (
            {},
            "application/json",
            {"credentials_in": "body", "grant_type": ""},
            (401, "invalid_client", "No credentials came; they are expected here: Fields of the body.", {}),
        ),
        (
            {},
            "application/json",
            {"grant_type": ""},
            (
                401,
                "invalid_client",
                "No credentials came; they are expected here: HTTP Basic or fields of the body (OAuth 2).",
                CHALLENGE,
            ),
        ),
    ],
)
def test_a_token_that_is_refused(ask, fields, content_type, settings, answer):
    status, error, description, headers = answer
    assert answered(ask(fields, content_type, **settings), "WWW-Authenticate", *NOT_STORED) == (
        status,
        {"error": error, "error_description": description},
        headers | NOT_STORED,
    )
    rejection = Rejection.objects.get()
    assert (rejection.code, rejection.status, rejection.endpoint) == (error, status, "token")


def test_an_answer_is_in_english_whoever_asks(ask):
    with translation.override("es"):
        description = ask({"grant_type": "client_credentials"}).json()["error_description"]
    assert description == "No credentials came; they are expected here: HTTP Basic or fields of the body (OAuth 2)."


def test_a_client_secret_that_cannot_be_decrypted(ask):
    Secret.objects.update(encrypted_value=b"nonsense")
    assert answered(ask(), "Retry-After") == (
        503,
        {
            "error": "unavailable",
            "error_description": "A secret of the source dyn cannot be decrypted here; please ask again later.",
        },
        {"Retry-After": "5"},
    )
    SecretFactory(source=Source.objects.get(slug="dyn"), value="another")
    assert ask(FIELDS | {"client_secret": "another"}).status_code == 200


def test_too_many_token_requests(ask):
    for _ in range(60):
        ask({})
    status, body, headers = answered(ask({}), "Retry-After")
    assert (status, body["error"]) == (429, "too_many_requests")
    assert body["error_description"] == (
        f"More than 60 requests for a token within a minute; wait {headers['Retry-After']} seconds, and use each token"
        " until it is refused."
    )
    assert 1 <= int(headers["Retry-After"]) <= 60


def test_a_disabled_source_issues_no_token(ask):
    assert ask(state="disabled").json()["error"] == "source_disabled"


def test_another_path_is_no_endpoint(client):
    assert client.get("/webhooks/a/b/c/").status_code == 404


def test_an_answer_has_its_length(send):
    answer = send()
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Content-Language" not in answer.headers, "No middleware for people ran."


def test_an_event_from_an_address_that_is_not_known_is_kept(send):
    assert send(REMOTE_ADDR="").status_code == 200
    assert Event.objects.get().remote_address is None


def test_the_header_that_a_source_has_its_token_in_is_not_stored(client, source_of):
    source_of("instaleap", slug="shop", auth_mode="static_token", auth_header="X-Shop")
    token = payloads.SECRET.encode().decode("iso-8859-1")
    answer = client.post("/webhooks/shop/", BODY, content_type="application/json", headers={"X-Shop": token})
    assert answer.status_code == 200
    assert Event.objects.get().headers["X-Shop"].startswith("[removed ")


def test_of_a_body_that_is_too_long_no_more_than_the_limit_is_read(send):
    sent = io.BytesIO(b" " * 100)
    with override_settings(MAX_BODY_BYTES=10):
        answer = send(**{"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": sent})
    assert (answer.json()["error"], sent.tell()) == ("too_large", 11)


def test_a_request_without_a_length_has_no_body(client, source_of):
    source_of("instaleap", slug="shop", auth_mode="static_token")
    token = payloads.SECRET.encode().decode("iso-8859-1")
    answer = client.post(
        "/webhooks/shop/", b"", content_type="application/json", CONTENT_LENGTH="", headers={"Authorization": token}
    )
    assert answer.status_code == 200
    assert Event.objects.get().body == b""
