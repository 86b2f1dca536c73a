"""Rejected requests: a sample of bounded size, and their number by hour."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.accounts.permissions import EXPORTABLE
from webhooks.messages import TranslatableMessage, TranslatableMessageField
from webhooks.models.source import Source


class Rejection(models.Model):
    """A rejected request. Of many, few are stored (webhooks/rejections/recorder.py); RefusalCount counts them all."""

    class Endpoint(models.TextChoices):
        EVENT = "event", _("Event")
        TOKEN = "token", _("Token")

    source = models.ForeignKey(
        Source, models.CASCADE, null=True, db_index=False, related_name="rejections", verbose_name=_("source")
    )
    slug = models.CharField(_("address"), max_length=100, help_text=_("The end of the requested URL."))
    endpoint = models.CharField(_("endpoint"), max_length=5, choices=Endpoint)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    code = models.CharField(_("reason"), max_length=30)
    status = models.PositiveSmallIntegerField(_("response status"))
    detail = models.TextField(_("response"))
    explanation = TranslatableMessageField(_("likely cause"), default=TranslatableMessage)
    method = models.CharField(_("method"), max_length=20)
    headers = models.JSONField(_("headers"), default=dict, help_text=_("Without credentials."))
    remote_address = models.GenericIPAddressField(_("remote address"), null=True)
    body = models.BinaryField(_("body"), help_text=_("Its first bytes."))
    body_length = models.PositiveIntegerField(_("body length in bytes"))

    objects: "models.Manager[Rejection]" = models.Manager()

    class Meta:
        verbose_name = _("rejection")
        verbose_name_plural = _("rejections")
        ordering = ["-id"]
        default_permissions = EXPORTABLE
        indexes = [models.Index(fields=["source", "-id"], name="rejection_source")]

    def __str__(self) -> str:
        return gettext("Rejection {number}").format(number=self.pk)


class RefusalCount(models.Model):
    """The number of requests that were rejected within an hour, by source and reason."""

    source = models.ForeignKey(Source, models.CASCADE, null=True, db_index=False, related_name="refusal_counts")
    hour = models.DateTimeField()
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
