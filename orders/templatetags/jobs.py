from decimal import Decimal

from django import template

from console.formatting.badges import badge
from console.formatting.money import format_difference, format_money
from console.formatting.numbers import localize_separators
from orders import labels, timeline

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
register.simple_tag(format_money, name="money")
register.simple_tag(format_difference, name="difference")


@register.simple_tag
def status(code: str | None):
    """A status of InstaLeap's, in words and in colour."""
    return badge(labels.words(code or ""), COLOURS.get(code, "grey"))


@register.filter
def quantity(number: Decimal | None) -> str:
    return "–" if number is None else localize_separators(timeline.plain_number(str(number)))
