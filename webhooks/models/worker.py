"""Worker processes that are running."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> Self:
        """Return the workers with a recent heartbeat."""
        return self.filter(seen_at__gte=timezone.now() - timedelta(seconds=Worker.GONE_AFTER))


class Worker(models.Model):
    """A running `manage.py process_events`; the row goes when it stops."""

    name = models.CharField(_("name"), max_length=100, help_text=_("Host and process ID."))
    started_at = models.DateTimeField(_("started"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())

    # A worker writes seen_at every HEARTBEAT seconds; after GONE_AFTER seconds without it, the worker is not running.
    HEARTBEAT = 2
    GONE_AFTER = 15

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name
