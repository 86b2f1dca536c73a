"""The models of rejections: a sample of the requests, of bounded size, and the counts of all of them."""

from django.db import models
from django.db.models.functions import Now

from console.accounts.permissions import EXPORTABLE
from webhooks.messages import TranslatableMessage, TranslatableMessageField
from webhooks.models.source import Source


class Rejection(models.Model):
    """A rejected request. Of many, few are stored (webhooks/rejections/recorder.py); RefusalCount counts them all."""

    class Endpoint(models.TextChoices):
        EVENT = "event", "Event"
        TOKEN = "token", "Token"

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_index=False, related_name="rejections")
    slug = models.CharField("address", max_length=100, help_text="The end of the URL that was asked for.")
    endpoint = models.CharField("asked for", max_length=5, choices=Endpoint)
    received_at = models.DateTimeField(db_default=Now())
    code = models.CharField("reason", max_length=30)
    status = models.PositiveSmallIntegerField("answer", help_text="Of HTTP.")
    detail = models.TextField("what was answered")
    explanation = TranslatableMessageField(
        "likely cause", default=TranslatableMessage, help_text="And what to do about it."
    )
    method = models.CharField(max_length=20)
    headers = models.JSONField(default=dict, help_text="Without proofs and credentials.")
    remote_address = models.GenericIPAddressField(null=True)
    body = models.BinaryField(help_text="The first bytes of it.")
    body_length = models.PositiveIntegerField(help_text="Bytes.")

    objects: "models.Manager[Rejection]" = models.Manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = EXPORTABLE
        indexes = [models.Index(fields=["source", "-id"], name="rejection_source")]

    def __str__(self) -> str:
        return f"Rejection {self.pk}"


class RefusalCount(models.Model):
    """The number of requests that were rejected within an hour."""

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_index=False, related_name="refusal_counts")
    hour = models.DateTimeField(help_text="Its beginning.")
    code = models.CharField(max_length=30)
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "hour", "code"], nulls_distinct=False, name="one_refusal_count_per_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.code}"
