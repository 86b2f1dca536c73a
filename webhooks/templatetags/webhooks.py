from django import template
from django.utils.text import capfirst

from config.badges import badge
from webhooks.labels import STATE_COLOURS, STATUS_COLOURS, state_of
from webhooks.models import Event, Secret, Source

register = template.Library()


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
