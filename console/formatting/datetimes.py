"""Dates and times in the language and the time zone of the page (console/middleware.py)."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html


def day_and_time(time: datetime | None) -> str:
    """Return "24 Nov 19:44", "–" for no time."""
    return date_format(timezone.localtime(time), "DAY_AND_TIME") if time else "–"


def format_time_range(start: datetime, end: datetime) -> str:
    """Return "24 Nov 18:00–19:00", with the day of the end where it is another one."""
    start, end = timezone.localtime(start), timezone.localtime(end)
    if start.date() == end.date():
        return f"{day_and_time(start)}–{date_format(end, 'TIME_FORMAT')}"
    return f"{day_and_time(start)} – {day_and_time(end)}"


def format_utc_offset(time: datetime | None = None) -> str:
    """Return the distance of the page's time zone from UTC at a time, or now: "UTC−06:00"."""
    written = f"{timezone.localtime(time):%:z}"[:6]
    return f"UTC{written.replace('-', '−')}"


def describe_time_zone(request: HttpRequest) -> str:
    """Return the time zone of the page's times; Unfold shows it under the name of the site."""
    place = timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
    return f"{place} ({format_utc_offset()})" if place != "UTC" else place


def format_time_element(time: datetime | None, style: str = "DAY_AND_TIME") -> str:
    """Return a <time> element with seconds and UTC offset in its tooltip; `style` is a format of config.formats."""
    if not time:
        return "–"
    local = timezone.localtime(time)
    whole = f"{date_format(local, 'DATETIME_SECONDS')} {format_utc_offset(time)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), whole, date_format(local, style))
