"""Access tokens: issued by a source's token endpoint, and found again in the requests that they authenticate."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from cachetools import TTLCache
from django.db.models import Q
from django.utils import timezone

from console.client_address import Address
from webhooks.auth.live_sources import CACHE_SECONDS, LiveSource
from webhooks.models import AccessToken

_RETENTION = timedelta(days=30)  # after its end, for the list in the admin
_USE_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True)
class LiveToken:
    id: int
    secret_id: int
    expires_at: datetime
    last_used_at: datetime | None


# Of live tokens only, so that guesses cannot fill it.
_cache: TTLCache[tuple[int, bytes], LiveToken] = TTLCache(maxsize=1000, ttl=CACHE_SECONDS)
_lock = Lock()


def issue(source_id: int, secret_id: int, lifetime: int, address: Address | None) -> str:
    """Return a new token that is valid for `lifetime` seconds; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    AccessToken.objects.filter(source_id=source_id, expires_at__lt=now - _RETENTION).delete()
    AccessToken.objects.create(
        source_id=source_id,
        secret_id=secret_id,
        token_hash=hashed(token.encode()),
        issued_to=str(address) if address else None,
        expires_at=now + timedelta(seconds=lifetime),
    )
    return token


def hashed(token: bytes) -> bytes:
    """Return the SHA-256 of a token; a slower hash is not needed, as nobody can guess 256 random bits."""
    return hashlib.sha256(token).digest()


def find(source: LiveSource, token: bytes) -> LiveToken | None:
    """Return the token if it is valid for this source, as of at most CACHE_SECONDS ago, or None."""
    key = (source.id, hashed(token))
    with _lock:
        found = _cache.get(key)
    if found is None:
        row = AccessToken.objects.live().filter(source=source.id, token_hash=key[1]).first()
        if row is None:
            return None
        found = LiveToken(row.id, row.secret_id, row.expires_at, row.last_used_at)
        with _lock:
            _cache[key] = found
    return found if found.expires_at > timezone.now() else None


def note_use(token: LiveToken, address: Address | None) -> None:
    """Store when and from where it was last used, once a minute, so that most events need no second statement."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USE_INTERVAL:
        is_due = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_INTERVAL)
        AccessToken.objects.filter(is_due, pk=token.id).update(
            last_used_at=now, last_used_from=str(address) if address else None
        )


def clear_token_cache() -> None:
    """Empty this process's cache."""
    _cache.clear()
