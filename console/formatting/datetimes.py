"""Moments as a person reads them: in the language and the time zone of the page (console/middleware.py)."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html


def day_and_time(time: datetime | None) -> str:
    """24 Nov 19:44."""
    return date_format(timezone.localtime(time), "DAY_AND_TIME") if time else "–"


def between(start: datetime, end: datetime) -> str:
    """24 Nov 18:00–19:00, and where it ends on another day that day too."""
    start, end = timezone.localtime(start), timezone.localtime(end)
    if start.date() == end.date():
        return f"{day_and_time(start)}–{date_format(end, 'TIME_FORMAT')}"
    return f"{day_and_time(start)} – {day_and_time(end)}"


def offset(time: datetime | None = None) -> str:
    """UTC−06:00: how far the page's clock is from UTC, then or now."""
    written = f"{timezone.localtime(time):%:z}"[:6]
    return f"UTC{written.replace('-', '−')}"


def describe_time_zone(request) -> str:
    """Unfold's line under the name of the site: whose clock the page goes by."""
    place = timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
    return f"{place} ({offset()})" if place != "UTC" else place


def element(time: datetime | None, style: str = "DAY_AND_TIME") -> str:
    """Return <time>, with the second and the distance from UTC for who points at it; `style` as in config.formats."""
    if not time:
        return "–"
    local = timezone.localtime(time)
    whole = f"{date_format(local, 'DATETIME_SECONDS')} {offset(time)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), whole, date_format(local, style))
