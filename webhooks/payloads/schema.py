"""The types of payload fields, and error messages that name the field of a payload."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, WrapValidator
from pydantic_core import ErrorDetails

from webhooks.payloads.parsing import epoch, moment


class UnreadableError(ValueError):
    """A payload does not have the structure that its reader expects; the message names each field by its path."""


def parse_time(value: Any) -> datetime | None:
    """Return a time in ISO 8601 as a datetime; None for a blank, for the zero time and for the greatest one."""
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, str) and (not value.strip() or value.startswith(("0001-01-01", "9999-12-31"))):
        return None
    time = moment(value)
    if time is None:
        raise ValueError("is not a time in ISO 8601")
    return time


def _seconds(value: Any) -> datetime | None:
    if value in (None, "", 0) or isinstance(value, datetime):
        return value or None
    time = None if isinstance(value, bool) else epoch(value)
    if time is None:
        raise ValueError("is no time in seconds since 1970")
    return time


def _number(value: Any, as_decimal: Callable[[Any], Decimal | None]) -> Decimal | None:
    # parsing.parse_json() reads each number as a Decimal.
    number = value if type(value) is Decimal else None if value == "" else as_decimal(value)
    if number is None:
        return None
    text = str(number)
    is_short = len(text) <= 15 and text[-1].isdigit() and "E" not in text  # as nearly all are
    if not is_short and (not number.is_finite() or abs(number) >= 10**15 or int(number.as_tuple().exponent) < -20):
        raise ValueError("is out of range")
    return number


def _nothing_is_empty(value: Any) -> Any:
    return [] if value is None else value


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# The id of another thing; blank is none.
Reference = Annotated[
    Annotated[str, StringConstraints(max_length=200)] | None, BeforeValidator(lambda id: None if id == "" else id)
]
Text = str | None
Time = Annotated[datetime | None, BeforeValidator(parse_time)]
Seconds = Annotated[datetime | None, BeforeValidator(_seconds)]  # since 1970
Number = Annotated[Decimal | None, WrapValidator(_number)]
NothingIsEmpty = BeforeValidator(_nothing_is_empty)  # of a list


class Value(BaseModel):
    """An immutable value. `model_extra` has its unknown fields, `model_fields_set` the names of the given ones."""

    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)


def validated[V: BaseModel](model: type[V], payload: Any) -> V:
    """Return `payload` as `model` has it; raise UnreadableError."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        sentences = [_sentence(one, payload) for one in error.errors(include_url=False)]
        raise UnreadableError("; ".join(dict.fromkeys(sentences))) from None


def _sentence(error: ErrorDetails, payload: Any) -> str:
    is_model = error["type"] == "model_type"  # of which Pydantic says the name
    message = "Input should be an object" if is_model else error["msg"].removeprefix("Value error, ")
    path = _path(error["loc"], payload, is_missing=error["type"] == "missing")
    return f"{path}: {message}" if path else message


def _path(location: Sequence[str | int], payload: Any, *, is_missing: bool) -> str:
    """Return the path in the payload, without the names of the types that Pydantic tried."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
            payload = payload[part] if isinstance(payload, list) and part < len(payload) else None
        elif (isinstance(payload, dict) and part in payload) or (is_missing and part[:1].islower()):
            path += f".{part}"
            payload = payload.get(part) if isinstance(payload, dict) else None
    return path.lstrip(".")
