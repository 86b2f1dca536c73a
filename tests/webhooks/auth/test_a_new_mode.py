"""A mode is one module: a fourth, declared here, is offered, verified, stored and shown with nothing else changed.

It is HTTP Message Signatures (RFC 9421) with hmac-sha256; the vectors are the RFC's, of sections B.1.5 and B.2.5.
"""

import base64
import hmac
import re

import pytest
from django.utils import timezone

from tests.factories import SecretFactory
from webhooks.auth import live_sources
from webhooks.auth.live_sources import check_decryptable
from webhooks.auth_modes import AUTH_MODES, AuthMode, Fact, Outcome, Verification
from webhooks.messages import TranslatableMessage
from webhooks.models import Event, Rejection
from webhooks.payloads import parsing
from webhooks.providers import registry
from webhooks.rejections.reasons import ExpiredSignature, InvalidCredentials, MissingCredentials

SHARED_SECRET = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
COMPONENTS = '("date" "@authority" "content-type")'
REQUEST = {
    "Host": "example.com",
    "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "Content-Type": "application/json",
    "Signature-Input": f'sig-b25={COMPONENTS};created=1618884473;keyid="test-shared-secret"',
    "Signature": "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
}
FORM = re.compile(rf'([a-z0-9-]+)=({re.escape(COMPONENTS)};created=([0-9]+);keyid="[^"]*")')


def make_signature(secret, headers, parameters):
    """Return the signature, in Base64, of these components (RFC 9421, sections 2.5 and 3.3.3)."""
    lines = [f'"{name}": {headers.get(name.replace("@authority", "host"), "").strip()}' for name in
             ("date", "@authority", "content-type")]  # fmt: skip
    message = "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
    return base64.b64encode(hmac.digest(base64.b64decode(secret), message, "sha256")).decode()


class MessageSignatureAuth(AuthMode):
    slug = "message_signature"
    label = "HTTP message signature"
    settings = ("signature_tolerance",)
    unexpected_header = "The request has the header {header}."

    def header_names(self, provider, config):
        return ["Signature", "Signature-Input"]

    def verify(self, source, config, inbound):
        if "Signature" not in inbound.headers:
            raise MissingCredentials("The header Signature is missing.")
        form = FORM.fullmatch(inbound.headers.get("Signature-Input", ""))
        if not form:
            raise InvalidCredentials
        label, parameters, created = form.groups()
        secrets = source.live_secrets(self.slug)
        for secret in secrets:
            expected = secret.value and f"{label}=:{make_signature(secret.value, inbound.headers, parameters)}:"
            if expected and hmac.compare_digest(expected.encode(), inbound.headers["Signature"].encode()):
                if abs((timezone.now() - parsing.epoch(created)).total_seconds()) > source.signature_tolerance:
                    raise ExpiredSignature
                return Verification(self.slug, "the date, the host and the content type", secret.id)
        check_decryptable(source, secrets)
        raise InvalidCredentials

    def sign(self, source, credential, body):
        raise NotImplementedError  # only a client that knows the date could

    def handover(self, source):
        yield Fact("Components", COMPONENTS)

    def requirements(self, source, config):
        yield f"A signature of {COMPONENTS} (RFC 9421)."

    def diagnose(self, source, config, inbound, reason, secrets):
        return TranslatableMessage()

    def would_pass(self, source, secrets, stored):
        return Outcome.UNKNOWN if "signature" in stored.headers else Outcome.FAILS


@pytest.fixture
def source(monkeypatch, source_of):
    modes = [*AUTH_MODES, MessageSignatureAuth()]
    monkeypatch.setattr(AUTH_MODES, "_extensions", modes)
    monkeypatch.setattr(type(registry()["tawk"]), "auth_modes", ("signature", MessageSignatureAuth.slug))
    source = source_of("tawk", slug="rfc", auth_mode=MessageSignatureAuth.slug)
    SecretFactory(source=source, value=SHARED_SECRET)
    source.secrets.exclude(pk=source.secrets.first().pk).delete()  # it is not Base64
    live_sources.clear_source_cache()
    return source


@pytest.fixture
def post(client, source):
    def post(**changes):
        headers = REQUEST | changes
        content_type = headers.pop("Content-Type")
        return client.post(source.get_webhook_path(), b'{"hello": "world"}', content_type=content_type, headers=headers)

    return post


def test_the_vector_of_the_rfc_is_accepted_and_stored(post, source):
    assert post().json()["status"] == "accepted"
    event = Event.objects.get()
    assert (event.auth_mode, event.secret) == ("message_signature", source.secrets.get())
    assert "pxcQw6G3" not in str(event.headers)


@pytest.mark.parametrize(
    "change",
    [
        {"Date": "Tue, 20 Apr 2021 02:07:56 GMT"},
        {"Host": "example.org"},
        {"Content-Type": "text/plain"},
        {"Signature": "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE9=:"},
        {"Signature-Input": 'sig-b25=();created=1618884473;keyid="test-shared-secret"'},
        {"Signature-Input": REQUEST["Signature-Input"].replace("73", "74")},
    ],
)
def test_any_change_is_refused(post, change):
    assert post(**change).status_code == 401
    assert not Event.objects.exists()


def test_a_signature_that_is_too_old_is_refused(post, source):
    source.signature_tolerance = 300
    source.save()
    assert post().json()["error"] == "stale_proof"


def test_the_admin_offers_and_shows_it(post, source, client, ivo):
    post()
    post(Signature="x")
    client.force_login(ivo)
    page = client.get(f"/admin/webhooks/source/{source.pk}/change/").content.decode()
    assert '<option value="message_signature" selected>HTTP message signature</option>' in page
    assert "Components" in page
    event = client.get(f"/admin/webhooks/event/{Event.objects.get().pk}/change/").content.decode()
    assert "HTTP message signature" in event
    rejection = client.get(f"/admin/webhooks/rejection/{Rejection.objects.get().pk}/change/").content.decode()
    assert "(RFC 9421)." in rejection
    assert SHARED_SECRET not in page + event + rejection
