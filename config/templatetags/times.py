from django import template

from config import times

register = template.Library()
# {% moment event.received_at %}, {% moment event.received_at "DATETIME_SECONDS" %}
register.simple_tag(times.element, name="moment")
