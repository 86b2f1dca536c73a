"""Where events come from, what proves it, and the inbox, which is also the queue."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from webhooks import deep_links, encryption, networks, providers
from webhooks.provider import AUTH_MODES, SIGNATURE, STATIC_TOKEN, TOKEN_HEADER


class Source(models.Model):
    """One URL that a provider posts to, and how its requests prove where they come from."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused: events are kept and wait"
        DISABLED = "disabled", "Disabled: requests are refused"

    class Environment(models.TextChoices):
        PRODUCTION = "production", "Production"
        SANDBOX = "sandbox", "Sandbox"

    name = models.CharField(max_length=100, help_text="What your team calls it, for example “InstaLeap Mexico”.")
    slug = models.SlugField(
        max_length=50,
        unique=True,
        help_text="The end of the URL that the provider posts to: /webhooks/…/",
        validators=[RegexValidator(r"^[a-z0-9]", "Begin with a small letter or a digit.")],
    )
    provider = models.CharField(max_length=50, choices=providers.choices)
    environment = models.CharField(max_length=10, choices=Environment, default=Environment.PRODUCTION)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    auth_mode = models.CharField(
        "authentication",
        max_length=20,
        choices=AUTH_MODES,
        default=SIGNATURE,
        help_text="How the provider proves that a request is its own.",
    )
    proof_header = models.CharField(
        max_length=100,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "This is no name of an HTTP header (RFC 9110).")],
        help_text="Where the proof comes, if not under the provider's own name for its signature, or, for a token, in"
        " Authorization.",
    )
    token_prefix = models.CharField(
        max_length=50,
        blank=True,
        help_text="What stands before a token in its header, as in Bearer; empty where nothing does.",
    )
    signature_tolerance = models.PositiveIntegerField(
        default=300,
        help_text="How many seconds a signature's timestamp may be away from now; an older one is a replay.",
    )
    allowed_networks = models.TextField(
        blank=True,
        validators=[networks.validate],
        help_text="One address or network a line; requests from elsewhere are refused. Empty: from anywhere. A new"
        " source whose provider says from where it sends begins with that.",
    )
    deep_link = models.CharField(
        max_length=500,
        blank=True,
        validators=[deep_links.validate],
        help_text="Where your shop shows an order, as in https://shop.example/orders/{job_id}. It may hold {job_id},"
        " {client_reference} and {conversation_id}.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        if self._state.adding and not self.allowed_networks:
            self.allowed_networks = "\n".join(self.get_provider().networks)
        super().save(**kwargs)

    def get_absolute_url(self):
        """The path that the provider posts to."""
        return reverse("webhooks:receive", args=[self.slug])

    def clean(self):
        """Refuse what each field takes and its provider does not."""
        provider = providers.registry().get(self.provider)
        if provider is None:
            return  # its own field says so
        if self.auth_mode not in provider.auth_modes:
            raise ValidationError({"auth_mode": f"{provider.name} does not offer this."})
        headers = sorted({signature.header for signature in provider.signatures})
        if self.auth_mode == SIGNATURE and self.proof_header and len(headers) > 1:
            raise ValidationError(
                {"proof_header": f"{provider.name} signs in more than one header ({', '.join(headers)})."}
            )

    def get_proof_headers(self) -> list[str]:
        """Return the headers, of which one brings the proof, each with what stands before a token in it."""
        if self.auth_mode == STATIC_TOKEN:
            return [f"{self.proof_header or TOKEN_HEADER}: {self.token_prefix.strip()}".rstrip(": ")]
        headers = [signature.header for signature in self.get_provider().signatures]
        return [self.proof_header] if self.proof_header else list(dict.fromkeys(headers))

    def get_provider(self):
        return providers.registry()[self.provider]

    def get_url(self):
        """The URL to hand to the provider."""
        return settings.BASE_URL + self.get_absolute_url()


class SecretQuerySet(models.QuerySet):
    def retire(self, hours: int) -> list["Secret"]:
        """Let the active ones go on for so many hours, or revoke them where that is 0; return them.

        No job has to run for their end to take effect: it is asked of the clock at every request.
        """
        secrets = list(self.filter(state=Secret.State.ACTIVE))
        for secret in secrets:
            secret.state = Secret.State.RETIRING if hours else Secret.State.REVOKED
            secret.retires_at = timezone.now() + timedelta(hours=hours) if hours else None
            secret.save(update_fields=["state", "retires_at"])
        return secrets

    def live(self):
        return self.exclude(state=Secret.State.REVOKED).exclude(
            state=Secret.State.RETIRING, retires_at__lte=timezone.now()
        )


class Secret(models.Model):
    """What a source's requests are proved with; encrypted at rest, and never shown again."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        RETIRING = "retiring", "Retiring"
        REVOKED = "revoked", "Revoked"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="secrets")
    encrypted_value = models.BinaryField()
    fingerprint = models.CharField(max_length=12, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    retires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)

    objects = SecretQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="retiring_secret_has_an_end",
                violation_error_message="A secret that retires needs the time at which it ends.",
                condition=~models.Q(state="retiring") | models.Q(retires_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.fingerprint} ({self.get_state_display().lower()})"

    def is_live(self) -> bool:
        """Whether requests may prove themselves with it now; SecretQuerySet.live asks the same of the database."""
        if self.state == self.State.RETIRING:
            return self.retires_at is not None and self.retires_at > timezone.now()
        return self.state == self.State.ACTIVE

    @property
    def value(self) -> str:
        """The secret itself; raises encryption.UndecryptableError."""
        return encryption.decrypt(self.encrypted_value)

    @value.setter
    def value(self, value: str):
        if not value:
            raise ValueError("An empty secret would prove nothing.")
        self.encrypted_value = encryption.encrypt(value)
        # Keyed, so that nobody who reads the database can try out guesses against it.
        self.fingerprint = hmac.new(settings.SECRET_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()[:12]


class Event(models.Model):
    """What a provider sent, as it came, and what became of it."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PROCESSED = "processed", "Processed"
        IGNORED = "ignored", "Ignored"
        RETRYING = "retrying", "Retrying"
        DEAD = "dead", "Dead"
        CONFLICT = "conflict", "Conflict"
        UNREADABLE = "unreadable", "Unreadable"

    WAITING = [Status.PENDING, Status.RETRYING]

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="events")
    type = models.CharField(max_length=100, blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, for example the job's id.")
    external_id = models.CharField("provider's event id", max_length=200, blank=True)
    dedup_key = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    body = models.BinaryField()
    headers = models.JSONField(default=dict, help_text="Without proofs and credentials.")
    remote_address = models.GenericIPAddressField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    occurred_at = models.DateTimeField(null=True, help_text="When it happened, as the provider says.")
    secret = models.ForeignKey(
        Secret, models.SET_NULL, null=True, db_index=False, related_name="+", help_text="What proved it."
    )
    proof = models.CharField("verified by", max_length=20)
    covers = models.CharField("the proof covers", max_length=200)
    deliveries = models.PositiveIntegerField(db_default=1, help_text="How many times it came.")
    conflict_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="conflicts")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, db_default="")
    processed_at = models.DateTimeField(null=True, help_text="When it was last folded into the rows.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "dedup_key", "body_hash"], name="one_event_per_body"),
            models.UniqueConstraint(
                fields=["source", "dedup_key"], condition=models.Q(conflict_of=None), name="one_original_per_key"
            ),
        ]
        indexes = [
            # The worker's queue.
            models.Index(fields=["id"], condition=models.Q(status__in=["pending", "retrying"]), name="event_queue"),
            # A late event's refold, and the events of one job in the admin.
            models.Index(fields=["subject", "id"], name="event_subject"),
            # The admin's list behind its filters.
            models.Index(fields=["status", "-id"], name="event_status"),
            models.Index(fields=["source", "-id"], name="event_source"),
            # When a secret was last used, on the source's page.
            models.Index(fields=["secret", "-id"], name="event_secret"),
        ]

    def __str__(self):
        return f"{self.type or 'Event'} {self.external_id or self.pk}"

    @property
    def label(self) -> str:
        return self.source.get_provider().describe(self.type).label or "Unknown"


class Worker(models.Model):
    """A running `manage.py process_events`; the row goes when it stops."""

    name = models.CharField(max_length=100, help_text="Host and process id.")
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    # A worker says that it is alive every HEARTBEAT seconds, and counts as gone after GONE_AFTER without a word.
    HEARTBEAT = 2
    GONE_AFTER = 15

    def __str__(self):
        return self.name
