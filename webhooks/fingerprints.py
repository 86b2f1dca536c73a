"""Fingerprints, which distinguish two secrets or signatures without revealing either."""

import hashlib
import hmac

from django.conf import settings


def fingerprint(value: str | bytes) -> str:
    """Return 12 hexadecimal digits; keyed, so that a reader of the database cannot test guesses against it."""
    value = value.encode(errors="surrogatepass") if isinstance(value, str) else value
    return hmac.new(settings.SECRET_KEY.encode(), value, hashlib.sha256).hexdigest()[:12]
