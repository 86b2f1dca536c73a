import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.payloads import parsing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_numbers_keep_every_digit():
    assert parsing.parse(b"[403.967, 1e21, 12345678901234567890.10]") == [
        Decimal("403.967"),
        Decimal("1e21"),
        Decimal("12345678901234567890.10"),
    ]


def test_takes_what_javascript_takes():
    assert parsing.parse(b'{"a": 1, "a": "\\ud83d"}') == {"a": "\ud83d"}
    assert parsing.parse(b"9" * 5000) == Decimal("9" * 5000)


@pytest.mark.parametrize("body", [b"NaN", b"-Infinity", b'"\x00"', b"{", b"\xef\xbb\xbf{}", b"1e999999999999999999999"])
def test_refuses(body):
    with pytest.raises(parsing.NotJSONError):
        parsing.parse(body)


@given(JSON)
def test_another_spelling_has_the_same_hash(value):
    compact = json.dumps(value, sort_keys=True).encode()
    spaced = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False).encode(errors="surrogatepass")
    try:
        parsing.parse(spaced)
    except parsing.NotJSONError:
        spaced = json.dumps(value, indent=2).encode()  # a lone surrogate can only be escaped
    assert parsing.canonical_hash(parsing.parse(compact)) == parsing.canonical_hash(parsing.parse(spaced))


@pytest.mark.parametrize(
    ("one", "other"), [(b"1", b"2"), (b"1", b'"1"'), (b"[1,2]", b"[2,1]"), (b'{"a":null}', b"{}"), (b"true", b"1")]
)
def test_another_value_has_another_hash(one, other):
    assert parsing.canonical_hash(parsing.parse(one)) != parsing.canonical_hash(parsing.parse(other))


@pytest.mark.parametrize(
    ("one", "other"), [(b"1", b"1.0"), (b"100", b"1e2"), (b"0", b"-0.0"), (b'"\\u00e9"', '"é"'.encode())]
)
def test_equal_values_have_the_same_hash(one, other):
    assert parsing.canonical_hash(parsing.parse(one)) == parsing.canonical_hash(parsing.parse(other))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-02T17:13:22Z", datetime(2026, 3, 2, 17, 13, 22, tzinfo=UTC)),
        ("2026-03-02T17:13:22.260+02:00", datetime(2026, 3, 2, 15, 13, 22, 260000, tzinfo=UTC)),
        ("2026-03-02T17:13:22", datetime(2026, 3, 2, 17, 13, 22, tzinfo=UTC)),
        ("", None),
        (None, None),
        (5, None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("99999-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),  # .NET's greatest: never
    ],
)
def test_moment(text, time):
    assert parsing.moment(text) == time


def test_bounded_keeps_two_long_ones_apart():
    one, other = parsing.bounded("x" * 300 + "1", 50), parsing.bounded("x" * 300 + "2", 50)
    assert len(one) == len(other) == 50
    assert one != other
    assert parsing.bounded("a\x00\ud800", 50) == "a\ufffd\ufffd"


@given(st.text(max_size=300), st.integers(2, 250))
def test_a_text_is_bounded_however_short_the_column(text, length):
    assert len(parsing.bounded(text, length)) <= length
