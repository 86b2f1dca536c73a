"""The inbox of events, which is also the queue of the workers, and subjects whose events were purged."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext

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
    """A request of a provider with its original body, and the outcome of its processing."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PROCESSED = "processed", "Processed"
        IGNORED = "ignored", "Ignored"
        RETRYING = "retrying", "Retrying"
        DEAD = "dead", "Dead"
        CONFLICT = "conflict", "Conflict"
        DISMISSED = "dismissed", "Dismissed"
        UNREADABLE = "unreadable", "Unreadable"

    WAITING = [Status.PENDING, Status.RETRYING]
    # Nobody has to do anything about these any more.
    FINISHED = [Status.PROCESSED, Status.IGNORED, Status.DISMISSED, Status.UNREADABLE]

    source = models.ForeignKey(Source, models.PROTECT, db_index=False, related_name="events")
    type = models.CharField(max_length=100, blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, for example the job's id.")
    external_id = models.CharField("provider's event id", max_length=200, blank=True)
    dedup_key = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    body = BodyField()
    headers = models.JSONField(default=dict, help_text="Without proofs and credentials.")
    remote_address = models.GenericIPAddressField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    occurred_at = models.DateTimeField(null=True, help_text="When it happened, as the provider says.")
    # Neither is checked by the database: each INSERT would lock the one row that all others lock as well.
    secret = models.ForeignKey(
        Secret,
        models.SET_NULL,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        help_text="What proved it.",
    )
    # Long after its end a token goes; its events, which have no index for it, are then left as they are.
    access_token = models.ForeignKey(
        AccessToken,
        models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        help_text="What it came with.",
    )
    auth_mode = models.CharField("verified by", max_length=20)
    signed_content = models.CharField("signed content", max_length=200)
    delivery_count = models.PositiveIntegerField(db_default=1, help_text="How many times it came.")
    conflict_of = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="conflicts")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, db_default="")
    processed_at = models.DateTimeField(null=True, help_text="When it was last folded into the rows.")
    purged_at = models.DateTimeField(null=True, help_text="When its body was dropped.")

    objects = EventQuerySet.as_manager()

    class Meta:
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
    """A subject with events whose bodies were purged: its rows can no longer be rebuilt from the first event."""

    provider = models.CharField(max_length=50)
    subject = models.CharField(max_length=200)
    purged_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="one_purged_subject")]

    def __str__(self) -> str:
        return self.subject
