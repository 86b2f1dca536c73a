from collections.abc import Iterable

from django import template

from chat import labels, rendering

register = template.Library()

channel = register.filter(labels.channel)
web_address = register.filter(rendering.web_address)
register.filter("conversation_status", labels.status)
register.filter("kind", labels.kind)
register.filter("speaker", labels.speaker)
register.simple_tag(labels.state_badge)


@register.filter
def linked(words: str, sought: Iterable[str] = ()):
    """A text that somebody wrote: escaped, with links to the web and what was sought marked."""
    return rendering.shown(words, sought or ())


@register.filter
def excerpt(message, sought: Iterable[str]):
    """What stands around what was sought in a message."""
    return rendering.excerpt(message.text, sought)
