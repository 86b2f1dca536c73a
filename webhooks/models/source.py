"""Sources: the URLs that providers post to, and how their requests authenticate."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse

from webhooks import auth_modes, deep_links, networks, providers
from webhooks.auth_modes import DEFAULT_AUTH_MODE, AuthConfig, AuthMode
from webhooks.models.token_endpoint import TokenEndpoint, header_name
from webhooks.providers.base import Provider


class Source(TokenEndpoint):
    """One URL that a provider posts to, and how its requests prove where they come from."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused: events are kept and wait"
        DISABLED = "disabled", "Disabled: requests are refused"

    class Environment(models.TextChoices):
        PRODUCTION = "production", "Production"
        SANDBOX = "sandbox", "Sandbox"

    objects: "models.Manager[Source]" = models.Manager()

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
        choices=auth_modes.choices,
        default=DEFAULT_AUTH_MODE,
        help_text="How the provider's requests authenticate.",
    )
    auth_header = models.CharField(
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
    previous_auth_header = models.CharField(max_length=100, blank=True, editable=False)
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

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        if self._state.adding and not self.allowed_networks:
            self.allowed_networks = "\n".join(self.get_provider().networks)
        super().save(**kwargs)

    def get_webhook_path(self) -> str:
        """Return the path that the provider posts its events to."""
        return reverse("webhooks:receive", args=[self.slug])

    def clean(self) -> None:
        """Raise ValidationError where the settings contradict the provider or each other."""
        provider = providers.registry().get(self.provider)
        if provider is None:
            return  # the field itself reports the error
        if self.auth_mode not in provider.auth_modes:
            raise ValidationError({"auth_mode": f"{provider.name} does not offer this."})
        self.get_auth_mode().clean(self)

    @property
    def auth(self) -> AuthConfig:
        """How its requests authenticate now."""
        return AuthConfig(self.auth_mode, self.auth_header, self.token_prefix.strip())

    @property
    def previous_auth(self) -> AuthConfig | None:
        """How they authenticated before the last change, as long as that remains valid."""
        if not self.previous_auth_mode:
            return None
        config = AuthConfig(
            self.previous_auth_mode,
            self.previous_auth_header,
            self.previous_token_prefix.strip(),
            self.previous_ends_at,
        )
        return config if config.is_live() else None

    def active_auth_configs(self) -> list[AuthConfig]:
        """Return the present and, if it remains valid, the previous config."""
        return list(filter(None, [self.auth, self.previous_auth]))

    def keep_previous_auth(self, config: AuthConfig, ends_at: datetime | None) -> None:
        """Let the config from before a change remain valid until `ends_at`, or indefinitely for None."""
        self.previous_auth_mode = config.mode
        self.previous_auth_header = config.header
        self.previous_token_prefix = config.prefix
        self.previous_ends_at = ends_at

    def end_previous_auth(self) -> None:
        """Let the previous config be invalid at once."""
        self.keep_previous_auth(AuthConfig(mode=""), None)

    def get_client_id(self) -> str:
        """Return the client id that the token endpoint requires, or "" where it requires the secret alone."""
        needs_one = self.credentials_in in (self.Place.OAUTH, self.Place.BASIC)
        return self.client_id or (self.slug if needs_one else "")

    def get_provider(self) -> Provider:
        return providers.registry()[self.provider]

    def get_auth_mode(self) -> AuthMode:
        return auth_modes.get_auth_mode(self.auth_mode)

    def get_url(self) -> str:
        """Return the URL that the provider posts its events to."""
        return f"{settings.BASE_URL}{self.get_webhook_path()}"

    def get_token_path(self) -> str:
        """Return the path of the token endpoint."""
        return reverse("webhooks:token", args=[self.slug])

    def get_token_url(self) -> str:
        """Return the URL of the token endpoint, which InstaLeap calls RenewURL."""
        return f"{settings.BASE_URL}{self.get_token_path()}"
