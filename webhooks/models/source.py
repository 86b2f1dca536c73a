"""Sources: the URLs that providers post to, and how their requests authenticate."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from webhooks import deep_links, networks, providers
from webhooks.models.token_endpoint import TokenEndpoint, header_name
from webhooks.providers.base import AUTH_MODES, DYNAMIC_TOKEN, SIGNATURE, TOKEN_HEADER


@dataclass(frozen=True)
class AuthConfig:
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

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        if self._state.adding and not self.allowed_networks:
            self.allowed_networks = "\n".join(self.get_provider().networks)
        super().save(**kwargs)

    def get_webhook_path(self):
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
        if self.auth_mode == SIGNATURE and self.auth_header and len(headers) > 1:
            raise ValidationError(
                {"auth_header": f"{provider.name} signs in more than one header ({', '.join(headers)})."}
            )
        if self.auth_mode == DYNAMIC_TOKEN:
            self.clean_token_endpoint()

    @property
    def auth(self) -> AuthConfig:
        """How its requests prove where they come from, now."""
        return AuthConfig(self.auth_mode, self.auth_header, self.token_prefix.strip())

    @property
    def previous_auth(self) -> AuthConfig | None:
        """How they did until the last change, while that goes on."""
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
        return list(filter(None, [self.auth, self.previous_auth]))

    def keep_previous_auth(self, config: AuthConfig, ends_at: datetime | None) -> None:
        """Let `way`, which is no longer this source's, go on until then, or until it is revoked."""
        self.previous_auth_mode = config.mode
        self.previous_auth_header = config.header
        self.previous_token_prefix = config.prefix
        self.previous_ends_at = ends_at

    def end_previous_auth(self) -> None:
        self.keep_previous_auth(AuthConfig(mode=""), None)

    def get_auth_headers(self) -> list[str]:
        """Return the headers, of which one brings the proof, each with what stands before a token in it."""
        config = self.auth
        if config.mode != SIGNATURE:
            prefix = config.prefix or ("Bearer" if config.mode == DYNAMIC_TOKEN else "")
            return [f"{config.token_header}: {prefix}".rstrip(": ")]
        headers = [signature.header for signature in self.get_provider().signatures]
        return [config.header] if config.header else list(dict.fromkeys(headers))

    def get_client_id(self) -> str:
        """The client id that its token endpoint asks for; "" where it asks for the secret alone."""
        needs_one = self.credentials_in in (self.Place.OAUTH, self.Place.BASIC)
        return self.client_id or (self.slug if needs_one else "")

    def get_provider(self):
        return providers.registry()[self.provider]

    def get_url(self):
        """The URL to hand to the provider."""
        return settings.BASE_URL + self.get_webhook_path()

    def get_token_path(self):
        return reverse("webhooks:token", args=[self.slug])

    def get_token_url(self):
        """Where the provider gets its tokens; InstaLeap calls it RenewURL."""
        return settings.BASE_URL + self.get_token_path()
