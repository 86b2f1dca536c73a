"""Sources: the URLs that providers post to, and how their requests authenticate."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from webhooks import auth_modes, deep_links, networks, providers
from webhooks.auth_modes import DEFAULT_AUTH_MODE, AuthConfig, AuthMode
from webhooks.models.token_endpoint import TokenEndpoint, header_name
from webhooks.providers.base import Provider


class Source(TokenEndpoint):
    """A URL that a provider posts to, and how its requests authenticate."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused: events are stored and wait")
        DISABLED = "disabled", _("Disabled: requests are rejected")

    class Environment(models.TextChoices):
        PRODUCTION = "production", _("Production")
        SANDBOX = "sandbox", _("Sandbox")

    objects: "models.Manager[Source]" = models.Manager()

    name = models.CharField(
        _("name"), max_length=100, help_text=_("Its name within your team, for example “InstaLeap Mexico”.")
    )
    slug = models.SlugField(
        _("end of the URL"),
        max_length=50,
        unique=True,
        help_text=_("The provider posts to /webhooks/…/."),
        validators=[RegexValidator(r"^[a-z0-9]", _("Begin with a lowercase letter or a digit."))],
    )
    provider = models.CharField(_("provider"), max_length=50, choices=providers.get_provider_choices)
    environment = models.CharField(_("environment"), max_length=10, choices=Environment, default=Environment.PRODUCTION)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    auth_mode = models.CharField(
        _("authentication"),
        max_length=20,
        choices=auth_modes.get_auth_mode_choices,
        default=DEFAULT_AUTH_MODE,
        help_text=_("How the provider's requests authenticate."),
    )
    auth_header = models.CharField(
        _("header"),
        max_length=100,
        blank=True,
        validators=[header_name],
        help_text=_(
            "The header with the signature or token. Empty: the provider's usual header for its signature,"
            " Authorization for a token."
        ),
    )
    token_prefix = models.CharField(
        _("prefix of the token"),
        max_length=50,
        blank=True,
        help_text=_(
            "The word before the token in its header, such as Bearer. Empty: none; for a dynamic token, Bearer."
        ),
    )
    # The config before the last change, which remains valid until then, so that a change loses no event.
    previous_auth_mode = models.CharField(max_length=20, blank=True, editable=False)
    previous_auth_header = models.CharField(max_length=100, blank=True, editable=False)
    previous_token_prefix = models.CharField(max_length=50, blank=True, editable=False)
    previous_ends_at = models.DateTimeField(null=True, editable=False)
    signature_tolerance = models.PositiveIntegerField(
        _("tolerance in seconds"),
        default=300,
        help_text=_(
            "How far the timestamp of a signature may be from this server's clock; an older signature may be a replay."
        ),
    )
    allowed_networks = models.TextField(
        _("allowed networks"),
        blank=True,
        validators=[networks.validate_networks],
        help_text=_(
            "One address or network per line; requests from elsewhere are rejected. Empty: any address, or, for a new"
            " source, the addresses that its provider publishes."
        ),
    )
    deep_link = models.CharField(
        _("link to your shop"),
        max_length=500,
        blank=True,
        validators=[deep_links.validate_link_template],
        help_text=_(
            "The URL where your shop shows an order, as in https://shop.example/orders/{job_id}. It may contain"
            " {job_id}, {client_reference} and {conversation_id}."
        ),
    )
    keep_bodies_days = models.PositiveSmallIntegerField(
        _("keep bodies for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Days after which the bodies of finished events are deleted, if no further event of the same job or"
            " conversation was received during that time. The jobs and conversations stay. Empty: indefinitely."
        ),
    )
    keep_events_days = models.PositiveSmallIntegerField(
        _("keep events for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Days after which such events are deleted completely. Empty: indefinitely."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
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
            raise ValidationError({"auth_mode": _("{provider} does not offer this.").format(provider=provider.name)})
        self.get_auth_mode().clean(self)

    @property
    def auth(self) -> AuthConfig:
        """The current authentication of its requests."""
        return AuthConfig(self.auth_mode, self.auth_header, self.token_prefix.strip())

    @property
    def previous_auth(self) -> AuthConfig | None:
        """The authentication before the last change, as long as it remains valid; else None."""
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
