"""Prove where a request came from, or raise why not."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from webhooks import payloads
from webhooks.exceptions import NoEnvelope, NoProof, NotJSON, StaleProof, Unavailable, WrongNetwork, WrongProof
from webhooks.models import Source
from webhooks.networks import Address
from webhooks.provider import SIGNATURE, STATIC_TOKEN, TOKEN_HEADER
from webhooks.sources import LiveSource


@dataclass(frozen=True)
class Proof:
    mode: str
    covers: str  # in words
    secret_id: int


def verify_network(source: LiveSource, address: Address | None) -> None:
    """Raise WrongNetwork where the source takes requests from certain networks only, and this address is in none."""
    if source.networks and not (address and any(address in network for network in source.networks)):
        raise WrongNetwork(
            f"This source takes requests from its allowed networks only; this one came from {address or 'no address'}."
        )


def verify(source: LiveSource, headers: Mapping[str, str], body: bytes, parsed: payloads.Parsed) -> Proof:
    """Return what proves that `source` sent this.

    Raises NoProof, WrongProof, StaleProof, NotJSON or NoEnvelope where the proof is made of the payload's fields, or
    Unavailable where a secret that might fit cannot be decrypted.
    """
    return _VERIFIERS[source.auth_mode](source, headers, body, parsed)


def _verify_signature(source, headers, body, parsed):
    signatures = source.provider.signatures_for(parsed.payload)
    if parsed.problem and all(signature.of_fields for signature in signatures):
        raise NotJSON(parsed.problem)
    given = [
        (signature, headers[name])
        for signature in signatures
        if (name := source.proof_header or signature.header) in headers
    ]
    if not given:
        names = " or ".join(dict.fromkeys(source.proof_header or signature.header for signature in signatures))
        raise NoProof(f"The header {names} is missing; this source takes signed requests only.")
    secrets = source.live_secrets()
    no_envelope = None
    for signature, value in given:
        parts = signature.parts(value)
        if parts is None:
            continue
        try:
            for message in signature.messages(body, parsed.payload, parts):
                for secret in secrets:
                    if secret.value and signature.fits(parts, secret.value, message):
                        _check_timestamp(source, parts)
                        return Proof(mode=SIGNATURE, covers=signature.covers, secret_id=secret.id)
        except NoEnvelope as refusal:
            no_envelope = refusal
    if no_envelope:
        raise no_envelope
    _raise_undecryptable(source, secrets)
    raise WrongProof


def _check_timestamp(source, parts):
    if "timestamp" not in parts:
        return
    time = payloads.epoch(parts["timestamp"]) or payloads.moment(parts["timestamp"])
    if time is None:
        raise StaleProof("The signature's timestamp is no time: seconds or milliseconds since 1970, or ISO 8601.")
    away = abs((timezone.now() - time).total_seconds())
    if away > source.signature_tolerance:
        raise StaleProof(
            f"The signature's timestamp is {away:.0f} seconds away from this server's clock;"
            f" this source tolerates {source.signature_tolerance}."
        )


def _verify_static_token(source, headers, body, parsed):
    name = source.proof_header or TOKEN_HEADER
    if name not in headers:
        raise NoProof(f"The header {name} is missing; this source takes requests with its token only.")
    scheme, token = source.token_prefix.strip(), headers[name].strip()
    if scheme:
        # A scheme is compared without regard to case (RFC 9110, section 11.1).
        given, _, token = token.partition(" ")
        if given.lower() != scheme.lower():
            raise WrongProof(f"The header {name} does not begin with {scheme} and a space.")
    secrets = source.live_secrets()
    for secret in secrets:
        if secret.value and hmac.compare_digest(secret.value.encode(), _as_sent(token.strip())):
            return Proof(mode=STATIC_TOKEN, covers="nothing of the request but its sender", secret_id=secret.id)
    _raise_undecryptable(source, secrets)
    raise WrongProof("The token is none of this source's.")


def _as_sent(text: str) -> bytes:
    """Return the bytes of a header, which WSGI hands over as ISO 8859-1."""
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError:
        return text.encode()


def _raise_undecryptable(source, secrets):
    """Raise Unavailable where one cannot be decrypted: it may be the one that fits, so the event shall come again."""
    if any(secret.value is None for secret in secrets):
        raise Unavailable(f"A secret of the source {source.slug} cannot be decrypted here; please send this again.")


_VERIFIERS = {SIGNATURE: _verify_signature, STATIC_TOKEN: _verify_static_token}


def proof_headers(source: Source, secret: str, body: bytes) -> dict[str, str]:
    """Return the header with which the source's provider would send `body` now."""
    if source.auth_mode == STATIC_TOKEN:
        return {source.proof_header or TOKEN_HEADER: f"{source.token_prefix.strip()} {secret}".strip()}
    headers = source.get_provider().sign(secret, body)
    return {source.proof_header or name: value for name, value in headers.items()}
