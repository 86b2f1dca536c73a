"""States in words and colours, for pages."""

from django.utils import timezone

from webhooks.models import Event, Secret, Source

STATE_COLOURS = {Source.State.ACTIVE: "green", Source.State.PAUSED: "amber", Source.State.DISABLED: "red"}
STATUS_COLOURS = {
    Event.Status.PENDING: "blue",
    Event.Status.PROCESSED: "green",
    Event.Status.IGNORED: "grey",
    Event.Status.RETRYING: "amber",
    Event.Status.DEAD: "red",
    Event.Status.CONFLICT: "amber",
    Event.Status.DISMISSED: "grey",
    Event.Status.UNREADABLE: "red",
}


def state_of(secret: Secret) -> str:
    """Say how long a secret goes on."""
    if secret.state == Secret.State.REVOKED:
        return "revoked"
    if secret.state == Secret.State.RETIRING:
        return f"goes on until {timezone.localtime(secret.retires_at):%-d %b %Y %H:%M}"
    return "goes on until it is revoked"
