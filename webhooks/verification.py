"""Prove where a request came from, or raise why not."""

from collections.abc import Mapping
from dataclasses import dataclass

from webhooks.exceptions import NoProof, Unavailable, WrongProof
from webhooks.provider import SIGNATURE
from webhooks.sources import LiveSource


@dataclass(frozen=True)
class Proof:
    mode: str
    covers: str  # in words
    secret_id: int


def verify(source: LiveSource, headers: Mapping[str, str], body: bytes, payload) -> Proof:
    """Return what proves that `source` sent this.

    Raises NoProof, WrongProof, NoEnvelope, or Unavailable where a secret that might fit cannot be decrypted.
    """
    return _VERIFIERS[source.auth_mode](source, headers, body, payload)


def _verify_signature(source, headers, body, payload):
    given = [
        (signature, headers[signature.header])
        for signature in source.provider.signatures
        if signature.header in headers
    ]
    if not given:
        names = " or ".join(signature.header for signature in source.provider.signatures)
        raise NoProof(f"The header {names} is missing; this source takes signed requests only.")
    secrets = source.live_secrets()
    for signature, value in given:
        for message in signature.messages(body, payload):
            for secret in secrets:
                if secret.value and signature.fits(value, secret.value, message):
                    return Proof(mode=SIGNATURE, covers=signature.covers, secret_id=secret.id)
    if any(secret.value is None for secret in secrets):
        # It may be the very one that would fit, so the provider is asked to send the event again.
        raise Unavailable(f"A secret of the source {source.slug} cannot be decrypted here; please send this again.")
    raise WrongProof


_VERIFIERS = {SIGNATURE: _verify_signature}
