"""Entries of Django's admin log for actions on a whole list (console/accounts/admin.py shows the log)."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


def log_list_action(user: Any, model: type[Model], message: str) -> LogEntry:
    """Log that a user did something with the list of a model."""
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=str(model._meta.verbose_name_plural)[:200],
        action_flag=CHANGE,
        change_message=message[:2000],
    )
