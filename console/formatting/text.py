"""Texts of providers and customers made to fit a line: whitespace collapsed, length limited."""

from django.utils.text import Truncator

_DIRECTION_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # Unicode's overrides, isolates


def collapse_whitespace(text: str | None) -> str:
    """Return a text in one line with single spaces, without the characters that would reverse the words around it."""
    return " ".join((text or "").translate(_DIRECTION_CONTROLS).split())


def shorten(text: str, length: int) -> str:
    """Return a text of at most `length` characters; a longer one is cut and ends in "…"."""
    return Truncator(text).chars(length)
