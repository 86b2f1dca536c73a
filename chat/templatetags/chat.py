from urllib.parse import urlsplit

from django import template
from django.utils.html import urlize
from django.utils.safestring import mark_safe

from orders import timeline

register = template.Library()

# Channels whose own spelling is not their code in words.
CHANNELS = {"DOCSSMITH": "DocsSmith", "INSTALEAP": "InstaLeap", "SMS": "SMS", "TAWK": "tawk.to", "WHATSAPP": "WhatsApp"}
LONGEST_LINKED = 10_000  # characters of a text in which links are looked for


@register.filter
def channel(code: str) -> str:
    return CHANNELS.get(code) or timeline.words(code) or "–"


@register.filter
def web_address(url: str) -> str:
    """Return an address that may be followed, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and not set(url) & set(" \t\r\n") else ""


@register.filter
def linked(text: str):
    """Return a text, escaped, in which web addresses are links."""
    if len(text) > LONGEST_LINKED:
        return text
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308 - urlize escapes
