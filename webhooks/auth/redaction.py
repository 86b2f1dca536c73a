"""What is kept of a request's headers: nothing that opens something, but enough to tell whether it would."""

import re
from collections.abc import Mapping
from functools import lru_cache

from webhooks.auth.live_sources import LiveSource
from webhooks.fingerprints import fingerprint
from webhooks.payloads import parsing
from webhooks.providers.base import Signature

_SECRET = re.compile(r"auth|cookie|signature|token|secret|key|passw|credential|hmac|digest", re.IGNORECASE)
_HARMLESS = re.compile(
    r"host|user-agent|content-(type|length|encoding)|accept(-[a-z]+)?|transfer-encoding|connection|date|via|forwarded"
    r"|x-forwarded-[a-z]+|x-real-ip|origin|referer|traceparent|x-request-id|cf-(connecting-ip|ipcountry|ray)",
    re.IGNORECASE,
)
_MOST_HEADERS = 60
_LONGEST_HEADER = 500  # characters
_REMOVED = "[removed {}]"


@lru_cache(maxsize=1000)
def _sounds_secret(name):
    return bool(_SECRET.search(name))


def as_sent(text: str) -> bytes:
    """Return the bytes of a header, which WSGI hands over as ISO 8859-1."""
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def redacted(headers: Mapping[str, str], source: LiveSource | None, *, strict: bool = False) -> dict[str, str]:
    """Return the headers to keep, bounded, with the fingerprint of whatever may open something in its place.

    `strict`: keep only what is known to be harmless, as when a secret may have come under any name.
    """
    signatures = source.provider.signatures if source else ()
    proofs = {config.token_header.lower() for config in source.auth_configs} if source else set()
    secrets = [secret.value.encode() for secret in source.secrets if secret.value] if source else []

    def is_kept(name, value):
        if strict:
            return _HARMLESS.fullmatch(name)
        return not (
            _sounds_secret(name) or name.lower() in proofs or any(secret in as_sent(value) for secret in secrets)
        )

    return {
        parsing.bounded(name, 100): parsing.bounded(
            value if is_kept(name, value) else without_proof(value, signatures), _LONGEST_HEADER
        )
        for name, value in list(headers.items())[:_MOST_HEADERS]
    }


def without_proof(value: str, signatures: tuple[Signature, ...] = ()) -> str:
    """Return what is kept of a proof: its fingerprint and, of a signature, what else stands beside it."""
    for signature in signatures:
        if parts := signature.parts(value):
            removed = _REMOVED.format(fingerprint(parts["hex"].lower()))
            return signature.value.format_map({**parts, "hex": removed})
    return _REMOVED.format(fingerprint(as_sent(value.strip())))
