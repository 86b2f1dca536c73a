from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest

from webhooks.payloads.parsing import parse_json
from webhooks.payloads.schema import (
    Id,
    NothingIsEmpty,
    Number,
    Reference,
    Seconds,
    Text,
    Time,
    UnreadableError,
    Value,
    validated,
)

TIME = datetime(2026, 3, 2, 17, 13, 22, tzinfo=UTC)


class Part(Value):
    id: Id
    amount: Number = None


class Whole(Value):
    reference: Reference = None
    text: Text = None
    amount: Number = None
    time: Time = None
    seconds: Seconds = None
    part: int | Part | None = None
    parts: Annotated[list[Part], NothingIsEmpty] = []
    anything: Any = None


def problem(payload):
    with pytest.raises(UnreadableError) as raised:
        validated(Whole, payload)
    return str(raised.value)


@pytest.mark.parametrize("value", [None, "", "  ", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"])
def test_a_time_that_is_none(value):
    assert validated(Whole, {"time": value}).time is None


@pytest.mark.parametrize("value", ["2026-03-02T17:13:22Z", "2026-03-02T12:13:22-05:00", TIME])
def test_a_time(value):
    assert validated(Whole, {"time": value}).time == TIME


@pytest.mark.parametrize("value", ["tomorrow", 5, "0001-1-1", True])
def test_what_is_no_time(value):
    assert problem({"time": value}) == "time: is not a time in ISO 8601"


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (None, None),
        ("", None),
        (0, None),
        (1772471602, TIME),
        ("1772471602", TIME),
        (Decimal("1772471602000"), TIME),
        (TIME, TIME),
    ],
)
def test_seconds(value, time):
    assert validated(Whole, {"seconds": value}).seconds == time


@pytest.mark.parametrize("value", ["tomorrow", True, [], "-62135596800"])
def test_what_is_no_seconds(value):
    assert problem({"seconds": value}) == "seconds: is no time in seconds since 1970"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, None),
        ("", None),
        ("12.50", "12.50"),
        (Decimal("12.50"), "12.50"),
        (Decimal("5"), "5"),
        (Decimal("999999999999999.9"), "999999999999999.9"),
        (Decimal("123456.0000000000000"), "123456.0000000000000"),
        (Decimal("-999999999999999"), "-999999999999999"),
        (Decimal("1E-20"), "1E-20"),
        (Decimal("1E+2"), "1E+2"),
    ],
)
def test_a_number_keeps_its_digits(value, number):
    found = validated(Whole, {"amount": value}).amount
    assert (found if found is None else str(found)) == number


@pytest.mark.parametrize(
    "value", ["1000000000000000", "2000000000000000", "-1e15", "1E+20", "1E-21", "0.000000000000000000001", "NaN"]
)
def test_a_number_is_bounded(value):
    assert problem({"amount": Decimal(value)}) == "amount: is out of range"


def test_a_blank_reference_is_none():
    assert validated(Whole, {"reference": ""}).reference is None
    assert validated(Whole, {"reference": " "}).reference == " "


def test_a_list_that_is_null_is_empty():
    assert validated(Whole, {"parts": None}).parts == []
    assert validated(Whole, {"parts": [{"id": "1"}]}).parts == [Part(id="1")]


def test_fields_without_a_name_are_kept():
    assert validated(Whole, parse_json(b'{"other": 1.50}')).model_extra == {"other": Decimal("1.50")}


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"parts": [{"id": "1"}, {}]}, "parts[1].id: Field required"),
        ({"parts": [{"id": "1", "amount": "much"}]}, "parts[0].amount: Input should be a valid decimal"),
        ({"parts": [7]}, "parts[0]: Input should be an object"),
        ({"parts": {"id": "1"}}, "parts: Input should be a valid list"),
        # A union reports a problem of each of its types.
        ({"part": "x"}, "part: Input should be a valid integer, unable to parse string as an integer"),
        ({"part": "x"}, "part: Input should be an object"),
        ({"part": {}}, "part: Input should be a valid integer"),
        ({"part": {}}, "part.id: Field required"),
        ({"text": [], "time": "tomorrow"}, "text: Input should be a valid string; time: is not a time in ISO 8601"),
    ],
)
def test_a_problem_names_the_field_by_its_path_in_the_payload(payload, sentence):
    assert sentence in problem(payload)


def test_a_problem_of_the_payload_itself_has_no_path():
    assert problem([]) == "Input should be an object"
