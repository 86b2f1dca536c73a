"""Labels of sources, secrets, tokens and events for pages, in the active language: texts, and badges with a colour."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext, pgettext

from console.formatting.badges import badge
from console.formatting.durations import format_duration
from webhooks.messages import TranslatableMessage
from webhooks.models import AccessToken, Event, Secret, Source

_STATE_COLOURS = {Source.State.ACTIVE: "green", Source.State.PAUSED: "amber", Source.State.DISABLED: "red"}
_STATUS_COLOURS = {
    Event.Status.PENDING: "blue",
    Event.Status.PROCESSED: "green",
    Event.Status.IGNORED: "grey",
    Event.Status.RETRYING: "amber",
    Event.Status.DEAD: "red",
    Event.Status.CONFLICT: "amber",
    Event.Status.DISMISSED: "grey",
    Event.Status.UNREADABLE: "red",
}


def short_state(state: Source.State) -> str:
    """Return the first word of a source's state: the rest explains it, in the form."""
    return str(state.label).partition(":")[0]


def source_badge(source: Source) -> SafeString:
    return badge(short_state(Source.State(source.state)), _STATE_COLOURS[Source.State(source.state)])


def event_badge(event: Event) -> SafeString:
    return badge(event.get_status_display(), _STATUS_COLOURS[Event.Status(event.status)])


def secret_validity(secret: Secret) -> TranslatableMessage:
    """Return until when a secret is valid."""
    if secret.state == Secret.State.REVOKED:
        return TranslatableMessage(N_("revoked"))
    if secret.retires_at:
        return TranslatableMessage(N_("valid until {time}"), time=secret.retires_at)
    return TranslatableMessage(N_("valid until revoked"))


def secret_badge(secret: Secret) -> SafeString:
    """Return whether requests may authenticate with a secret, and until when."""
    if secret.state == Secret.State.REVOKED:
        return badge(_("No: revoked"), "red")
    if not secret.is_live():
        return badge(_("No: retired"), "red")
    if secret.state == Secret.State.ACTIVE:
        return badge(_("Yes"), "green")
    return badge(capfirst(str(secret_validity(secret))), "amber")


def token_badge(token: AccessToken) -> SafeString:
    """Return whether requests may authenticate with an access token and, where they may not, why."""
    if token.is_live():
        return badge(pgettext("token", "Active"), "green")
    if token.revoked_at:
        return badge(_("Revoked"), "red")
    return badge(_("Expired"), "grey") if token.secret.is_live() else badge(_("Secret retired"), "red")


def describe_result(event: Event) -> str:
    """Return a sentence on the result of an event's processing, and on its next step."""
    status = Event.Status(event.status)
    if status == Event.Status.PENDING and event.source.state == Source.State.PAUSED:
        return _("Waiting, as the source is paused.")
    if status == Event.Status.RETRYING:
        return _describe_retry(event)
    if status == Event.Status.PROCESSED and event.processed_at:
        delay = format_duration(event.processed_at - event.received_at)
        return _("Processed {delay} after it was received.").format(delay=delay)
    if status == Event.Status.DEAD:
        return ngettext(
            "Failed after {count} attempt: no row contains any of it.",
            "Failed after {count} attempts: no row contains any of it.",
            event.attempts,
        ).format(count=event.attempts)
    return {
        Event.Status.PENDING: _("Queued."),
        Event.Status.PROCESSED: "",
        Event.Status.IGNORED: _(
            "Authentic, but nothing reads this type: no row has changed. It can be processed once something does."
        ),
        Event.Status.CONFLICT: _("Another body came under its event ID before: it changes nothing until you decide."),
        Event.Status.DISMISSED: _("Of two bodies under one event ID, this one was dismissed: it changes nothing."),
        Event.Status.UNREADABLE: _("Authentic, but not JSON, so it cannot be read. It is stored as it was received."),
    }[status]


def describe_lag(before: datetime, after: datetime) -> str:
    """Return how much later than `before` another time was."""
    lag = format_duration(after - before)
    text = _("{time} later") if after >= before else _("{time} earlier: the clocks differ")
    return text.format(time=lag)


def _describe_retry(event: Event) -> str:
    wait = event.next_attempt_at - timezone.now()
    values = {"count": event.attempts, "wait": format_duration(wait)}
    if wait <= timedelta():
        return ngettext(
            "Temporary error after {count} attempt; the next attempt is due now.",
            "Temporary error after {count} attempts; the next attempt is due now.",
            event.attempts,
        ).format(**values)
    return ngettext(
        "Temporary error after {count} attempt; the next attempt is due in {wait}.",
        "Temporary error after {count} attempts; the next attempt is due in {wait}.",
        event.attempts,
    ).format(**values)
