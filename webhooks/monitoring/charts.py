"""Charts by the hour as SVG, drawn by the server without a script; a table next to them has the same numbers."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.formatting.datetimes import day_and_time
from console.formatting.durations import format_duration
from webhooks.monitoring.traffic import Hour

_Parts = tuple[tuple[str, float], ...]  # name and height of each part of a bar, from below

_BAR, _GAP, _HEIGHT = 10, 2, 80  # in units of the drawing
_MIN_BAR = 2  # units: the smallest number is visible too


def traffic(hours: Sequence[Hour]) -> SafeString:
    """Draw a bar an hour: accepted below, refused on top of it."""
    accepted, refused = sum(hour.accepted for hour in hours), sum(hour.refused for hour in hours)
    return _draw(
        hours,
        _("{accepted} accepted and {rejected} rejected, by hour").format(
            accepted=number(accepted), rejected=number(refused)
        ),
        lambda hour: _("{accepted} accepted, {rejected} rejected").format(
            accepted=number(hour.accepted), rejected=number(hour.refused)
        ),
        lambda hour: (("accepted", hour.accepted), ("refused", hour.refused)),
    )


def delays(hours: Sequence[Hour]) -> SafeString:
    """Draw a bar an hour: the median of the delays, and on top of it up to the 95th percentile."""
    return _draw(
        hours,
        _("Delay from received to processed, by hour; p95 of the slowest: {delay}").format(
            delay=format_delay(longest(hours))
        ),
        lambda hour: (
            _("none processed")
            if hour.p95_delay is None
            else _("median {median}, p95 {p95}").format(
                median=format_delay(hour.median_delay), p95=format_delay(hour.p95_delay)
            )
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
    """Return a number with the separators of the page's language."""
    return number_format(value, force_grouping=True)


def format_delay(seconds: float | None) -> str:
    """Return a delay of so many seconds for people."""
    return "–" if seconds is None else format_duration(timedelta(seconds=seconds))


def _draw(
    hours: Sequence[Hour], label: str, describe: Callable[[Hour], str], parts: Callable[[Hour], _Parts]
) -> SafeString:
    maximum = max((sum(value for _, value in parts(hour)) for hour in hours), default=0)
    return format_html(
        '<svg class="desk-traffic" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        len(hours) * (_BAR + _GAP),
        _HEIGHT,
        label,
        format_html_join(
            "", "{}", ((_bar(n, hour, describe(hour), parts(hour), maximum),) for n, hour in enumerate(hours))
        ),
    )


def _bar(number: int, hour: Hour, description: str, parts: _Parts, maximum: float) -> SafeString:
    x, y = number * (_BAR + _GAP), _HEIGHT
    drawn: list[tuple[str, int, int, int, int]] = []
    for name, value in parts:
        units = _units(value, maximum)
        y -= units
        drawn.append((name, x, y, _BAR, units))
    return format_html(
        '<g><title>{}: {}{}</title><rect class="desk-bar-hour" x="{}" y="0" width="{}" height="{}"/>{}</g>',
        day_and_time(hour.start),
        description,
        "" if hour.is_counted else _(", and more that are not counted yet"),
        x,
        _BAR,
        _HEIGHT,
        format_html_join("", '<rect class="desk-bar-{}" x="{}" y="{}" width="{}" height="{}"/>', drawn),
    )


def _units(value: float, maximum: float) -> int:
    return max(_MIN_BAR, round(value * (_HEIGHT - 4) / maximum)) if value else 0
