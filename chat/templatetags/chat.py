"""Template tags and filters for conversations: {% load chat %}."""

from django import template

from chat import labels, rendering

register = template.Library()

register.filter("channel", labels.channel_label)
register.filter("excerpt", rendering.excerpt)
register.filter("kind", labels.kind_label)
register.filter("linkify", rendering.linkify)
register.filter("speaker", labels.speaker_name)
register.filter("web_address", rendering.web_address)
register.simple_tag(labels.state_badge)
