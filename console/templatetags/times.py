from django import template

from console.formatting import datetimes

register = template.Library()
# {% moment event.received_at %}, {% moment event.received_at "DATETIME_SECONDS" %}
register.simple_tag(datetimes.element, name="moment")
