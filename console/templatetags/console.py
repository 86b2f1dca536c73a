"""Template tags and filters of the console's formatting: {% load console %}."""

from datetime import timedelta
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.formatting import datetimes, durations, invisible, text

register = template.Library()
# {% moment event.received_at %}, {% moment event.received_at "DATETIME_SECONDS" %}
register.simple_tag(datetimes.format_time_element, name="moment")
register.filter("collapse_whitespace", text.collapse_whitespace)
register.filter("elapsed", durations.format_elapsed)
register.filter("mark_invisible", invisible.mark_invisible)
register.filter("replace_invisible", invisible.replace_invisible)


@register.simple_tag
def copy(text: str | None, label: str, caption: str = "") -> str | SafeString:
    """Return a button that copies a text, or nothing where there is none; a screen reader announces `label`.

    The button shows `caption`, "Copy" where there is none.
    """
    if not text:
        return ""
    return format_html(
        '<button type="button" class="desk-copy" data-copy="{}" aria-label="{}">{}</button>',
        text,
        label,
        caption or _("Copy"),
    )


@register.filter
def minutes(duration: timedelta) -> str:
    """Return a duration in minutes and larger units."""
    return durations.format_duration(duration, "min")


@register.filter
def phone_uri(phone: str | None) -> str:
    """Return a phone's tel: URI (RFC 3966) without visual separators."""
    digits = "".join(letter for letter in phone or "" if letter.isascii() and letter.isdigit())
    return f"tel:{'+' if (phone or '').strip().startswith('+') else ''}{digits}"


@register.filter
def allowed_image(url: str | None) -> str:
    """Return the address of a picture whose host is one of settings.IMAGE_HOSTS, else ""."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return url if url and f"{parts.scheme}://{parts.netloc}" in settings.IMAGE_HOSTS else ""
