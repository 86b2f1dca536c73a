"""States in words and colours, for pages."""

from datetime import timedelta

from django.utils import timezone

from console.formatting.durations import format_duration
from webhooks.models import AccessToken, Event, Secret, Source

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


def token_state(token: AccessToken) -> tuple[str, str]:
    """Say in words and a colour whether a token opens its source and, where it does not, why."""
    if token.is_live():
        return "Opens its source", "green"
    if token.revoked_at:
        return "Revoked", "red"
    if token.secret.is_live():
        return "Expired", "grey"
    return "Its secret is over", "red"


def what_became(event: Event) -> str:
    """Say in a sentence what became of an event, and what happens next."""
    tried = "once" if event.attempts == 1 else f"{event.attempts} times"
    match event.status:
        case Event.Status.PENDING if event.source.state == Source.State.PAUSED:
            return "It is stored and waits, as its source is paused."
        case Event.Status.PENDING:
            return "It is stored, and waits for a worker."
        case Event.Status.RETRYING:
            wait = event.next_attempt_at - timezone.now()
            due = f"in {format_duration(wait)}" if wait > timedelta() else "now"
            return f"It was tried {tried}, and failed for a passing reason; the next attempt is due {due}."
        case Event.Status.PROCESSED:
            delay = format_duration(event.processed_at - event.received_at)
            return f"It was folded into the rows {delay} after it was received."
        case Event.Status.IGNORED:
            return (
                "It is authentic, but nothing here reads this type: no row changed. It can be processed once one does."
            )
        case Event.Status.DEAD:
            return f"It was tried {tried} and given up on: no row has anything of it."
        case Event.Status.CONFLICT:
            return "Its id was already taken by another body: it changes nothing until somebody decides."
        case Event.Status.DISMISSED:
            return "Of two bodies under one id, it is the one that was decided against: it changes nothing."
        case Event.Status.UNREADABLE:
            return "It is authentic, but not JSON, so that nobody can read it. It is kept as it came."
    return ""
