from django.utils.html import format_html


def badge(text: str, colour: str = "grey"):
    """Return a state in words and in colour: green, red, amber, blue or grey (console.css)."""
    return format_html('<span class="desk-badge desk-{}">{}</span>', colour, text or "–")
