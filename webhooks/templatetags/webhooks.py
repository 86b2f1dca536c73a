"""Template tags and filters of the integration console: {% load webhooks %}."""

import re
from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.formatting.badges import badge
from console.formatting.durations import format_duration
from webhooks import labels
from webhooks.auth_modes import find_auth_mode
from webhooks.json_viewer import escape_invisible
from webhooks.rejections.reasons import get_reason_label
from webhooks.templatetags.json_viewer import render_text

register = template.Library()
register.simple_tag(labels.event_badge, name="event_status")
register.simple_tag(labels.secret_badge, name="secret_state")
register.simple_tag(labels.source_badge, name="source_state")
register.simple_tag(labels.token_badge)
register.simple_tag(labels.describe_lag, name="lag")
register.filter("grouped", intcomma)
register.filter("reason_label", get_reason_label)
_FINGERPRINT = re.compile(r"\[removed ([0-9a-f]{12})\]")  # as webhooks.redaction writes it


@register.filter
def ago(time: datetime) -> str:
    """Return how long ago a time was, to the second."""
    return _("{time} ago").format(time=format_duration(timezone.now() - time))


@register.filter
def auth_mode_label(slug: str) -> str:
    """Return the label of an authentication mode; its slug where there is no such mode any more."""
    mode = find_auth_mode(slug)
    return str(mode.label) if mode else slug


@register.filter
def translated(text: str) -> str:
    """Return a stored text, marked with gettext_noop in the code, in the active language."""
    return _(text) if text else ""


@register.simple_tag
def header_value(value: str) -> SafeString:
    """Return a stored header: its text, and where credentials were removed, their fingerprint."""
    parts = _FINGERPRINT.split(value)
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html("{} <code>{}</code>", badge(_("removed")), part)
                if number % 2
                else render_text(escape_invisible(part)),
            )
            for number, part in enumerate(parts)
            if part
        ),
    )
