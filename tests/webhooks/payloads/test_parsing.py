import hashlib
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
NO_KEY = "Expecting property name enclosed in double quotes"


def test_numbers_keep_every_digit():
    assert parsing.parse_json(b"[403.967, 1e21, 12345678901234567890.10]") == [
        Decimal("403.967"),
        Decimal("1e21"),
        Decimal("12345678901234567890.10"),
    ]


def test_takes_what_javascript_takes():
    assert parsing.parse_json(b'{"a": 1, "a": "\\ud83d"}') == {"a": "\ud83d"}
    assert parsing.parse_json(b"9" * 5000) == Decimal("9" * 5000)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"NaN", "The body is not JSON: NaN is JavaScript, not JSON."),
        (b"-Infinity", "The body is not JSON: -Infinity is JavaScript, not JSON."),
        (b'"\x00"', "The body is not JSON: Invalid control character at at line 1, column 2."),
        (b"{", f"The body is not JSON: {NO_KEY} at line 1, column 2."),
        (b"[\n{X", f"The body is not JSON: {NO_KEY} at line 2, column 2."),
        (
            "{“a”: 1}".encode(),
            f"The body is not JSON: {NO_KEY} at line 1, column 2. Curly quotes do not quote in JSON: was it copied from"
            " a document?",
        ),
        (b"\xef\xbb\xbf{}", "The body is not JSON: Expecting value at line 1, column 1."),
        (b'"\xff"', "The body is not UTF-8: byte 1 is 0xff."),
        (b"1e999999999999999999999", "The body is not JSON that can be read: a number is out of all range."),
        (b"[" * 100_000, "The body is not JSON that can be read: it is nested too deeply."),
    ],
)
def test_refuses(body, problem):
    with pytest.raises(parsing.NotJSONError) as raised:
        parsing.parse_json(body)
    assert str(raised.value) == problem
    assert parsing.Parsed.of(body) == parsing.Parsed(payload=None, problem=problem)


def test_a_body_that_was_parsed_has_no_problem():
    assert parsing.Parsed.of(b"[1]") == parsing.Parsed(payload=[Decimal(1)], problem="")


@given(JSON)
def test_another_spelling_has_the_same_hash(value):
    compact = json.dumps(value, sort_keys=True).encode()
    spaced = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False).encode(errors="surrogatepass")
    try:
        parsing.parse_json(spaced)
    except parsing.NotJSONError:
        spaced = json.dumps(value, indent=2).encode()  # a lone surrogate can only be escaped
    assert parsing.canonical_hash(parsing.parse_json(compact)) == parsing.canonical_hash(parsing.parse_json(spaced))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"1", b"2"),
        (b"1", b'"1"'),
        (b"[1,2]", b"[2,1]"),
        (b'{"a":null}', b"{}"),
        (b"true", b"1"),
        (b"1" * 40, b"1" * 39 + b"2"),
    ],
)
def test_another_value_has_another_hash(one, other):
    assert parsing.canonical_hash(parsing.parse_json(one)) != parsing.canonical_hash(parsing.parse_json(other))


@pytest.mark.parametrize(
    ("one", "other"), [(b"1", b"1.0"), (b"100", b"1e2"), (b"0", b"-0.0"), (b'"\\u00e9"', '"é"'.encode())]
)
def test_equal_values_have_the_same_hash(one, other):
    assert parsing.canonical_hash(parsing.parse_json(one)) == parsing.canonical_hash(parsing.parse_json(other))


def test_a_hash_that_was_stored_is_found_again():
    hashed = parsing.canonical_hash(parsing.parse_json('{"b": [1.50, "é", null, true], "a": 0}'.encode()))
    canonical = b'{"a":{"number":"0"},"b":[{"number":"1.5"},"\\u00e9",null,true]}'
    assert hashed == hashlib.sha256(canonical).digest()


def test_what_is_nested_too_deeply_has_no_hash():
    payload = []
    for _ in range(100_000):
        payload = [payload]
    with pytest.raises(parsing.NotJSONError, match="it is nested too deeply"):
        parsing.canonical_hash(payload)


@pytest.mark.parametrize(
    ("path", "value"), [("a", {"b c": 1}), ("a.b c", 1), ("a.d", None), ("a.b c.e", None), ("f.g", None), ("", None)]
)
def test_a_path_leads_to_a_value_or_to_none(path, value):
    assert parsing.at({"a": {"b c": 1}}, path) == value


def test_a_value_is_put_at_a_path():
    payload = {"a": {"b": 1}}
    parsing.put(payload, "a.c.d e", 2)
    parsing.put(payload, "f", 3)
    assert payload == {"a": {"b": 1, "c": {"d e": 2}}, "f": 3}


@pytest.mark.parametrize(
    ("path", "problem"),
    [("a.b.c", "a.b.c leads through b, which is not an object."), ("a.b", "a.b already exists.")],
)
def test_a_value_is_not_put_where_another_is(path, problem):
    payload = {"a": {"b": 1}}
    with pytest.raises(ValueError, match=problem):
        parsing.put(payload, path, 2)
    assert payload == {"a": {"b": 1}}


def test_what_postgresql_cannot_store_is_replaced_at_any_depth():
    payload = {"a\x00": ["b\ud800", {"c": "\udfff"}], "d": [Decimal(1), None, True, "\U0001f600"]}
    assert parsing.storable(payload) == {
        "a\ufffd": ["b\ufffd", {"c": "\ufffd"}],
        "d": [Decimal(1), None, True, "\U0001f600"],
    }


@pytest.mark.parametrize(
    ("text", "encoded"),
    [("é", b"\xc3\xa9"), ("a\ud800b", b"a\xef\xbf\xbdb"), ("\ud83d\ude00", "\U0001f600".encode())],
)
def test_a_text_is_encoded_as_node_does(text, encoded):
    assert parsing.as_node_encodes(text) == encoded


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
        ("9999-12-31T00:00:00Z", None),
        ("9999-12-30T23:59:59Z", datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)),
        ("0002-01-01T00:00:00Z", datetime(2, 1, 1, tzinfo=UTC)),
    ],
)
def test_moment(text, time):
    assert parsing.moment(text) == time


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("text", ["2026-03-02T17:13:22", "2026-03-02T18:13:22+01:00"])
def test_a_moment_is_in_utc_wherever_the_machine_is(text):
    assert str(parsing.moment(text)) == "2026-03-02 17:13:22+00:00"


@pytest.mark.parametrize("value", ["1772471602", 1772471602, "2026-03-02T17:13:22Z"])
def test_a_timestamp_is_in_seconds_or_in_iso_8601(value):
    assert parsing.timestamp(value) == datetime(2026, 3, 2, 17, 13, 22, tzinfo=UTC)


def test_what_is_no_timestamp():
    assert parsing.timestamp("yesterday") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1772471602, "2026-03-02 17:13:22+00:00"),
        ("1772471602.5", "2026-03-02 17:13:22.500000+00:00"),
        (Decimal("1772471602260"), "2026-03-02 17:13:22.260000+00:00"),
        (10**11, "5138-11-16 09:46:40+00:00"),  # the last that is in seconds
        (10**11 + 1, "1973-03-03 09:46:40.001000+00:00"),
        (0, "1970-01-01 00:00:00+00:00"),
        (-1, "1969-12-31 23:59:59+00:00"),
        (-62135596800, "None"),  # the zero time of Go and .NET
        ("", "None"),
        ("yesterday", "None"),
        ("NaN", "None"),
        ("Infinity", "None"),
        (10**30, "None"),
        (None, "None"),
        ([], "None"),
    ],
)
@pytest.mark.usefixtures("in_new_york")
def test_epoch(value, text):
    assert str(parsing.epoch(value)) == text


def test_bounded_keeps_two_long_ones_apart():
    one, other = parsing.bounded("x" * 300 + "1", 50), parsing.bounded("x" * 300 + "2", 50)
    assert len(one) == len(other) == 50
    assert one != other
    assert parsing.bounded("a\x00\ud800", 50) == "a\ufffd\ufffd"


@pytest.mark.parametrize(
    ("value", "length", "text"),
    [
        ("x" * 50, 50, "x" * 50),
        ("x" * 300, 50, "x" * 33 + "~0d4e2ca9e9cbced7"),
        ("x" * 300, 5, "xx~0d"),
        ("\ud800" * 51, 50, "\ufffd" * 33 + "~28f8e73fc820cc40"),
        (Decimal("1.50"), 50, "1.50"),
        (None, 50, ""),
        (True, 50, ""),
        (["x"], 50, ""),
    ],
)
def test_a_value_is_bounded_as_it_was_before(value, length, text):
    assert parsing.bounded(value, length) == text


@given(st.text(max_size=300), st.integers(2, 250))
def test_a_text_is_bounded_however_short_the_column(text, length):
    assert len(parsing.bounded(text, length)) <= length
