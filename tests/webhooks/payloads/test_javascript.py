"""Against what JavaScript itself wrote under Node: payloads/oneroute/stringify.mjs."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import payloads
from webhooks.payloads.javascript import stringify
from webhooks.payloads.parsing import NotJSONError

ONEROUTE = payloads.FOLDER / "oneroute"
VECTORS = json.loads((ONEROUTE / "stringify-vectors.json").read_text())
NOT_JSON = json.loads((ONEROUTE / "not-json.json").read_text())
TEXT = st.text(st.characters())  # lone surrogates too
KEY = TEXT | st.integers(0, 2**33).map(str)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(KEY, inner),
)


@pytest.mark.parametrize("vector", VECTORS)
def test_writes_what_node_wrote_and_signed(vector):
    written = stringify(vector["body"].encode())

    assert written == vector["stringified"].encode()
    assert hmac.digest(b"OneRoute Secret Key", written, hashlib.sha512).hex() == vector["signature"]


@pytest.mark.parametrize("text", NOT_JSON)
def test_refuses_what_node_refuses(text):
    with pytest.raises(NotJSONError):
        stringify(text.encode())


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"NaN", "The body is not JSON: NaN is JavaScript, not JSON."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)."),
        (b"[" * 100_000, "The body is not JSON that can be read: it is nested too deeply."),
    ],
)
def test_says_why_it_refuses(body, problem):
    with pytest.raises(NotJSONError) as raised:
        stringify(body)
    assert str(raised.value) == problem


@pytest.mark.parametrize("body", [b"\xff", b'"\xc3"', b'"\xed\xa0\xbd"', b'"\xc0\xaf"'])
def test_refuses_what_is_not_utf_8(body):
    with pytest.raises(NotJSONError):
        stringify(body)


@pytest.mark.parametrize("body", [b"[" * 2**20, b'{"a":' * 2**18, b"[" * 5000 + b"]" * 5000])
def test_refuses_what_is_nested_too_deeply(body):
    with pytest.raises(NotJSONError):
        stringify(body)


@given(JSON, st.sampled_from([None, 0, 3]))
def test_what_it_wrote_it_writes_again(value, indent):
    written = stringify(json.dumps(value, indent=indent).encode())
    assert stringify(written) == written
