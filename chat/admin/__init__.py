"""The admin of conversations: a module for the list and the page of each model."""

from chat.admin import campaign_reports, contacts, conversations, groups, messages, tickets  # noqa: F401
