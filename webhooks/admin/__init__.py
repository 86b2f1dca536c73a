"""One module per page."""

from webhooks.admin import access_tokens, events, rejections, sources, workers  # noqa: F401
