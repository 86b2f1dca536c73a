"""One module per page."""

from webhooks.admin import access_tokens, events, rejections, sources  # noqa: F401
