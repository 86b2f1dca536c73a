"""Redaction of request headers: credentials are stored as fingerprints only."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from webhooks.auth_modes import get_auth_mode
from webhooks.fingerprints import fingerprint
from webhooks.payloads import parsing
from webhooks.providers.signatures import Signature

if TYPE_CHECKING:
    from webhooks.auth.live_sources import LiveSource

_SECRET = re.compile(r"auth|cookie|signature|token|secret|key|passw|credential|hmac|digest", re.IGNORECASE)
_HARMLESS = re.compile(
    r"host|user-agent|content-(type|length|encoding)|accept(-[a-z]+)?|transfer-encoding|connection|date|via|forwarded"
    r"|x-forwarded-[a-z]+|x-real-ip|origin|referer|traceparent|x-request-id|cf-(connecting-ip|ipcountry|ray)",
    re.IGNORECASE,
)
_MAX_HEADERS = 60
_MAX_LENGTH = 500  # characters of a header
_REMOVED = "[removed {}]"
_REMOVED_PATTERN = re.compile(r"\[removed ([0-9a-f]{12})\]")


@lru_cache(maxsize=1000)
def _sounds_secret(name: str) -> bool:
    return bool(_SECRET.search(name))


def header_bytes(text: str) -> bytes:
    """Return the bytes of a header, which WSGI hands over as ISO 8859-1."""
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def redact_headers(headers: Mapping[str, str], source: "LiveSource | None", *, strict: bool = False) -> dict[str, str]:
    """Return the headers to store, bounded, with fingerprints in place of values that may authenticate a request.

    `strict`: only headers known to be harmless stay readable, as a secret may have come under any name.
    """
    signatures = source.provider.signatures if source else ()
    names = set()
    if source:
        for config in source.auth_configs:
            mode = get_auth_mode(config.mode)
            names |= {name.lower() for name in mode.header_names(source.provider, config)}
    secrets = [secret.value.encode() for secret in source.secrets if secret.value] if source else []

    def is_readable(name: str, value: str) -> bool:
        if strict:
            return _HARMLESS.fullmatch(name) is not None
        return not (
            _sounds_secret(name) or name.lower() in names or any(secret in header_bytes(value) for secret in secrets)
        )

    return {
        parsing.bounded(name, 100): parsing.bounded(
            value if is_readable(name, value) else _redact(value, signatures), _MAX_LENGTH
        )
        for name, value in list(headers.items())[:_MAX_HEADERS]
    }


def _redact(value: str, signatures: Iterable[Signature]) -> str:
    for signature in signatures:
        if redacted := signature.redacted(value, _REMOVED):
            return redacted
    return _REMOVED.format(fingerprint(header_bytes(value.strip())))


def header_fingerprint(value: str) -> str:
    """Return the fingerprint of a stored header, whether it was redacted or not."""
    removed = _REMOVED_PATTERN.search(value)
    return removed[1] if removed else fingerprint(header_bytes(value.strip()))
