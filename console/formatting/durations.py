"""Durations for people: the one way that pages, sentences and alerts write them.

The units' symbols are those of the International System and the same in all our languages.
"""

from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone

from console.formatting.numbers import localize_separators

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))  # each with its seconds


def format_duration(duration: timedelta, smallest: Literal["min", "s"] = "s") -> str:
    """Return a duration, without its sign, in its two largest units, rounded down: "3 d 4 h", "2 h 5 min", "45 s".

    Below ten seconds it has one decimal ("2.4 s"), below one second two ("0.03 s"); with `smallest="min"` anything
    below one minute is "0 min".
    """
    seconds = abs(duration.total_seconds())
    if smallest == "min":
        seconds -= seconds % 60
        if not seconds:
            return "0 min"
    if seconds < 10:
        return f"{localize_separators(f'{seconds:.{1 if seconds >= 1 else 2}f}')} s"
    first = next(place for place, (_symbol, size) in enumerate(_UNITS) if seconds >= size)
    parts = []
    for symbol, size in _UNITS[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:.0f} {symbol}")
    return " ".join(parts)


def format_elapsed(time: datetime) -> str:
    """Return how long ago a time was, in minutes and larger units."""
    return format_duration(timezone.now() - time, "min")
