from collections.abc import Iterable

from django import template

from chat import labels, text
from config import characters

register = template.Library()

channel = register.filter(labels.channel)
web_address = register.filter(text.web_address)
register.filter("conversation_status", labels.status)
register.filter("kind", labels.kind)
register.filter("speaker", labels.speaker)
register.filter("visible", characters.visible)
register.filter("plain", characters.plain)
register.simple_tag(labels.state_badge)


@register.filter
def linked(words: str, sought: Iterable[str] = ()):
    """A text that somebody wrote: escaped, with links to the web and what was sought marked."""
    return text.shown(words, sought or ())


@register.filter
def excerpt(message, sought: Iterable[str]):
    """What stands around what was sought in a message."""
    return text.excerpt(message.text, sought)
