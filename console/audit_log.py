"""Who did what: Django's admin log, with what is done to more rows than one (console/accounts/admin.py shows it)."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType


def record(user, model, message: str) -> LogEntry:
    """Keep that somebody did something with a list of the model's."""
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=str(model._meta.verbose_name_plural)[:200],
        action_flag=CHANGE,
        change_message=message[:2000],
    )
