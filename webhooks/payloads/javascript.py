"""JSON as JavaScript serializes it: OneRoute signs JSON.stringify(req.body), not the bytes that it sends."""

import json
import math
import re
from decimal import Decimal
from typing import Any, NoReturn

from webhooks.payloads.parsing import TOO_DEEP, NotJSONError

_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_NO_INDEX = 2**32 - 1  # one more than the last index of an array


def stringify(body: bytes) -> bytes:
    """Return JSON.stringify(JSON.parse(body)) as the UTF-8 that Node hashes.

    Raises NotJSONError where JSON.parse refuses `body`, and where it is nested too deeply for us: that is about 900
    levels, of which Node takes some thousands.
    """
    parts: list[str] = []
    try:
        _write(_DECODER.decode(body.decode()), parts)
    except RecursionError:
        raise NotJSONError(TOO_DEEP) from None
    except ValueError as error:
        raise NotJSONError(f"The body is not JSON: {error}.") from None
    # Only lone surrogates have no UTF-8, and JavaScript escapes them as Python does.
    return "".join(parts).encode(errors="backslashreplace")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is JavaScript, not JSON")


_DECODER = json.JSONDecoder(parse_int=float, parse_constant=_no_constant)  # every number of JavaScript is a double
_scalar = json.JSONEncoder(ensure_ascii=False).encode


def _write(value: Any, parts: list[str]) -> None:
    """Append the texts that make up `value` to `parts`."""
    if isinstance(value, dict):
        opening = "{"
        for key in sorted(value, key=_place):
            parts += [opening, _scalar(key), ":"]
            _write(value[key], parts)
            opening = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        opening = "["
        for item in value:
            parts.append(opening)
            _write(item, parts)
            opening = ","
        parts.append("]" if value else "[]")
    else:
        parts.append(_number(value) if isinstance(value, float) else _scalar(value))


def _place(key: str) -> int:
    """Return the sort key of an object's key: indexes are first, in ascending order; the others keep their order."""
    return min(int(key), _NO_INDEX) if _INDEX.fullmatch(key) else _NO_INDEX


def _number(number: float) -> str:
    """Return what JSON.stringify writes: the digits of Python's repr, but exponents only from 1e21 up and 1e-7 down."""
    if not math.isfinite(number):
        return "null"
    text = repr(number or 0.0).removesuffix(".0")  # -0 is written 0
    if "e" not in text:
        return text
    return f"{Decimal(text):f}" if 1e-6 <= abs(number) < 1e21 else text.replace("e-0", "e-")
