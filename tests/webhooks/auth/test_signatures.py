"""Against what InstaLeap's own recipe made under Node: payloads/instaleap/sign.mjs."""

import json

import pytest

from tests import payloads
from webhooks.payloads.parsing import parse
from webhooks.providers import registry

VECTORS = json.loads((payloads.INSTALEAP / "signature-vectors.json").read_text())
SURROGATES = json.loads((payloads.INSTALEAP / "signature-vectors-lone-surrogates.json").read_text())
SIGNATURE = registry()["instaleap"].signatures[0]


def fits(signature, secret, body):
    parts = SIGNATURE.parts(signature)
    return parts and any(SIGNATURE.fits(parts, secret, m) for m in SIGNATURE.messages(body, parse(body), parts))


@pytest.mark.parametrize("vector", VECTORS + SURROGATES)
def test_fits_what_node_signed(vector):
    fields = {name: vector[name] for name in ("id", "created_at", "type")}
    body = json.dumps(fields).encode()

    assert fits(vector["signature"], vector["secret"], body)
    assert fits(vector["signature"].upper(), vector["secret"], body)
    assert not fits(vector["signature"], vector["secret"] + "x", body)
    assert not fits(vector["signature"], vector["secret"], json.dumps(fields | {"type": fields["type"] + "x"}).encode())
    assert not fits(vector["signature"][:-1], vector["secret"], body)


def test_an_empty_secret_fits_nothing():
    body = b'{"id":"","created_at":"","type":""}'
    assert not fits(SIGNATURE.sign("", body), "", body)


@pytest.mark.parametrize("provider", ["tawk", "docssmith", "oneroute"])
def test_the_others_sign_every_byte(provider):
    (signature,) = registry()[provider].signatures
    for name, (header, value) in payloads.SIGNED[provider].items():
        body = payloads.body(name, provider)
        parts = signature.parts(value)
        assert header.lower() == signature.header.lower()
        assert any(signature.fits(parts, payloads.SECRET, m) for m in signature.messages(body, None, parts))
        for other in (body + b" ", body[1:], body.replace(b"e", b"f", 1)):
            messages = list(signature.messages(other, None, parts))
            # What JavaScript writes anew has no spaces around it.
            fit = [signature.fits(parts, payloads.SECRET, message) for message in messages]
            assert fit == [False] * len(fit) or (provider == "oneroute" and other == body + b" ")
