"""The inbox of events, which is also the queue of the workers, and subjects whose events were purged."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from console.accounts.permissions import EXPORTABLE
from webhooks.models.access_token import AccessToken
from webhooks.models.secret import Secret
from webhooks.models.source import Source
from webhooks.payloads.compression import BodyField

# The latest events with one value in a column that has an index with the id: format() with the column and the value.
# See EventQuerySet.latest_of.
LATEST_OF = "webhooks_event WHERE {0} BETWEEN {1} AND {1} ORDER BY {0}, id DESC"


class EventQuerySet(models.QuerySet["Event"]):
    """Queries of the inbox that need a certain index."""

    def latest_of(self, column: str, value: Any) -> Self:
        """Return the events with this value in a column, newest first.

        The condition is a range although its ends are equal, and the order begins with the column: so only the index on
        (column, -id) fits. For an equality, PostgreSQL may choose to read all events from the newest on until it has
        found enough: all there are, where the value has not occurred for long.
        """
        return self.filter(**{f"{column}__gte": value, f"{column}__lte": value}).order_by(f"{column}_id", "-id")


class Event(models.Model):
    """An event as the provider sent it, and the result of its processing."""

    class Status(models.TextChoices):
        PENDING = "pending", pgettext_lazy("event", "Pending")
        PROCESSED = "processed", _("Processed")
        IGNORED = "ignored", pgettext_lazy("event", "Ignored")
        RETRYING = "retrying", _("Retrying")
        DEAD = "dead", pgettext_lazy("event", "Dead")
        CONFLICT = "conflict", _("Conflict")
        DISMISSED = "dismissed", _("Dismissed")
        UNREADABLE = "unreadable", _("Unreadable")

    WAITING = [Status.PENDING, Status.RETRYING]
    # These need no further processing.
    FINISHED = [Status.PROCESSED, Status.IGNORED, Status.DISMISSED, Status.UNREADABLE]

    source = models.ForeignKey(Source, models.PROTECT, db_index=False, related_name="events", verbose_name=_("source"))
    type = models.CharField(_("type"), max_length=100, blank=True)
    subject = models.CharField(
        _("subject"), max_length=200, blank=True, help_text=_("The ID of a job or a conversation, for example.")
    )
    external_id = models.CharField(_("provider's event ID"), max_length=200, blank=True)
    dedup_key = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    body = BodyField()
    headers = models.JSONField(_("headers"), default=dict, help_text=_("Without credentials."))
    remote_address = models.GenericIPAddressField(_("remote address"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    occurred_at = models.DateTimeField(_("occurred"), null=True, help_text=_("The provider's time."))
    # Neither is checked by the database: each INSERT would lock the one row that all others lock as well.
    secret = models.ForeignKey(
        Secret,
        models.SET_NULL,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("secret"),
    )
    # A token is deleted long after its end; its events, which have no index for it, keep the ID.
    access_token = models.ForeignKey(
        AccessToken,
        models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("access token"),
    )
    auth_mode = models.CharField(_("verified by"), max_length=20)
    signed_content = models.CharField(_("signed content"), max_length=200)
    delivery_count = models.PositiveIntegerField(_("deliveries"), db_default=1)
    conflict_of = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="conflicts", verbose_name=_("conflict of")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    error = models.TextField(_("error"), blank=True, db_default="")
    processed_at = models.DateTimeField(_("processed"), null=True)
    purged_at = models.DateTimeField(_("body deleted"), null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        default_permissions = EXPORTABLE
        constraints = [
            # Two, so that what has no conflict, as nearly all, pays for one.
            models.UniqueConstraint(
                fields=["source", "dedup_key"], condition=models.Q(conflict_of=None), name="one_original_per_key"
            ),
            models.UniqueConstraint(
                fields=["source", "dedup_key", "body_hash"],
                condition=models.Q(conflict_of__isnull=False),
                name="one_conflict_per_body",
            ),
        ]
        indexes = [
            # The worker's queue.
            models.Index(fields=["id"], condition=models.Q(status__in=["pending", "retrying"]), name="event_queue"),
            # A late event's refold, and the events of one job in the admin.
            models.Index(fields=["subject", "id"], name="event_subject"),
            # The list behind its filters. Nearly all events are processed: those need no index, and pay for none.
            models.Index(
                fields=["status", "-id"],
                condition=models.Q(
                    status__in=["pending", "ignored", "retrying", "dead", "conflict", "dismissed", "unreadable"]
                ),
                name="event_status",
            ),
            models.Index(fields=["source", "-id"], name="event_source"),
            models.Index(fields=["type", "-id"], name="event_type"),
            models.Index(fields=["received_at", "id"], name="event_received"),
            models.Index(fields=["conflict_of"], condition=models.Q(conflict_of__isnull=False), name="event_conflicts"),
            # When a secret was last used, on the source's page.
            models.Index(fields=["secret", "-id"], name="event_secret"),
        ]

    def __str__(self) -> str:
        return f"{self.type or 'Event'} {self.external_id or self.pk}"

    @property
    def label(self) -> str:
        return str(self.source.get_provider().describe(self.type).label or gettext("Unknown"))


class PurgedSubject(models.Model):
    """A subject of events whose bodies were deleted, so that it cannot be rebuilt from its beginning."""

    provider = models.CharField(max_length=50)
    subject = models.CharField(max_length=200)
    purged_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="one_purged_subject")]

    def __str__(self) -> str:
        return self.subject
