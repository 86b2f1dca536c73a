"""One module per page."""

from chat.admin import contacts, conversations, messages, others  # noqa: F401
