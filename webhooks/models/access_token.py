"""Access tokens that token endpoints issue to providers."""

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.models.secret import Secret
from webhooks.models.source import Source


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def live(self) -> Self:
        """Return those that are valid now; a token ends together with the client secret that it was issued for."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), secret__in=Secret.objects.live())


class AccessToken(models.Model):
    """A token that a source's token endpoint issued; only its hash is stored."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, db_index=False, related_name="access_tokens", verbose_name=_("source")
    )
    secret = models.ForeignKey(
        Secret,
        on_delete=models.CASCADE,
        related_name="access_tokens",
        verbose_name=_("client secret"),
        help_text=_("The client secret that it was issued for."),
    )
    token_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of 256 random bits.")
    issued_at = models.DateTimeField(_("issued"), db_default=Now())
    issued_to = models.GenericIPAddressField(_("issued to"), null=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, help_text=_("To the minute."))
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ["-id"]
        indexes = [models.Index(fields=["source", "-id"], name="access_token_source")]

    def __str__(self) -> str:
        return gettext("Token {number}").format(number=self.pk)

    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.secret.is_live()
