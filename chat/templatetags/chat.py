"""Template tags and filters for conversations: {% load chat %}."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from chat import labels, rendering

register = template.Library()

register.filter("channel", labels.channel_label)
register.filter("kind", labels.kind_label)
register.filter("speaker", labels.speaker_name)
register.filter("web_address", rendering.web_address)
register.simple_tag(labels.state_badge)


@register.filter
def linkify(text: str, search_words: Iterable[str] = ()) -> SafeString:
    """Return a text that a stranger wrote as HTML, with links to the web and with the words of a search marked."""
    return rendering.linkify(text, search_words or ())


@register.filter
def excerpt(text: str, search_words: Iterable[str]) -> SafeString:
    """Return as HTML the part of a text around the first word that a search found."""
    return rendering.excerpt(text, search_words)
