"""Sources as the receiver needs them, kept in the process for at most a second."""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from cachetools import TTLCache, cached
from django.utils import timezone

from webhooks import encryption, networks
from webhooks.models import Secret, Source
from webhooks.provider import Provider

# So long may a revoked secret go on working, in seconds.
CACHE_SECONDS = 1
_cache = TTLCache(maxsize=1000, ttl=CACHE_SECONDS)  # unknown slugs too, and bounded, as anybody can ask for any


@dataclass(frozen=True)
class LiveSecret:
    id: int
    value: str | None = field(repr=False)  # None where it cannot be decrypted
    ends_at: datetime | None


@dataclass(frozen=True)
class LiveSource:
    id: int
    slug: str
    provider: Provider
    state: str
    auth_mode: str
    proof_header: str  # "" where it is the provider's own, or for a token Authorization
    token_prefix: str
    signature_tolerance: int  # seconds
    networks: tuple[networks.Network, ...]  # empty: any
    secrets: tuple[LiveSecret, ...]

    def live_secrets(self) -> list[LiveSecret]:
        now = timezone.now()
        return [secret for secret in self.secrets if secret.ends_at is None or secret.ends_at > now]


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
        provider=source.get_provider(),
        state=source.state,
        auth_mode=source.auth_mode,
        proof_header=source.proof_header,
        token_prefix=source.token_prefix,
        signature_tolerance=source.signature_tolerance,
        networks=networks.parse(source.allowed_networks),
        secrets=tuple(map(_live, source.secrets.live())),
    )


def forget() -> None:
    """Empty this process's cache."""
    _cache.clear()


def _live(secret: Secret) -> LiveSecret:
    try:
        value = secret.value
    except encryption.UndecryptableError:
        value = None
    ends_at = secret.retires_at if secret.state == Secret.State.RETIRING else None
    return LiveSecret(id=secret.id, value=value, ends_at=ends_at)
