"""The dynamic token: the endpoint that gives it out, in every form that a source may choose, and what it opens."""

import base64
import json
from datetime import timedelta

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as Authlib
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session as RequestsOAuthlib

from tests import payloads
from tests.factories import SecretFactory
from webhooks.auth import access_tokens, live_sources
from webhooks.models import AccessToken, Event, Rejection, Secret

SECRET = payloads.SECRET
BODY = payloads.body(payloads.SAMPLE)
FORM = "application/x-www-form-urlencoded"
CREDENTIALS = {"client_id": "dyn", "client_secret": SECRET, "grant_type": "client_credentials"}


@pytest.fixture
def source(source_of):
    return source_of("instaleap", slug="dyn", auth_mode="dynamic_token")


@pytest.fixture
def ask(client, source):
    """Ask for a token; the body in the named format, the source with these settings."""

    def ask(fields=CREDENTIALS, as_="form-data", headers=None, **settings):
        for name, value in settings.items():
            setattr(source, name, value)
        source.save()
        live_sources.clear_source_cache()
        body, content_type = {
            "form-data": lambda: (fields, None),
            "JSON": lambda: (json.dumps(fields), "application/json"),
            "urlencoded": lambda: (requests.models.RequestEncodingMixin._encode_params(fields), FORM),
        }[as_]()
        options = {"content_type": content_type} if content_type else {}
        return client.post(source.get_token_path(), body, headers=headers or {}, **options)

    return ask


@pytest.fixture
def send(client, source):
    """Send the sample with this value of Authorization; return the answer."""

    def send(authorization, **headers):
        headers = {"Authorization": authorization, **headers} if authorization else headers
        return client.post(source.get_webhook_path(), BODY, content_type="application/json", headers=headers)

    return send


def basic(client_id, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


@pytest.mark.parametrize("as_", ["form-data", "JSON", "urlencoded"])
def test_gives_a_token_as_rfc_6749_has_it(ask, as_):
    answer = ask(as_=as_)

    assert answer.status_code == 200
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert set(said) == {"access_token", "token_type", "expires_in"}
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 3600)
    assert len(base64.urlsafe_b64decode(said["access_token"] + "=")) * 8 == 256


def test_a_token_opens_its_source_and_says_which_it_was(ask, send, source):
    token = ask().json()["access_token"]

    assert send(f"Bearer {token}").json()["status"] == "accepted"
    assert send(f"bearer {token}").status_code == 200
    assert send(token).status_code == 200, "Where no prefix is asked for, Bearer may be left out."
    event, issued = Event.objects.get(), AccessToken.objects.get()
    assert (event.auth_mode, event.access_token, event.secret) == ("dynamic_token", issued, source.secrets.get())
    assert event.signed_content == "the sender only, nothing of the request"
    assert issued.last_used_from == issued.issued_to == "127.0.0.1"
    assert timezone.now() - issued.last_used_at < timedelta(minutes=1)
    assert 3590 < (issued.expires_at - timezone.now()).total_seconds() <= 3600


def test_a_token_that_is_long_over_goes_and_its_events_stay(ask, send, admin_client, django_assert_max_num_queries):
    send(f"Bearer {ask().json()['access_token']}")
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(days=31))
    with django_assert_max_num_queries(12) as queries:
        ask()
    # However many events there are, nobody looks for those that came with it.
    assert not any("webhooks_event" in query["sql"] for query in queries)
    event = Event.objects.get()
    assert not AccessToken.objects.filter(pk=event.access_token_id).exists()
    assert admin_client.get(f"/admin/webhooks/event/{event.pk}/change/").status_code == 200


def test_only_the_hash_of_a_token_is_kept(ask, send):
    token = ask().json()["access_token"]
    send(f"Bearer {token}")
    stored = AccessToken.objects.get()
    assert bytes(stored.token_hash) == access_tokens.hashed(token.encode())
    assert token not in str(Event.objects.get().headers)


@pytest.mark.parametrize(
    ("settings", "fields", "as_", "headers"),
    [
        ({}, {"grant_type": "client_credentials"}, "urlencoded", basic("dyn", SECRET)),
        ({}, {"grant_type": "client_credentials"}, "urlencoded", basic("dyn", "tests-only-secret-%C3%B1-%E2%82%AC")),
        ({"credentials_in": "basic", "grant_type": ""}, {}, "JSON", basic("dyn", SECRET)),
        ({"credentials_in": "basic", "client_id": "il"}, CREDENTIALS, "JSON", basic("il", SECRET)),
        ({"credentials_in": "body", "client_secret_name": "key", "grant_type": ""}, {"key": SECRET}, "JSON", {}),
        (
            {
                "credentials_in": "body",
                "client_id": "il",
                "client_id_name": "auth.user",
                "client_secret_name": "auth.pw",
            },
            {"auth": {"user": "il", "pw": SECRET}, "grant_type": "client_credentials"},
            "JSON",
            {},
        ),
        (
            {"credentials_in": "headers", "client_secret_name": "X-Api-Key", "grant_type": ""},
            {},
            "form-data",
            {"x-api-key": SECRET.encode().decode("iso-8859-1")},
        ),
        (
            {"credentials_in": "anywhere", "client_id": "il", "client_id_name": "X-User", "client_secret_name": "pw"},
            {"pw": SECRET, "grant_type": "client_credentials"},
            "urlencoded",
            {"X-User": "il"},
        ),
        ({"grant_type": "password"}, CREDENTIALS | {"grant_type": "password"}, "JSON", {}),
    ],
)
def test_finds_credentials_where_the_source_says(ask, source, settings, fields, as_, headers):
    source.clean()
    assert ask(fields, as_, headers, **settings).status_code == 200
    source.clean()
    assert not Rejection.objects.exists()


def test_answers_as_the_source_says(ask, send):
    answer = ask(
        token_status=201,
        token_field="data.token",
        lifetime_field="data.ttl",
        token_lifetime=600,
        fixed_fields={"ok": True, "data": {"kind": "shop"}},
        auth_header="X-Shop-Token",
        token_prefix="Token",
    )
    assert answer.status_code == 201
    said = answer.json()
    token = said["data"].pop("token")
    assert said == {"ok": True, "data": {"kind": "shop", "ttl": 600}}
    assert send(None, **{"X-Shop-Token": f"Token {token}"}).status_code == 200
    assert send(None, **{"X-Shop-Token": token}).status_code == 401


@pytest.mark.parametrize(
    ("fields", "as_", "headers", "status", "error"),
    [
        (CREDENTIALS | {"client_secret": "wrong"}, "JSON", {}, 401, "invalid_client"),
        (CREDENTIALS | {"client_id": "wrong"}, "JSON", {}, 401, "invalid_client"),
        (CREDENTIALS | {"client_secret": ""}, "JSON", {}, 401, "invalid_client"),
        (CREDENTIALS | {"client_secret": ["x"]}, "JSON", {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, "JSON", {}, 401, "invalid_client"),
        (CREDENTIALS, "JSON", basic("dyn", "wrong"), 401, "invalid_client"),
        (CREDENTIALS, "JSON", {"Authorization": "Basic ???"}, 401, "invalid_client"),
        (CREDENTIALS, "JSON", {"Authorization": f"Bearer {SECRET[:4]}"}, 401, "invalid_client"),
        ({"client_id": "dyn", "client_secret": SECRET}, "JSON", {}, 400, "invalid_request"),
        (CREDENTIALS | {"grant_type": "password"}, "JSON", {}, 400, "unsupported_grant_type"),
        ([CREDENTIALS], "JSON", {}, 400, "invalid_request"),
    ],
)
def test_refuses_as_rfc_6749_has_it(ask, fields, as_, headers, status, error):
    answer = ask(fields, as_, headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert not AccessToken.objects.exists()
    assert Rejection.objects.get().endpoint == "token"


def test_a_wrong_credential_does_not_tell_which_part_was_wrong(ask):
    wrong = [{"client_id": "x"}, {"client_secret": "x"}, {"client_id": "x", "client_secret": "x"}]
    answers = {ask(CREDENTIALS | change, "JSON").content for change in wrong}
    assert len(answers) == 1
    causes = [str(rejection.explanation) for rejection in Rejection.objects.order_by("id")]
    assert causes[0].endswith("the client id is not this source's.")
    assert causes[1] == "The client id is right; the client secret is unknown."


def test_takes_only_the_formats_that_the_source_takes(ask):
    answer = ask(as_="urlencoded", token_formats=["application/json"])
    assert answer.status_code == 400
    assert answer.json()["error_description"].endswith("this source takes application/json.")
    assert ask(as_="JSON").status_code == 200


def test_a_source_that_gives_no_tokens_says_so(ask):
    answer = ask(auth_mode="static_token")
    assert (answer.status_code, answer.json()["error"]) == (404, "no_tokens")


@pytest.mark.parametrize(
    "end",
    [
        lambda token: AccessToken.objects.update(expires_at=timezone.now()),
        lambda token: AccessToken.objects.update(revoked_at=timezone.now()),
        lambda token: Secret.objects.update(state="revoked"),
        lambda token: Secret.objects.update(state="retiring", retires_at=timezone.now()),
    ],
    ids=["expired", "revoked", "secret revoked", "secret over"],
)
def test_a_token_that_is_over_is_refused_so_that_the_provider_renews_it(ask, send, end):
    token = ask().json()["access_token"]
    end(token)
    live_sources.clear_source_cache()

    answer = send(f"Bearer {token}")
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_proof")
    assert answer["WWW-Authenticate"] == 'Bearer realm="dyn", error="invalid_token"'
    assert send(None)["WWW-Authenticate"] == 'Bearer realm="dyn"'
    explanation = Rejection.objects.order_by("id").first().explanation
    assert str(explanation).startswith(f"The token is token {AccessToken.objects.get().pk}, issued ")


def test_a_token_opens_no_other_source(ask, source_of, client):
    other = source_of("instaleap", slug="other", auth_mode="dynamic_token")
    token = ask().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post(other.get_webhook_path(), BODY, content_type="application/json", headers=headers)
    assert answer.status_code == 401
    assert "for another source, “InstaLeap" in str(Rejection.objects.get().explanation)


def test_the_client_secret_itself_opens_nothing(ask, send):
    assert send(f"Bearer {SECRET}".encode().decode("iso-8859-1")).status_code == 401


def test_each_live_secret_gets_tokens(ask, source):
    SecretFactory(source=source, value="the new one")
    for secret in (SECRET, "the new one"):
        assert ask(CREDENTIALS | {"client_secret": secret}).status_code == 200
    source.secrets.order_by("id").first().revoke()
    assert ask().status_code == 401
    assert ask(CREDENTIALS | {"client_secret": "the new one"}).status_code == 200


def test_too_many_requests_get_a_retry_after(ask):
    answers = [ask(CREDENTIALS | {"client_secret": "guess"}, "JSON") for _ in range(62)]
    assert [answer.status_code for answer in answers] == [401] * 60 + [429] * 2
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert ask().status_code == 429
    cache.clear()
    assert ask().status_code == 200


def test_tokens_are_revoked_one_by_one_or_all(ask, send, client, ivo, source):
    first, second, third = (ask().json()["access_token"] for _ in range(3))
    client.force_login(ivo)
    chosen = {"action": "revoke", "_selected_action": AccessToken.objects.earliest("id").pk}
    page = client.post(reverse("admin:webhooks_accesstoken_changelist"), chosen, follow=True)
    assert "Tokens revoked: 1." in page.content.decode()
    assert [send(f"Bearer {token}").status_code for token in (first, second, third)] == [401, 200, 200]

    page = client.post(reverse("admin:webhooks_source_revoke_tokens", args=[source.pk]), follow=True)
    assert "Tokens revoked: 2." in page.content.decode()
    access_tokens.clear_token_cache()
    assert [send(f"Bearer {token}").status_code for token in (first, second, third)] == [401, 401, 401]


JUNK = st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass"))
HOSTILE = [
    b"[" * 100_000,
    b'{"a":' * 5000,
    b"\x00" * 50,
    b"9" * 10_000,
    b'{"client_secret": "\\ud800"}',
    b"%ff=%00&=&",
    b"NaN",
]


@given(
    body=JUNK | st.sampled_from(HOSTILE),
    content_type=st.sampled_from([FORM, "application/json"]) | st.text(max_size=40),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_gets_a_clear_answer(client, source, body, content_type):
    cache.clear()
    content_type = content_type.encode(errors="replace").decode("iso-8859-1").replace("\n", "").replace("\r", "")
    answer = client.generic("POST", source.get_token_path(), body, content_type=content_type)
    assert answer.status_code in (400, 401)
    assert set(answer.json()) == {"error", "error_description"}


@given(body=JUNK)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_as_form_data_gets_a_clear_answer(client, source, body):
    cache.clear()
    body = b'--x\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n' + body
    answer = client.generic("POST", source.get_token_path(), body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (400, 401)


@pytest.fixture(scope="module")
def dynamic(running):
    """A source of the running product, made on the command line; its URLs and its secret."""
    said = running.manage("add_source", "instaleap", "--slug=dynamic", "--auth-mode=dynamic_token")
    facts = dict(line.split(": ", 1) for line in said.splitlines())
    return facts["URL"], facts["Token URL (RenewURL)"], facts["Secret (not shown again)"]


def test_stories_are_played_with_tokens(running, dynamic):
    running.manage("add_source", "instaleap", "--slug=static", "--auth-mode=static_token", "--token-prefix=Bearer")
    said = running.manage("play", "dynamic", "static", "--seconds=0", "--seed=3")
    assert "events played" in said


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_uses_it_unchanged(dynamic, method):
    url, token_url, secret = dynamic
    with Authlib("dynamic", secret, token_endpoint_auth_method=method) as session:
        session.fetch_token(token_url, grant_type="client_credentials")
        answer = session.post(url, BODY, headers={"Content-Type": "application/json"})
    assert answer.json()["status"] in ("accepted", "duplicate")


def test_requests_oauthlib_uses_it_unchanged(dynamic, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the server under test has no TLS
    url, token_url, secret = dynamic
    with RequestsOAuthlib(client=BackendApplicationClient("dynamic")) as session:
        session.fetch_token(token_url, client_id="dynamic", client_secret=secret)
        answer = session.post(url, BODY, headers={"Content-Type": "application/json"})
    assert answer.json()["status"] in ("accepted", "duplicate")
