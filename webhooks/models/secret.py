"""Secrets of sources, encrypted at rest."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webhooks import auth_modes, encryption
from webhooks.fingerprints import fingerprint
from webhooks.models.source import Source


class SecretQuerySet(models.QuerySet["Secret"]):
    def live(self) -> Self:
        """Return those that are valid now; Secret.is_live does the same for one."""
        return self.exclude(state=Secret.State.REVOKED).exclude(
            state=Secret.State.RETIRING, retires_at__lte=timezone.now()
        )


class Secret(models.Model):
    """A secret that a source's requests or, with a dynamic token, its token requests authenticate with.

    It is encrypted at rest and never shown again.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRING = "retiring", _("Retiring")
        REVOKED = "revoked", _("Revoked")

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="secrets")
    auth_mode = models.CharField(
        _("authentication"), max_length=20, choices=auth_modes.get_auth_mode_choices, editable=False
    )
    encrypted_value = models.BinaryField()
    fingerprint = models.CharField(max_length=12, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    retires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)

    objects = SecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("secret")
        verbose_name_plural = _("secrets")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="retiring_secret_has_an_end",
                condition=~models.Q(state="retiring") | models.Q(retires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fingerprint} ({self.state})"  # not translated: histories store it

    def save(self, **kwargs: Any) -> None:
        self.auth_mode = self.auth_mode or self.source.auth_mode
        super().save(**kwargs)

    def is_live(self) -> bool:
        """Whether requests may authenticate with it now; SecretQuerySet.live is the same as a query."""
        if self.state == self.State.RETIRING:
            return self.retires_at is not None and self.retires_at > timezone.now()
        return self.state == self.State.ACTIVE

    def revoke(self) -> None:
        """End it at once."""
        self._set_state(self.State.REVOKED)

    def retire(self, until: datetime) -> None:
        """Let it end at that time; requests are compared with the clock, so that no job has to run for it."""
        self._set_state(self.State.RETIRING, until)

    def reactivate(self) -> None:
        """Let it be valid until it is retired or revoked."""
        self._set_state(self.State.ACTIVE)

    def _set_state(self, state: State, retires_at: datetime | None = None) -> None:
        self.state, self.retires_at = state, retires_at
        self.save(update_fields=["state", "retires_at"])

    @property
    def value(self) -> str:
        """The secret itself; raises encryption.UndecryptableError."""
        return encryption.decrypt(bytes(self.encrypted_value))

    @value.setter
    def value(self, value: str) -> None:
        if not value:
            raise ValueError("An empty secret would authenticate every request.")
        self.encrypted_value = encryption.encrypt(value)
        self.fingerprint = fingerprint(value)

    @property
    def readable_value(self) -> str | None:
        """The secret itself, or None where none of ENCRYPTION_KEYS decrypts it."""
        try:
            return self.value
        except encryption.UndecryptableError:
            return None
