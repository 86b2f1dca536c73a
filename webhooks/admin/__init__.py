"""One module per page."""

from webhooks.admin import events, sources  # noqa: F401
