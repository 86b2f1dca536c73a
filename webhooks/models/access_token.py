"""Access tokens that token endpoints issue to providers."""

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from webhooks.models.secret import Secret
from webhooks.models.source import Source


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def live(self) -> Self:
        """Return those that are valid now; a token ends together with the client secret that it was issued for."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), secret__in=Secret.objects.live())


class AccessToken(models.Model):
    """A token that a source's token endpoint issued; only its hash is stored."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="access_tokens")
    secret = models.ForeignKey(
        Secret,
        on_delete=models.CASCADE,
        related_name="access_tokens",
        help_text="The client secret that it was issued for.",
    )
    token_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of 256 random bits.")
    issued_at = models.DateTimeField(db_default=Now())
    issued_to = models.GenericIPAddressField(null=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="To the minute.")
    last_used_from = models.GenericIPAddressField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["source", "-id"], name="access_token_source")]

    def __str__(self) -> str:
        return f"Token {self.pk}"

    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.secret.is_live()
