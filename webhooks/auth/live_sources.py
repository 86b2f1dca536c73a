"""Sources as the receiver needs them, kept in the process for at most a second."""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from cachetools import TTLCache, cached
from django.utils import timezone

from webhooks import networks
from webhooks.models import Secret, Source
from webhooks.models.source import AuthConfig
from webhooks.providers.base import Provider

# So long may a revoked secret go on working, in seconds.
CACHE_SECONDS = 1
_cache = TTLCache(maxsize=1000, ttl=CACHE_SECONDS)  # unknown slugs too, and bounded, as anybody can ask for any


@dataclass(frozen=True)
class LiveSecret:
    id: int
    mode: str  # the authentication that it is for
    value: str | None = field(repr=False)  # None where it cannot be decrypted
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
        now = timezone.now()
        return [
            secret
            for secret in self.secrets
            if secret.mode == mode and (secret.ends_at is None or secret.ends_at > now)
        ]

    def live_auth_configs(self) -> list[AuthConfig]:
        return [config for config in self.auth_configs if config.is_live()]


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
        networks=networks.parse(source.allowed_networks),
        secrets=tuple(map(_live, source.secrets.live())),
    )


def clear_cache() -> None:
    """Empty this process's cache."""
    _cache.clear()


def _live(secret: Secret) -> LiveSecret:
    ends_at = secret.retires_at if secret.state == Secret.State.RETIRING else None
    return LiveSecret(id=secret.id, mode=secret.auth_mode, value=secret.readable_value, ends_at=ends_at)
