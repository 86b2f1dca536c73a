from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django import template
from django.conf import settings

from config.badges import badge
from config.numbers import localised
from orders import timeline

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

register.filter("words", timeline.words)


@register.simple_tag
def status(code: str):
    """A status of InstaLeap's, in words and in colour."""
    return badge(timeline.words(code), COLOURS.get(code, "grey"))


@register.filter
def tidy(text: str | None) -> str:
    """Text without the spaces that InstaLeap's names and addresses come with."""
    return " ".join((text or "").split())


@register.filter
def quantity(number: Decimal | None) -> str:
    return "–" if number is None else localised(timeline.plain_number(str(number)))


@register.simple_tag
def money(number: Decimal | None, currency: str) -> str:
    """1,768.85 MXN, as the page's language writes it; whole amounts without decimals, as some currencies have none."""
    if number is None:
        return "–"
    amount = f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"
    return f"{localised(amount)} {currency}".strip()


@register.filter
def photo(url: str) -> str:
    """Return the address of a picture that may be shown here, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if f"{parts.scheme}://{parts.netloc}" in settings.IMAGE_HOSTS else ""


@register.filter
def minutes(span: timedelta) -> str:
    """20 min, 2 h 5 min."""
    hours, rest = divmod(int(abs(span.total_seconds()) // 60), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
