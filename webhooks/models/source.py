"""Where events come from, and what proves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from webhooks import deep_links, encryption, networks, providers
from webhooks.fingerprints import fingerprint
from webhooks.models.token_endpoint import TokenEndpoint, header_name
from webhooks.provider import AUTH_MODES, DYNAMIC_TOKEN, SIGNATURE, TOKEN_HEADER


@dataclass(frozen=True)
class Way:
    """One way in which requests may prove where they come from."""

    mode: str
    header: str = ""  # "" where it is the provider's own, or for a token Authorization
    prefix: str = ""  # what stands before a token
    ends_at: datetime | None = None

    def is_live(self) -> bool:
        return self.ends_at is None or self.ends_at > timezone.now()

    @property
    def token_header(self) -> str:
        return self.header or TOKEN_HEADER

    def __str__(self):
        header = f" in {self.header}" if self.header else ""
        return f"{AUTH_MODES[self.mode]}{header}{f' after {self.prefix}' if self.prefix else ''}"


class Source(TokenEndpoint):
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
        validators=[header_name],
        help_text="Where the proof comes, if not under the provider's own name for its signature, or, for a token, in"
        " Authorization.",
    )
    token_prefix = models.CharField(
        max_length=50,
        blank=True,
        help_text="What stands before a token in its header, as in Bearer. Empty: nothing does; before a dynamic token"
        " Bearer may.",
    )
    # What proved a request before the last change, and goes on until then: so a change loses no event.
    previous_auth_mode = models.CharField(max_length=20, blank=True, editable=False)
    previous_proof_header = models.CharField(max_length=100, blank=True, editable=False)
    previous_token_prefix = models.CharField(max_length=50, blank=True, editable=False)
    previous_ends_at = models.DateTimeField(null=True, editable=False)
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
    keep_bodies_days = models.PositiveSmallIntegerField(
        "keep bodies for",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Days. Then the bodies of events that are finished are dropped, once nothing more came about the same"
        " job or conversation for as long; what they became stays. Empty: for ever.",
    )
    keep_events_days = models.PositiveSmallIntegerField(
        "keep events for",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Days. Then such events go as a whole. Empty: for ever.",
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
        if self.auth_mode == DYNAMIC_TOKEN:
            self.clean_token_endpoint()

    @property
    def way(self) -> Way:
        """How its requests prove where they come from, now."""
        return Way(self.auth_mode, self.proof_header, self.token_prefix.strip())

    @property
    def previous_way(self) -> Way | None:
        """How they did until the last change, while that goes on."""
        if not self.previous_auth_mode:
            return None
        way = Way(
            self.previous_auth_mode,
            self.previous_proof_header,
            self.previous_token_prefix.strip(),
            self.previous_ends_at,
        )
        return way if way.is_live() else None

    def get_ways(self) -> list[Way]:
        return list(filter(None, [self.way, self.previous_way]))

    def keep(self, way: Way, ends_at: datetime | None) -> None:
        """Let `way`, which is no longer this source's, go on until then, or until it is revoked."""
        self.previous_auth_mode = way.mode
        self.previous_proof_header = way.header
        self.previous_token_prefix = way.prefix
        self.previous_ends_at = ends_at

    def forget_previous_way(self) -> None:
        self.keep(Way(mode=""), None)

    def get_proof_headers(self) -> list[str]:
        """Return the headers, of which one brings the proof, each with what stands before a token in it."""
        way = self.way
        if way.mode != SIGNATURE:
            prefix = way.prefix or ("Bearer" if way.mode == DYNAMIC_TOKEN else "")
            return [f"{way.token_header}: {prefix}".rstrip(": ")]
        headers = [signature.header for signature in self.get_provider().signatures]
        return [way.header] if way.header else list(dict.fromkeys(headers))

    def get_client_id(self) -> str:
        """The client id that its token endpoint asks for; "" where it asks for the secret alone."""
        needs_one = self.credentials_in in (self.Place.OAUTH, self.Place.BASIC)
        return self.client_id or (self.slug if needs_one else "")

    def get_provider(self):
        return providers.registry()[self.provider]

    def get_url(self):
        """The URL to hand to the provider."""
        return settings.BASE_URL + self.get_absolute_url()

    def get_token_path(self):
        return reverse("webhooks:token", args=[self.slug])

    def get_token_url(self):
        """Where the provider gets its tokens; InstaLeap calls it RenewURL."""
        return settings.BASE_URL + self.get_token_path()


class SecretQuerySet(models.QuerySet):
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


class AccessTokenQuerySet(models.QuerySet):
    def live(self):
        """Those that open their source now: a token goes with the client secret that it was given for."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), secret__in=Secret.objects.live())


class AccessToken(models.Model):
    """A token that a source's token endpoint gave out; only its hash is kept."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="access_tokens")
    secret = models.ForeignKey(
        Secret, on_delete=models.CASCADE, related_name="access_tokens", help_text="The client secret it was given for."
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

    def __str__(self):
        return f"Token {self.pk}"

    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.secret.is_live()
