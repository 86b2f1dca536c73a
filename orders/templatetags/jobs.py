from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _

from console.formatting.badges import badge
from console.formatting.numbers import localised
from orders import customer_answer, labels, timeline

register = template.Library()

COLOURS = {
    "CANCELLED": "red",
    "CREATED": "grey",
    "DOING": "blue",
    "DONE": "green",
    "FINISHED": "green",
    "FOUND": "green",
    "NOT_FOUND": "red",
    "PENDING": "grey",
    "PROCESSING": "blue",
    "REFUSED": "red",
    "REPLACED": "amber",
}

register.filter("words", labels.words)
register.filter("tidy", customer_answer.tidy)


@register.simple_tag
def status(code: str | None):
    """A status of InstaLeap's, in words and in colour."""
    return badge(labels.words(code or ""), COLOURS.get(code, "grey"))


@register.filter
def quantity(number: Decimal | None) -> str:
    return "–" if number is None else localised(timeline.plain_number(str(number)))


@register.simple_tag
def money(number: Decimal | None, currency: str = "") -> str:
    return customer_answer.money(number, currency)


@register.simple_tag
def difference(number: Decimal | None, currency: str = "") -> str:
    """A sum with its sign: +12.50, −3."""
    if not number:
        return ""
    return f"{'+' if number > 0 else '−'}{customer_answer.money(abs(number), currency)}"


@register.simple_tag
def copy(text: str | None, label: str):
    """A button that copies a text; `label` says what that is to who cannot see it."""
    if not text:
        return ""
    return format_html(
        '<button type="button" class="desk-copy" data-copy="{}" aria-label="{}">{}</button>', text, label, _("Copy")
    )


@register.filter
def dialled(phone: str | None) -> str:
    """Return a phone as a tel: link takes it: digits, and the plus before them."""
    digits = "".join(letter for letter in phone or "" if letter.isascii() and letter.isdigit())
    return f"+{digits}" if (phone or "").strip().startswith("+") else digits


@register.filter
def photo(url: str | None) -> str:
    """Return the address of a picture that may be shown here, else ""."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return url if f"{parts.scheme}://{parts.netloc}" in settings.IMAGE_HOSTS else ""


@register.filter
def minutes(span: timedelta) -> str:
    """20 min, 2 h 5 min."""
    return customer_answer.span(span)
