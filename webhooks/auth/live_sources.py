"""The sources, with their live secrets, that requests are verified against; cached in the process for a second."""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from cachetools import TTLCache, cached
from django.utils import timezone

from webhooks import networks
from webhooks.auth_modes import AuthConfig
from webhooks.models import Secret, Source
from webhooks.providers.base import Provider
from webhooks.rejections.reasons import TemporarilyUnavailable

CACHE_SECONDS = 1  # a revoked secret may stay valid for as long


@dataclass(frozen=True)
class LiveSecret:
    id: int
    mode: str  # the slug of the AuthMode that it is for
    value: str | None = field(repr=False)  # None where no key decrypts it
    ends_at: datetime | None


@dataclass(frozen=True)
class LiveSource:
    id: int
    slug: str
    provider_slug: str
    provider: Provider
    state: str
    auth_configs: tuple[AuthConfig, ...]
    signature_tolerance: int  # seconds
    networks: tuple[networks.Network, ...]  # empty: any
    secrets: tuple[LiveSecret, ...]

    def live_secrets(self, mode: str) -> list[LiveSecret]:
        """Return the secrets for this mode that are valid now, among them those that cannot be decrypted."""
        now = timezone.now()
        return [
            secret
            for secret in self.secrets
            if secret.mode == mode and (secret.ends_at is None or secret.ends_at > now)
        ]

    def live_auth_configs(self) -> list[AuthConfig]:
        return [config for config in self.auth_configs if config.is_live()]


# Of unknown slugs too; bounded, as anybody can send requests to any slug.
_cache: TTLCache[Any, LiveSource | None] = TTLCache(maxsize=1000, ttl=CACHE_SECONDS)


@cached(_cache, lock=Lock())
def get(slug: str) -> LiveSource | None:
    """Return the source with this slug as it was at most CACHE_SECONDS ago, or None."""
    try:
        source = Source.objects.get(slug=slug)
    except Source.DoesNotExist:
        return None
    return LiveSource(
        id=source.id,
        slug=source.slug,
        provider_slug=source.provider,
        provider=source.get_provider(),
        state=source.state,
        auth_configs=tuple(source.active_auth_configs()),
        signature_tolerance=source.signature_tolerance,
        networks=networks.parse_networks(source.allowed_networks),
        secrets=tuple(map(_live, source.secrets.live())),
    )


def check_decryptable(source: LiveSource, secrets: list[LiveSecret]) -> None:
    """Raise TemporarilyUnavailable where a secret cannot be decrypted.

    It may be the one that the request was made with, so the provider has to send the request again.
    """
    if any(secret.value is None for secret in secrets):
        raise TemporarilyUnavailable(
            f"A secret of the source {source.slug} cannot be decrypted here; please send this again."
        )


def clear_source_cache() -> None:
    """Empty this process's cache."""
    _cache.clear()


def _live(secret: Secret) -> LiveSecret:
    ends_at = secret.retires_at if secret.state == Secret.State.RETIRING else None
    return LiveSecret(id=secret.id, mode=secret.auth_mode, value=secret.readable_value, ends_at=ends_at)
