"""The contract of authentication modes: each mode is asked the same, over HTTP at a source's real URL."""

import hmac
from importlib import import_module

import pytest
from django.utils import translation

from console.registry import Extension
from tests import payloads
from tests.factories import SecretFactory
from webhooks.auth import access_tokens, live_sources
from webhooks.auth_modes import AUTH_MODES, AuthConfig, AuthMode, get_auth_mode
from webhooks.models import Event, Rejection, Secret, Source
from webhooks.onboarding import handover
from webhooks.onboarding.change_preview import preview_config_change
from webhooks.providers import registry

BODY = payloads.body(payloads.SAMPLE)
OTHER = "another-secret-of-tests"


@pytest.fixture(params=list(AUTH_MODES), ids=[mode.slug for mode in AUTH_MODES])
def mode(request):
    return request.param


@pytest.fixture
def source(source_of, mode):
    return source_of("instaleap", slug="mine", auth_mode=mode.slug)


@pytest.fixture
def sign(mode):
    """Return the headers that a provider sends for a source, made with one of the source's secrets."""

    def sign(source, secret):
        value = access_tokens.issue(source.pk, secret.pk, 60, None) if mode.issues_tokens else secret.value
        return mode.sign(source, value, BODY)

    return sign


@pytest.fixture
def deliver(client, source):
    def deliver(headers):
        live_sources.clear_source_cache()
        access_tokens.clear_token_cache()
        headers = {name: value.encode().decode("iso-8859-1") for name, value in headers.items()}
        return client.post(source.get_webhook_path(), BODY, content_type="application/json", headers=headers)

    return deliver


def test_has_a_slug_a_label_and_settings(mode):
    assert isinstance(mode, AuthMode)
    assert isinstance(mode, Extension)
    assert get_auth_mode(mode.slug) is mode
    assert type(mode) in vars(import_module(f"webhooks.auth.{mode.slug}")).values(), "A module is named as its mode."
    labels = set()
    for language in ("en", "es", "pt-br"):
        with translation.override(language):
            labels.add(str(mode.label))
    assert len(labels) > 1
    assert {field.name for field in Source._meta.get_fields()} >= set(mode.settings)
    assert any(mode.slug in provider.auth_modes for provider in registry().values())


def test_providers_offer_modes_that_exist():
    offered = {slug for provider in registry().values() for slug in provider.auth_modes}
    assert offered == {mode.slug for mode in AUTH_MODES}


def test_accepts_its_own_signing_with_each_live_secret(source, mode, sign, deliver):
    SecretFactory(source=source, value=OTHER)
    for secret in source.secrets.all():
        assert deliver(sign(source, secret)).status_code == 200
    event = Event.objects.get()
    assert (event.delivery_count, event.auth_mode) == (2, mode.slug)
    assert event.signed_content
    assert event.secret in source.secrets.all()


def test_stores_no_credentials(source, sign, deliver):
    headers = sign(source, source.secrets.get())
    deliver(headers)
    stored = str(Event.objects.get().headers)
    for value in headers.values():
        credential = value.rpartition(" ")[2]
        assert credential not in stored
        assert credential.encode().decode("iso-8859-1") not in stored


def test_refuses_a_request_without_credentials(mode, source, deliver):
    answer = deliver({})
    assert (answer.status_code, answer.json()["error"]) == (401, "no_proof")
    assert all(name in answer.json()["detail"] for name in mode.header_names(source.get_provider(), source.auth)[:1])


def test_refuses_an_empty_secret(mode, source, deliver):
    for secret in ("", " "):
        assert deliver(mode.sign(source, secret, BODY)).status_code == 401
    assert not Event.objects.exists()


def test_refuses_a_changed_credential(source, sign, deliver):
    for name, value in sign(source, source.secrets.get()).items():
        for changed in (value[:-1], value + "0", value[:-1] + ("0" if value[-1] != "0" else "1"), ""):
            assert deliver({name: changed}).status_code == 401
    assert not Event.objects.exists()


@pytest.mark.parametrize("end", [lambda secret: secret.revoke(), lambda secret: secret.retire(secret.created_at)])
def test_refuses_a_secret_that_has_ended(source, sign, deliver, end):
    secret = source.secrets.get()
    headers = sign(source, secret)
    end(secret)
    assert deliver(headers).status_code == 401
    assert not Event.objects.exists()


def test_refuses_another_sources_secret(source, source_of, mode, sign, deliver):
    other = source_of("instaleap", slug="theirs", auth_mode=mode.slug)
    other.secrets.all().delete()
    headers = sign(other, SecretFactory(source=other, value=OTHER))
    assert deliver(headers).status_code == 401
    assert not Event.objects.exists()


def test_refuses_a_secret_of_another_mode(source, mode, sign, deliver):
    headers = sign(source, source.secrets.get())
    other = next(other for other in AUTH_MODES if other is not mode)
    source.secrets.update(auth_mode=other.slug)
    if not mode.issues_tokens:  # an access token that was issued stays valid together with its secret
        assert deliver(headers).status_code == 401


def test_asks_to_send_again_where_a_secret_cannot_be_decrypted(source, mode, sign, deliver):
    if mode.issues_tokens:
        return  # only the token endpoint compares secrets
    headers = sign(source, source.secrets.get())
    source.secrets.update(encrypted_value=b"nonsense")
    assert deliver(headers).status_code == 503


def test_compares_in_constant_time(source, mode, sign, deliver, monkeypatch):
    """Every secret is compared by hmac.compare_digest; access tokens are looked up by their hash instead."""
    compared, original = [], hmac.compare_digest

    def compare_digest(a, b):
        compared.append((a, b))
        return original(a, b)

    headers = sign(source, source.secrets.get())
    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    assert deliver(headers).status_code == 200
    assert bool(compared) is not mode.issues_tokens
    if mode.issues_tokens:
        (value,) = headers.values()
        hashed = access_tokens.hashed(value.rpartition(" ")[2].encode())
        assert bytes(source.access_tokens.get().token_hash) == hashed


def test_says_nothing_secret(source, source_of, mode, sign, deliver):
    """Neither the handover nor a requirement, an answer, a cause or a repr contains a secret or a valid credential."""
    other = source_of("instaleap", slug="theirs", auth_mode=mode.slug)
    SecretFactory(source=other, value=OTHER)
    valid = sign(source, source.secrets.get())
    for headers in ({}, sign(other, other.secrets.first()), {name: value + "x" for name, value in valid.items()}):
        deliver(headers)
    live_sources.clear_source_cache()
    live = live_sources.get(source.slug)
    texts = [
        handover.as_text(source),
        *mode.requirements(source, source.auth),
        repr(live),
        str(source.auth),
        *(f"{one.detail} {one.explanation} {one.headers} {bytes(one.body)}" for one in Rejection.objects.all()),
    ]
    assert Rejection.objects.count() == 3
    secrets = {secret.value for secret in Secret.objects.all()}
    credentials = {value.rpartition(" ")[2] for value in valid.values()}
    for text in texts:
        assert not [secret for secret in secrets | credentials if secret in text]


def test_tells_the_provider_how_to_authenticate(source, mode):
    text = handover.as_text(source)
    for name in mode.header_names(source.get_provider(), source.auth):
        assert name in text
        assert any(name in requirement for requirement in mode.requirements(source, source.auth))


def test_uses_the_sources_own_header(source_of, mode, sign, deliver, source):
    source.auth_header = "X-Shop"
    source.save()
    headers = sign(source, source.secrets.get())
    assert list(headers) == mode.header_names(source.get_provider(), source.auth) == ["X-Shop"]
    assert deliver(headers).status_code == 200
    assert "[removed " in Event.objects.get().headers["X-Shop"]


def test_would_pass_agrees_with_verify(source, mode, sign, deliver):
    secret = source.secrets.get()
    assert deliver(sign(source, secret)).status_code == 200
    assert deliver({}).status_code == 401
    preview = preview_config_change(source, [secret.value])
    assert (preview.accepted, preview.refused) == (preview.passing, preview.failing) == (1, 1)

    secret.revoke()
    SecretFactory(source=source, value=OTHER)
    preview = preview_config_change(source, [OTHER])
    assert (preview.passing, preview.failing, preview.unknown) == (0, 2, 0)


def test_a_secret_that_is_wrong_has_a_cause(source, source_of, mode, sign, deliver):
    other = source_of("instaleap", slug="theirs", name="Theirs", auth_mode=mode.slug)
    other.secrets.all().delete()
    deliver(sign(other, SecretFactory(source=other, value=OTHER)))
    assert "Theirs" in str(Rejection.objects.get().explanation)


def test_a_config_names_its_mode_header_and_prefix(mode):
    assert str(AuthConfig(mode.slug)) == mode.label
    assert str(AuthConfig(mode.slug, "X-Shop", "Token")) == f"{mode.label} (X-Shop: Token)"
