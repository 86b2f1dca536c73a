"""Charts by the hour, drawn by the server: no script, and no more than a table beside them says in words."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join

from console.formatting.datetimes import day_and_time
from console.formatting.durations import format_duration
from webhooks.monitoring.traffic import Hour

_BAR, _GAP, _HEIGHT = 10, 2, 80  # of the drawing's own units


def traffic(hours: Sequence[Hour]):
    """Draw a bar an hour: accepted below, refused on top of it."""
    accepted, refused = sum(hour.accepted for hour in hours), sum(hour.refused for hour in hours)
    return _draw(
        hours,
        f"{number(accepted)} accepted and {number(refused)} refused, by hour",
        lambda hour: f"{number(hour.accepted)} accepted, {number(hour.refused)} refused",
        lambda hour: (("accepted", hour.accepted), ("refused", hour.refused)),
    )


def delays(hours: Sequence[Hour]):
    """Draw a bar an hour: the median of the delays, and on top of it up to what 95 of 100 took."""
    return _draw(
        hours,
        f"Seconds from received to processed, by hour: 95 of 100 within {format_delay(longest(hours))} in the slowest",
        lambda hour: (
            "none processed"
            if hour.p95_delay is None
            else f"half within {format_delay(hour.median_delay)}, 95 of 100 within {format_delay(hour.p95_delay)}"
        ),
        lambda hour: (
            ("median", hour.median_delay or 0),
            ("p95", (hour.p95_delay or 0) - (hour.median_delay or 0)),
        ),
    )


def longest(hours: Sequence[Hour]) -> float:
    """Return the highest of the delays that are drawn, in seconds."""
    return max((hour.p95_delay or 0 for hour in hours), default=0)


def busiest(hours: Sequence[Hour]) -> int:
    """Return how many requests came in the hour that had the most."""
    return max((hour.accepted + hour.refused for hour in hours), default=0)


def number(value: int) -> str:
    return number_format(value, force_grouping=True)


def format_delay(seconds: float | None) -> str:
    """Return a delay of so many seconds for people."""
    return "–" if seconds is None else format_duration(timedelta(seconds=seconds))


def _draw(hours, label: str, said: Callable[[Hour], str], parts: Callable[[Hour], tuple]):
    most = max((sum(value for _, value in parts(hour)) for hour in hours), default=0)
    return format_html(
        '<svg class="desk-traffic" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        len(hours) * (_BAR + _GAP),
        _HEIGHT,
        label,
        format_html_join("", "{}", ((_bar(n, hour, said(hour), parts(hour), most),) for n, hour in enumerate(hours))),
    )


def _bar(number, hour, said, parts, most):
    x, y, drawn = number * (_BAR + _GAP), _HEIGHT, []
    for name, value in parts:
        units = _units(value, most)
        y -= units
        drawn.append((name, x, y, _BAR, units))
    return format_html(
        '<g><title>{}: {}{}</title><rect class="desk-bar-hour" x="{}" y="0" width="{}" height="{}"/>{}</g>',
        day_and_time(hour.start),
        said,
        "" if hour.is_counted else ", and more that are not counted yet",
        x,
        _BAR,
        _HEIGHT,
        format_html_join("", '<rect class="desk-bar-{}" x="{}" y="{}" width="{}" height="{}"/>', drawn),
    )


def _units(value, most):
    """Even the smallest shows."""
    return max(2, round(value * (_HEIGHT - 4) / most)) if value else 0
