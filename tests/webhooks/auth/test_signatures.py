"""Against what InstaLeap's own recipe made under Node: payloads/instaleap/sign.mjs."""

import json

import pytest

from tests import payloads
from webhooks.payloads.parsing import Parsed
from webhooks.providers import registry

VECTORS = json.loads((payloads.INSTALEAP / "signature-vectors.json").read_text())
SURROGATES = json.loads((payloads.INSTALEAP / "signature-vectors-lone-surrogates.json").read_text())
SIGNATURE = registry()["instaleap"].signatures[0]


def matches(value, secret, body, signature=SIGNATURE):
    parts = signature.parts(value)
    return bool(parts) and signature.match(parts, [("owner", secret)], body, Parsed.of(body)) == "owner"


@pytest.mark.parametrize("vector", VECTORS + SURROGATES)
def test_matches_what_node_signed(vector):
    fields = {name: vector[name] for name in ("id", "created_at", "type")}
    body = json.dumps(fields).encode()

    assert matches(vector["signature"], vector["secret"], body)
    assert matches(vector["signature"].upper(), vector["secret"], body)
    assert not matches(vector["signature"], vector["secret"] + "x", body)
    assert not matches(
        vector["signature"], vector["secret"], json.dumps(fields | {"type": fields["type"] + "x"}).encode()
    )
    assert not matches(vector["signature"][:-1], vector["secret"], body)


def test_an_empty_secret_matches_nothing():
    body = b'{"id":"","created_at":"","type":""}'
    assert not matches(SIGNATURE.sign("", body), "", body)


@pytest.mark.parametrize("provider", ["tawk", "docssmith", "oneroute"])
def test_the_others_sign_every_byte(provider):
    (signature,) = registry()[provider].signatures
    for name, (header, value) in payloads.SIGNED[provider].items():
        body = payloads.body(name, provider)
        assert header.lower() == signature.header.lower()
        assert matches(value, payloads.SECRET, body, signature)
        for other in (body + b" ", body[1:], body.replace(b"e", b"f", 1)):
            # JavaScript writes no spaces around JSON.
            is_same = provider == "oneroute" and other == body + b" "
            assert matches(value, payloads.SECRET, other, signature) <= is_same
