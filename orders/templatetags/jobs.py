"""Template tags for jobs: labels, badges, amounts and quantities."""

from decimal import Decimal

from django import template

from console.formatting.money import format_difference, format_money
from console.formatting.numbers import localize_separators
from orders import labels, timeline

register = template.Library()

register.filter("code_label", labels.code_label)
register.simple_tag(labels.status_badge, name="status")
register.simple_tag(format_money, name="money")
register.simple_tag(format_difference, name="difference")


@register.filter
def quantity(number: Decimal | None) -> str:
    return "–" if number is None else localize_separators(timeline.plain_number(str(number)))
