"""The static token: a header and a secret of the admin's own choice."""

import pytest
from django.core.management import CommandError, call_command

from tests import payloads
from tests.factories import SecretFactory
from webhooks.auth import live_sources
from webhooks.models import Event, Secret, Source

BODY = payloads.body(payloads.SAMPLE)
TOKEN = payloads.SECRET


@pytest.fixture
def send(source_of, client):
    """Return a function that makes a source with these values and sends the sample with these headers."""

    def send(headers, body=BODY, **values):
        source = Source.objects.first() or source_of("instaleap", auth_mode="static_token", **values)
        # As a server hands over what came as UTF-8: each byte a character.
        headers = {name: value.encode().decode("iso-8859-1") for name, value in headers.items()}
        answer = client.post(source.get_webhook_path(), body, content_type="application/json", headers=headers)
        said = answer.json()
        return answer.status_code, said.get("status") or said["error"]

    return send


@pytest.mark.parametrize(
    ("values", "headers"),
    [
        ({}, {"Authorization": TOKEN}),
        ({}, {"authorization": f" {TOKEN} "}),
        ({"token_prefix": "Bearer"}, {"Authorization": f"Bearer {TOKEN}"}),
        ({"token_prefix": "Bearer "}, {"Authorization": f"bearer  {TOKEN}"}),
        ({"auth_header": "X-Shop"}, {"x-shop": TOKEN}),
        ({"auth_header": "X-Shop", "token_prefix": "Token"}, {"X-Shop": f"Token {TOKEN}"}),
    ],
)
def test_takes(send, values, headers):
    assert send(headers, **values) == (200, "accepted")
    event = Event.objects.get()
    assert (event.auth_mode, event.signed_content) == ("static_token", "the sender only, nothing of the request")
    assert TOKEN not in str(event.headers)
    assert TOKEN.encode().decode("iso-8859-1") not in str(event.headers)


@pytest.mark.parametrize(
    ("values", "headers", "error"),
    [
        ({}, {}, "no_proof"),
        ({}, {"X-Shop": TOKEN}, "no_proof"),
        ({"auth_header": "X-Shop"}, {"Authorization": TOKEN}, "no_proof"),
        ({}, {"Authorization": ""}, "wrong_proof"),
        ({}, {"Authorization": TOKEN[:-1]}, "wrong_proof"),
        ({}, {"Authorization": f"{TOKEN}x"}, "wrong_proof"),
        ({}, {"Authorization": f"Bearer {TOKEN}"}, "wrong_proof"),
        ({"token_prefix": "Bearer"}, {"Authorization": TOKEN}, "wrong_proof"),
        ({"token_prefix": "Bearer"}, {"Authorization": f"Bearer{TOKEN}"}, "wrong_proof"),
        ({"token_prefix": "Bearer"}, {"Authorization": "Bearer"}, "wrong_proof"),
        # The credentials of another mode.
        ({}, dict([payloads.SIGNATURES[payloads.SAMPLE]]), "no_proof"),
    ],
)
def test_refuses(send, values, headers, error):
    assert send(headers, **values) == (401, error)
    assert not Event.objects.exists()


def test_a_token_opens_no_source_in_signature_mode(source_of, client):
    source = source_of("instaleap")
    headers = {"Authorization": TOKEN.encode().decode("iso-8859-1")}
    answer = client.post(source.get_webhook_path(), BODY, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "no_proof")


def test_each_live_secret_is_tried_and_a_revoked_one_is_over(send):
    send({"Authorization": TOKEN})
    SecretFactory(source=Source.objects.get(), value="the new one")
    Secret.objects.exclude(pk=Secret.objects.latest("pk").pk).update(state=Secret.State.REVOKED)
    live_sources.clear_source_cache()
    assert send({"Authorization": "the new one"}) == (200, "duplicate")
    assert send({"Authorization": TOKEN}) == (401, "wrong_proof")


def test_what_is_not_json_is_kept_as_it_is_proved(send):
    assert send({"Authorization": TOKEN}, body=b"{") == (200, "accepted")
    assert Event.objects.get().status == Event.Status.UNREADABLE


def test_another_body_under_the_same_id_is_a_conflict(send):
    send({"Authorization": TOKEN})
    send({"Authorization": TOKEN}, body=payloads.dump(payloads.sample(job={"status": "CANCELLED"})))
    assert Event.objects.latest("pk").status == Event.Status.CONFLICT


def test_is_made_on_the_command_line(db, capsys):
    said = call_command(
        "add_source", "instaleap", auth_mode="static_token", header="X-Shop", token_prefix="Bearer", slug="mine"
    )
    assert "Header of the token: X-Shop: Bearer <token>" in said
    assert Source.objects.get().auth_mode == "static_token"


def test_only_of_a_provider_that_offers_it(db):
    with pytest.raises(CommandError, match=r"auth_mode: tawk\.to does not offer this"):
        call_command("add_source", "tawk", auth_mode="static_token")
