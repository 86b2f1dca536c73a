"""Prove where a request came from, or raise why not."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from console.client_address import Address
from webhooks.auth import access_tokens
from webhooks.auth.live_sources import LiveSource
from webhooks.auth.redaction import as_sent
from webhooks.models.source import AuthConfig
from webhooks.payloads import parsing
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE, STATIC_TOKEN
from webhooks.rejections.reasons import (
    BodyNotJSON,
    ExpiredSignature,
    InvalidCredentials,
    MissingCredentials,
    MissingSignedField,
    NetworkNotAllowed,
    RequestRejected,
    TemporarilyUnavailable,
)

ONLY_ITS_SENDER = "nothing of the request but its sender"


@dataclass(frozen=True)
class Verification:
    mode: str
    signed_content: str  # in words
    secret_id: int
    token: access_tokens.LiveToken | None = None

    @property
    def access_token_id(self) -> int | None:
        return self.token and self.token.id


def verify_network(source: LiveSource, address: Address | None) -> None:
    """Raise NetworkNotAllowed where the source has allowed networks and the address is in none of them."""
    if source.networks and not (address and any(address in network for network in source.networks)):
        raise NetworkNotAllowed(
            f"This source takes requests from its allowed networks only; this one came from {address or 'no address'}."
        )


def verify(source: LiveSource, headers: Mapping[str, str], body: bytes, parsed: parsing.Parsed) -> Verification:
    """Return what proves that `source` sent this, in any of its live ways.

    Raises MissingCredentials, InvalidCredentials or ExpiredSignature; BodyNotJSON or MissingSignedField where the
    signature covers fields of the payload; TemporarilyUnavailable where a secret that might match cannot be decrypted.
    """
    refusals = []
    for config in source.live_auth_configs():
        try:
            return _VERIFIERS[config.mode](source, config, headers, body, parsed)
        except RequestRejected as refusal:
            refusals.append(refusal)
    # What was tried and did not fit says more than what is missing.
    raise min(
        refusals,
        key=lambda refusal: (not isinstance(refusal, TemporarilyUnavailable), isinstance(refusal, MissingCredentials)),
    )


def _verify_signature(source, config, headers, body, parsed):
    signatures = source.provider.signatures_for(parsed.payload)
    if parsed.problem and all(signature.of_fields for signature in signatures):
        raise BodyNotJSON(parsed.problem)
    given = [
        (signature, headers[name]) for signature in signatures if (name := config.header or signature.header) in headers
    ]
    if not given:
        names = " or ".join(dict.fromkeys(config.header or signature.header for signature in signatures))
        raise MissingCredentials(f"The header {names} is missing; this source takes signed requests only.")
    secrets = source.live_secrets(config.mode)
    missing_field = ""
    for signature, value in given:
        parts = signature.parts(value)
        if parts is None:
            continue
        try:
            for message in signature.messages(body, parsed.payload, parts):
                for secret in secrets:
                    if secret.value and signature.fits(parts, secret.value, message):
                        _check_timestamp(source, parts)
                        return Verification(
                            mode=SIGNATURE, signed_content=signature.signed_content, secret_id=secret.id
                        )
        except parsing.MissingFieldError as error:
            missing_field = str(error)
    if missing_field:
        raise MissingSignedField(missing_field)
    _raise_undecryptable(source, secrets)
    raise InvalidCredentials


def _check_timestamp(source, parts):
    if "timestamp" not in parts:
        return
    time = parsing.epoch(parts["timestamp"]) or parsing.moment(parts["timestamp"])
    if time is None:
        raise ExpiredSignature("The signature's timestamp is no time: seconds or milliseconds since 1970, or ISO 8601.")
    away = abs((timezone.now() - time).total_seconds())
    if away > source.signature_tolerance:
        raise ExpiredSignature(
            f"The signature's timestamp is {away:.0f} seconds away from this server's clock;"
            f" this source tolerates {source.signature_tolerance}."
        )


def _verify_static_token(source, config, headers, body, parsed):
    token = _token(source, config, headers)
    secrets = source.live_secrets(config.mode)
    for secret in secrets:
        if secret.value and hmac.compare_digest(secret.value.encode(), token):
            return Verification(mode=STATIC_TOKEN, signed_content=ONLY_ITS_SENDER, secret_id=secret.id)
    _raise_undecryptable(source, secrets)
    raise InvalidCredentials("The token is none of this source's.", challenge(source, config))


def _verify_dynamic_token(source, config, headers, body, parsed):
    token = access_tokens.find(source, _token(source, config, headers))
    if token is None:
        raise InvalidCredentials(
            "The token is unknown, expired or revoked; get a new one from this source's token endpoint.",
            challenge(source, config, error="invalid_token"),
        )
    return Verification(mode=DYNAMIC_TOKEN, signed_content=ONLY_ITS_SENDER, secret_id=token.secret_id, token=token)


def _token(source, config, headers) -> bytes:
    if config.token_header not in headers:
        raise MissingCredentials(
            f"The header {config.token_header} is missing; this source takes requests with its token only.",
            challenge(source, config),
        )
    value = headers[config.token_header].strip()
    given, _, token = value.partition(" ")
    # A scheme is compared without regard to case (RFC 9110, section 11.1).
    if config.prefix:
        if given.lower() != config.prefix.lower():
            raise InvalidCredentials(
                f"The header {config.token_header} does not begin with {config.prefix} and a space.",
                challenge(source, config),
            )
        value = token
    elif config.mode == DYNAMIC_TOKEN and given.lower() == "bearer":
        value = token
    return as_sent(value.strip())


def challenge(source, config: AuthConfig, **parameters: str) -> dict[str, str]:
    """Return the header that a 401 about a token has (RFC 9110, section 11.6.1; RFC 6750, section 3)."""
    scheme = config.prefix if re.fullmatch(r"[A-Za-z0-9._~+/-]+", config.prefix) else "Bearer"
    parameters = {"realm": source.slug, **parameters}
    return {"WWW-Authenticate": f"{scheme} {', '.join(f'{name}="{value}"' for name, value in parameters.items())}"}


def _raise_undecryptable(source, secrets):
    """Raise TemporarilyUnavailable where a secret cannot be decrypted: it may be the matching one, so the provider has
    to send the event again.
    """
    if any(secret.value is None for secret in secrets):
        raise TemporarilyUnavailable(
            f"A secret of the source {source.slug} cannot be decrypted here; please send this again."
        )


_VERIFIERS = {
    SIGNATURE: _verify_signature,
    STATIC_TOKEN: _verify_static_token,
    DYNAMIC_TOKEN: _verify_dynamic_token,
}
