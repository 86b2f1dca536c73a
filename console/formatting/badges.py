from django.utils.html import format_html
from django.utils.safestring import SafeString


def badge(text: str, colour: str = "grey") -> SafeString:
    """Return a state in words and in colour: green, red, amber, blue or grey (console.css)."""
    return format_html('<span class="desk-badge desk-{}">{}</span>', colour, text or "–")
