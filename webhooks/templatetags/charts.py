"""Template tags and filters of the traffic charts: {% load charts %}."""

from django import template

from console.formatting.datetimes import day_and_time
from webhooks.monitoring import charts

register = template.Library()
register.simple_tag(charts.traffic)
register.simple_tag(charts.delays)
register.filter(charts.busiest)
register.filter(charts.longest)
register.filter("delay", charts.format_delay)
register.filter("number", charts.number)
register.filter(day_and_time)
