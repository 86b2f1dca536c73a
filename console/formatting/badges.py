"""Badges: short labels of states."""

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


def badge(text: str | Promise, colour: str = "grey") -> SafeString:
    """Return a label on a colour: green, red, amber, blue or grey (console.css)."""
    return format_html('<span class="desk-badge desk-{}">{}</span>', colour, text or "–")
