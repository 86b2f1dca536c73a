from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from config.badges import badge
from webhooks.labels import STATE_COLOURS, STATUS_COLOURS, state_of
from webhooks.models import Event, Secret, Source
from webhooks.usage import Hour

register = template.Library()

_BAR, _GAP, _HEIGHT = 10, 2, 80  # of the drawing's own units


@register.simple_tag
def secret_state(secret: Secret):
    """Whether requests may prove themselves with it, and until when."""
    if not secret.is_live():
        return badge("No: revoked" if secret.state == Secret.State.REVOKED else "No: over", "red")
    return badge("Yes", "green") if secret.state == Secret.State.ACTIVE else badge(capfirst(state_of(secret)), "amber")


@register.simple_tag
def source_state(source: Source):
    return badge(source.get_state_display().partition(":")[0], STATE_COLOURS[source.state])


@register.simple_tag
def event_status(event: Event):
    return badge(event.get_status_display(), STATUS_COLOURS[event.status])


@register.simple_tag
def traffic(hours: list[Hour]):
    """Draw a bar an hour: accepted below, refused on top of it."""
    most = max(1, *(hour.accepted + hour.refused for hour in hours))
    accepted, refused = sum(hour.accepted for hour in hours), sum(hour.refused for hour in hours)
    return format_html(
        '<svg class="desk-traffic" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{} accepted and {} refused, by hour">{}</svg>',
        len(hours) * (_BAR + _GAP),
        _HEIGHT,
        accepted,
        refused,
        format_html_join("", "{}", ((_bars(number, hour, most),) for number, hour in enumerate(hours))),
    )


def _bars(number, hour, most):
    accepted = _units(hour.accepted, most)
    refused = _units(hour.refused, most)
    return format_html(
        '<g><title>{}: {} accepted, {} refused</title><rect class="desk-bar-hour" x="{x}" y="0" width="{w}"'
        ' height="{all}"/><rect class="desk-bar-accepted" x="{x}" y="{}" width="{w}" height="{}"/>'
        '<rect class="desk-bar-refused" x="{x}" y="{}" width="{w}" height="{}"/></g>',
        timezone.localtime(hour.start).strftime("%-d %b %H:00"),
        hour.accepted,
        hour.refused,
        _HEIGHT - accepted,
        accepted,
        _HEIGHT - accepted - refused,
        refused,
        x=number * (_BAR + _GAP),
        w=_BAR,
        all=_HEIGHT,
    )


def _units(count, most):
    """Even a single one shows."""
    return max(2, round(count * (_HEIGHT - 2) / most)) if count else 0
