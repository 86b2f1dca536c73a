"""Against what InstaLeap's own recipe made under Node: payloads/instaleap/sign.mjs."""

import json

import pytest

from tests import payloads
from webhooks.providers import registry

VECTORS = json.loads((payloads.INSTALEAP / "signature-vectors.json").read_text())
SURROGATES = json.loads((payloads.INSTALEAP / "signature-vectors-lone-surrogates.json").read_text())
SIGNATURE = registry()["instaleap"].signatures[0]


@pytest.mark.parametrize("vector", VECTORS + SURROGATES)
def test_fits_what_node_signed(vector):
    body = json.dumps({name: vector[name] for name in ("id", "created_at", "type")}).encode()
    message = next(iter(SIGNATURE.messages(body, json.loads(body))))

    assert SIGNATURE.fits(vector["signature"], vector["secret"], message)
    assert SIGNATURE.fits(vector["signature"].upper(), vector["secret"], message)
    assert not SIGNATURE.fits(vector["signature"], vector["secret"] + "x", message)
    assert not SIGNATURE.fits(vector["signature"], vector["secret"], message + b"x")
    assert not SIGNATURE.fits(vector["signature"][:-1], vector["secret"], message)


def test_an_empty_secret_fits_nothing():
    assert not SIGNATURE.fits(SIGNATURE.sign("", b'{"id":"","created_at":"","type":""}'), "", b"&&")
