"""The mode "signature": an HMAC in a header, as the provider declares it (webhooks.providers.signatures)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.auth import signature_diagnosis
from webhooks.auth.live_sources import LiveSource, check_decryptable
from webhooks.auth_modes import (
    AUTH_MODES,
    DEFAULT_AUTH_MODE,
    AuthConfig,
    AuthMode,
    Fact,
    Outcome,
    StoredRequest,
    Verification,
)
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.payloads import parsing
from webhooks.providers.base import Provider
from webhooks.providers.signatures import Parts, Signature
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons import (
    BodyNotJSON,
    ExpiredSignature,
    InvalidCredentials,
    MissingCredentials,
    MissingSignedField,
    RequestRejected,
)

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


@AUTH_MODES.register
class SignatureAuth(AuthMode):
    slug = DEFAULT_AUTH_MODE
    label = gettext_lazy("Signature")
    position = 10
    settings = ("signature_tolerance",)
    unexpected_header = N_(
        "The request has a signature ({header}) and no token: is the provider set up to sign? Then choose that as this"
        " source's authentication."
    )

    def header_names(self, provider: Provider, config: AuthConfig) -> list[str]:
        return list(dict.fromkeys(signature.header_name(config.header) for signature in provider.signatures))

    def verify(self, source: LiveSource, config: AuthConfig, inbound: "InboundRequest") -> Verification:
        parsed = inbound.parsed
        signatures = source.provider.signatures_for(parsed.payload)
        if parsed.problem and all(signature.of_fields for signature in signatures):
            raise BodyNotJSON(parsed.problem)
        given = [
            (signature, inbound.headers[name])
            for signature in signatures
            if (name := signature.header_name(config.header)) in inbound.headers
        ]
        if not given:
            names = " or ".join(dict.fromkeys(signature.header_name(config.header) for signature in signatures))
            raise MissingCredentials(f"The header {names} is missing; this source takes signed requests only.")
        secrets = source.live_secrets(config.mode)
        pairs = [(secret, secret.value) for secret in secrets if secret.value]
        missing_field = ""
        for signature, value in given:
            parts = signature.parts(value)
            if parts is None:
                continue
            try:
                secret = signature.match(parts, pairs, inbound.body, parsed)
            except parsing.MissingFieldError as error:
                missing_field = str(error)
                continue
            if secret:
                _check_timestamp(parts, source.signature_tolerance)
                return Verification(mode=self.slug, signed_content=signature.signed_content, secret_id=secret.id)
        if missing_field:
            raise MissingSignedField(missing_field)
        check_decryptable(source, secrets)
        raise InvalidCredentials

    def sign(self, source: Source, credential: str, body: bytes) -> dict[str, str]:
        signed = source.get_provider().sign(credential, body)
        return {source.auth.header or name: value for name, value in signed.items()}

    def handover(self, source: Source) -> Iterator[Fact]:
        yield Fact(_("Header of the signature"), " / ".join(self.header_names(source.get_provider(), source.auth)))
        yield Fact(_("Secret"), _("the one that both sides have; it is never sent"), is_code=False)

    def requirements(self, source: Source, config: AuthConfig) -> Iterator[str]:
        signatures = source.get_provider().signatures
        yield from dict.fromkeys(_requirement(config, signature) for signature in signatures)

    def diagnose(
        self,
        source: LiveSource,
        config: AuthConfig,
        inbound: "InboundRequest",
        reason: RequestRejected,
        secrets: KnownSecrets,
    ) -> TranslatableMessage:
        if isinstance(reason, ExpiredSignature):
            return signature_diagnosis.diagnose_time(inbound, source, config)
        return signature_diagnosis.diagnose_signature(inbound, source, config, secrets)

    def would_pass(self, source: Source, secrets: Sequence[str], stored: StoredRequest) -> Outcome:
        parsed = parsing.Parsed.of(stored.body)
        signatures = source.get_provider().signatures_for(parsed.payload)
        given = [
            (signature, value)
            for signature in signatures
            if (value := stored.headers.get(signature.header_name(source.auth.header).lower())) is not None
        ]
        if given and not stored.is_whole:
            return Outcome.UNKNOWN
        return Outcome.of(
            any(_matched(source, signature, value, secrets, stored, parsed) for signature, value in given)
        )

    def find_signature(self, provider: Provider, signed_content: str) -> Signature | None:
        return next((one for one in provider.signatures if one.signed_content == signed_content), None)

    def clean(self, source: Source) -> None:
        provider = source.get_provider()
        headers = sorted({signature.header for signature in provider.signatures})
        if source.auth_header and len(headers) > 1:
            raise ValidationError(
                {
                    "auth_header": _("{provider} signs in more than one header ({headers}).").format(
                        provider=provider.name, headers=", ".join(headers)
                    )
                }
            )


def _check_timestamp(parts: Parts, tolerance: int) -> None:
    if "timestamp" not in parts:
        return
    time = parsing.timestamp(parts["timestamp"])
    if time is None:
        raise ExpiredSignature("The signature's timestamp is no time: seconds or milliseconds since 1970, or ISO 8601.")
    away = abs((timezone.now() - time).total_seconds())
    if away > tolerance:
        raise ExpiredSignature(
            f"The signature's timestamp is {away:.0f} seconds away from this server's clock;"
            f" this source tolerates {tolerance}."
        )


def _matched(
    source: Source,
    signature: Signature,
    value: str,
    secrets: Sequence[str],
    stored: StoredRequest,
    parsed: parsing.Parsed,
) -> bool:
    """Return whether a stored signature matches one of the secrets and was in time when it was received."""
    parts = signature.redacted_parts(value)
    if parts is None or not _was_in_time(parts, stored.received_at, source.signature_tolerance):
        return False
    try:
        return signature.match(parts, [(secret, secret) for secret in secrets], stored.body, parsed) is not None
    except (parsing.MissingFieldError, parsing.NotJSONError):
        return False


def _was_in_time(parts: Parts, received_at: datetime, tolerance: int) -> bool:
    if "timestamp" not in parts:
        return True
    time = parsing.timestamp(parts["timestamp"])
    return time is not None and abs(received_at - time) <= timedelta(seconds=tolerance)


def _requirement(config: AuthConfig, signature: Signature) -> str:
    if signature.signed_fields:
        content = _("{fields}, each as written in the payload or, a timestamp, in the header").format(
            fields="&".join(signature.signed_fields)
        )
    else:
        content = _(signature.signed_content)
    return _("{header}: {value}, where {digest} is the HMAC-{algorithm}, in hexadecimal, of {content}.").format(
        header=signature.header_name(config.header),
        value=signature.value,
        digest="{hex}",
        algorithm=signature.algorithm.upper(),
        content=content,
    )
