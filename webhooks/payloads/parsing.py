"""Reading JSON without losing a digit, comparing it whatever its spelling, and making it fit for PostgreSQL."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any, NoReturn

TOO_DEEP = "The body is not JSON that can be read: it is nested too deeply."
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
# PostgreSQL's text has no NUL, and UTF-8 no lone surrogates.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJSONError(ValueError):
    """The body is not JSON; the message says why and, where known, at which line and column."""


class MissingFieldError(ValueError):
    """The payload lacks a field that is needed, or has something else than text there; the message names it."""


@dataclass(frozen=True)
class Parsed:
    """The payload of a body, or why it is not JSON."""

    payload: Any = None
    problem: str = ""

    @classmethod
    def of(cls, body: bytes) -> "Parsed":
        try:
            return cls(payload=parse_json(body))
        except NotJSONError as error:
            return cls(problem=str(error))


def parse_json(body: bytes) -> Any:
    """Return what `body` says, every number as the Decimal that was written.

    Raises NotJSONError. Like JavaScript's JSON.parse it takes lone surrogates, and of a key that comes twice the last;
    unlike Python's json it takes neither NaN nor Infinity.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotJSONError(f"The body is not UTF-8: byte {error.start} is {body[error.start]:#04x}.") from None
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        found = text[error.pos : error.pos + 1]
        hint = " Curly quotes do not quote in JSON: was it copied from a document?" if found in "“”‘’" and found else ""
        raise NotJSONError(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.{hint}"
        ) from None
    except RecursionError:
        raise NotJSONError(TOO_DEEP) from None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotJSONError("The body is not JSON that can be read: a number is out of all range.") from None


def _no_constant(name: str) -> NoReturn:
    raise NotJSONError(f"The body is not JSON: {name} is JavaScript, not JSON.")


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_no_constant)

_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


def canonical_hash(payload: Any) -> bytes:
    """SHA-256 of `payload` whatever the order of its keys, its spacing, or the spelling of its numbers and strings."""
    try:
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=_canonical_number)
    except RecursionError:
        raise NotJSONError(TOO_DEEP) from None
    return hashlib.sha256(text.encode()).digest()


def _canonical_number(number: Decimal) -> dict[str, str]:
    return {"number": str(number.normalize(_EXACT) if number else 0)}


def at(payload: Any, path: str) -> Any:
    """Return the value at a dotted path, or None where there is none."""
    for key in path.split("."):
        if not isinstance(payload, dict):
            return None
        payload = payload.get(key)
    return payload


def put(payload: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path, creating the objects on the way; raise ValueError where a value is in the way."""
    *parents, last = path.split(".")
    for key in parents:
        payload = payload.setdefault(key, {})
        if not isinstance(payload, dict):
            raise ValueError(f"{path} leads through {key}, which is not an object.")
    if last in payload:
        raise ValueError(f"{path} already exists.")
    payload[last] = value


def storable(value: Any) -> Any:
    """Return `value`, of any depth, with what PostgreSQL cannot store (NUL, lone surrogates) as U+FFFD."""
    if isinstance(value, str):
        return _storable_text(value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def _storable_text(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def bounded(value: Any, length: int) -> str:
    """Return `value` as storable text of at most `length` characters; "" for any value but a text or a number.

    A longer one ends in a part of its hash, so that two long ones stay two.
    """
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str):
        return ""
    if len(value) > length:
        digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[: min(16, length // 2)]
        value = f"{value[: length - len(digest) - 1]}~{digest}"
    return _storable_text(value)


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 text as an aware time (UTC where it names no zone), or None where it is no usable time."""
    try:
        time = datetime.fromisoformat(value)
        return _usable(time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))
    except (TypeError, ValueError, OverflowError):
        return None


def timestamp(value: Any) -> datetime | None:
    """Return a time written as seconds or milliseconds since 1970 or as ISO 8601, or None where it is neither."""
    return epoch(value) or moment(value)


def epoch(value: Any) -> datetime | None:
    """Return seconds or milliseconds since 1970, as a number or its digits, as a time, or None for no usable one."""
    try:
        number = Decimal(value)
        # Beyond the year 5138 in seconds: it is in milliseconds.
        return _usable(datetime.fromtimestamp(float(number / 1000 if number > 10**11 else number), UTC))
    except (InvalidOperation, TypeError, ValueError, OverflowError, OSError):
        return None


def _usable(time: datetime) -> datetime | None:
    """The year 1 is the zero time of Go and .NET, the last day the greatest: none. Not every time zone has them."""
    return time if time.year > 1 and time < _LAST_DAY else None


def as_node_encodes(text: str) -> bytes:
    """Return UTF-8 as Node makes it of a JavaScript string: a lone surrogate becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
