"""Secrets of sources, encrypted at rest."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from webhooks import encryption
from webhooks.fingerprints import fingerprint
from webhooks.models.source import Source
from webhooks.providers.base import AUTH_MODES


class SecretQuerySet(models.QuerySet["Secret"]):
    def retire(self, hours: int) -> list["Secret"]:
        """Let the active ones go on for so many hours, or revoke them where that is 0; return them."""
        secrets = list(self.filter(state=Secret.State.ACTIVE))
        for secret in secrets:
            secret.retire(hours)
        return secrets

    def live(self):
        return self.exclude(state=Secret.State.REVOKED).exclude(
            state=Secret.State.RETIRING, retires_at__lte=timezone.now()
        )


class Secret(models.Model):
    """What a source's requests, or for a dynamic token its token requests, are proved with.

    Encrypted at rest, and never shown again.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        RETIRING = "retiring", "Retiring"
        REVOKED = "revoked", "Revoked"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="secrets")
    auth_mode = models.CharField("for", max_length=20, choices=AUTH_MODES, editable=False)
    encrypted_value = models.BinaryField()
    fingerprint = models.CharField(max_length=12, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    retires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)

    objects = SecretQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="retiring_secret_has_an_end",
                condition=~models.Q(state="retiring") | models.Q(retires_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.fingerprint} ({self.get_state_display().lower()})"

    def save(self, **kwargs):
        self.auth_mode = self.auth_mode or self.source.auth_mode
        super().save(**kwargs)

    def is_live(self) -> bool:
        """Whether requests may prove themselves with it now; SecretQuerySet.live asks the same of the database."""
        if self.state == self.State.RETIRING:
            return self.retires_at is not None and self.retires_at > timezone.now()
        return self.state == self.State.ACTIVE

    def retire(self, hours: int | None) -> None:
        """Let it go on for so many hours, or until it is revoked where that is None, or revoke it where it is 0.

        No job has to run for its end to take effect: that is asked of the clock at every request.
        """
        self.state = {None: self.State.ACTIVE, 0: self.State.REVOKED}.get(hours, self.State.RETIRING)
        self.retires_at = timezone.now() + timedelta(hours=hours) if hours else None
        self.save(update_fields=["state", "retires_at"])

    @property
    def value(self) -> str:
        """The secret itself; raises encryption.UndecryptableError."""
        return encryption.decrypt(self.encrypted_value)

    @value.setter
    def value(self, value: str):
        if not value:
            raise ValueError("An empty secret would prove nothing.")
        self.encrypted_value = encryption.encrypt(value)
        self.fingerprint = fingerprint(value)

    @property
    def readable_value(self) -> str | None:
        """The secret itself, or None where none of our keys decrypts it."""
        try:
            return self.value
        except encryption.UndecryptableError:
            return None
