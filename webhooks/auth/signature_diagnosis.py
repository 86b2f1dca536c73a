"""The likely cause why a request's signature was rejected."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from console.formatting.durations import format_duration
from webhooks.messages import TranslatableMessage
from webhooks.models import Secret
from webhooks.payloads import javascript, parsing
from webhooks.providers.signatures import Signature
from webhooks.rejections.known_secrets import KnownSecrets

if TYPE_CHECKING:
    from webhooks.auth.live_sources import LiveSource
    from webhooks.auth_modes import AuthConfig
    from webhooks.receiving.inbound import InboundRequest

_CLOCK_DIFFERENCE = 60  # seconds that clocks may differ in addition to a time zone
_HALF_HOUR = 1800
_MAX_TIME_ZONE = 14 * 3600  # seconds
_SPELLINGS_TRIED_WITH = 3  # of the source's own secrets
_VARIANTS_TRIED_WITH = 20  # secrets


def diagnose_signature(
    inbound: "InboundRequest", source: "LiveSource", config: "AuthConfig", secrets: KnownSecrets
) -> TranslatableMessage:
    """Return why no signature of the request was accepted, or the empty message where that is not known."""
    checks = (_valid_for_another_type, _other_secret_or_form, _in_another_header)
    return next(
        (message for check in checks if (message := check(inbound, source, config, secrets))), TranslatableMessage()
    )


def diagnose_time(inbound: "InboundRequest", source: "LiveSource", config: "AuthConfig") -> TranslatableMessage:
    """Return why the time of a matching signature is too far from now."""
    for signature in source.provider.signatures:
        value = inbound.headers.get(signature.header_name(config.header))
        parts = signature.parts(value) if value is not None else None
        given = parts.get("timestamp") if parts else None
        time = given and parsing.timestamp(given)
        if not time:
            continue
        away = (time - timezone.now()).total_seconds()
        nearest = round(away / _HALF_HOUR) * _HALF_HOUR
        if nearest and abs(nearest) <= _MAX_TIME_ZONE and abs(away - nearest) <= _CLOCK_DIFFERENCE:
            return TranslatableMessage(
                N_(
                    "The signature matches, but its time is {duration} off, as when one of the clocks takes local time"
                    " for UTC. Correct that clock."
                ),
                duration=_duration(abs(nearest)),
            )
        if away > 0:
            return TranslatableMessage(
                N_(
                    "The signature matches, but its time is {duration} ahead. Correct the provider's clock or this"
                    " server's."
                ),
                duration=_duration(away),
            )
        return TranslatableMessage(
            N_(
                "The signature matches, but it was made {duration} ago. Either the request was delayed on its way, or"
                " somebody is sending an old one again."
            ),
            duration=_duration(-away),
        )
    return TranslatableMessage()


def _valid_for_another_type(
    inbound: "InboundRequest", source: "LiveSource", config: "AuthConfig", secrets: KnownSecrets
) -> TranslatableMessage:
    for signature in source.provider.signatures:
        header = signature.header_name(config.header)
        value = inbound.headers.get(header, "")
        live = [(s, text) for s, text in secrets.of_provider() if s.source_id == secrets.source_id and s.is_live()]
        if any(_match(one, value, live, inbound.body, inbound.parsed) for one in source.provider.signatures):
            return TranslatableMessage(
                N_(
                    "The signature in {header} matches, but it is not valid for this type of event: it covers"
                    " {content}. If the provider sent this, ask it which signature belongs to this event; otherwise"
                    " somebody may be trying to pass one event off as another."
                ),
                header=header,
                content=TranslatableMessage(signature.signed_content),
            )
    return TranslatableMessage()


def _in_another_header(
    inbound: "InboundRequest", source: "LiveSource", config: "AuthConfig", secrets: KnownSecrets
) -> TranslatableMessage:
    expected = sorted({signature.header_name(config.header) for signature in source.provider.signatures})
    for name, value in inbound.headers.items():
        if name.lower() in {header.lower() for header in expected} or not any(
            _has_form(signature, value) for signature in source.provider.signatures
        ):
            continue
        secret = _signed_with(inbound, source, secrets, value)
        return TranslatableMessage(
            N_(
                "The signature arrived in the header {name}, not in {expected}. {match} If the provider sends it there,"
                " set this source's header to {name}; if a proxy renames headers, fix the proxy."
            ),
            name=name,
            expected=" / ".join(expected),
            match=TranslatableMessage(N_("It was made with {secret}."), secret=secrets.describe(secret))
            if secret
            else TranslatableMessage(N_("It matches none of the known secrets.")),
        )
    return TranslatableMessage()


def _other_secret_or_form(
    inbound: "InboundRequest", source: "LiveSource", config: "AuthConfig", secrets: KnownSecrets
) -> TranslatableMessage:
    """A signature in the right header: of another secret or another text, or not in the provider's form."""
    for signature in source.provider.signatures:
        value = inbound.headers.get(signature.header_name(config.header))
        if value is None:
            continue
        if secret := _signed_with(inbound, source, secrets, value):
            return TranslatableMessage(
                N_(
                    "It was made with {secret}. Mixed-up environments, or an old secret? Give the provider this"
                    " source's secret, or add that one here."
                ),
                secret=secrets.describe(secret),
            )
        message = (
            _not_in_form(signature, value)
            or _of_rewritten_body(inbound, secrets, signature, value)
            or _of_padded_secret(inbound, secrets, signature, value)
        )
        if message:
            return message
    return TranslatableMessage()


def _signed_with(inbound: "InboundRequest", source: "LiveSource", secrets: KnownSecrets, value: str) -> Secret | None:
    for signature in source.provider.signatures:
        if secret := _match(signature, value, secrets.of_provider(), inbound.body, inbound.parsed):
            return secret
    return None


def _match[Owner](
    signature: Signature, value: str, secrets: Sequence[tuple[Owner, str]], body: bytes, parsed: parsing.Parsed
) -> Owner | None:
    parts = signature.parts(value)
    try:
        return signature.match(parts, secrets, body, parsed) if parts else None
    except (parsing.MissingFieldError, parsing.NotJSONError):
        return None


def _digits(signature: Signature) -> int:
    return hashlib.new(signature.algorithm).digest_size * 2


def _has_form(signature: Signature, value: str) -> bool:
    parts = signature.parts(value)
    return parts is not None and len(parts["hex"]) == _digits(signature)


def _not_in_form(signature: Signature, value: str) -> TranslatableMessage:
    digits, name = _digits(signature), signature.algorithm.upper().replace("SHA", "SHA-")
    if _has_form(signature, value):
        return TranslatableMessage()
    bare = value.strip().rpartition("=")[2] if "=" in value.strip().rstrip("=") else value.strip()
    if len(bare) == digits and set(bare.lower()) <= set("0123456789abcdef"):
        return TranslatableMessage(
            N_("The header holds more than the signature; this provider's form is {form}."), form=signature.value
        )
    if _base64_length(value) == digits // 2:
        return TranslatableMessage(
            N_("The signature is in Base64; this provider's is hexadecimal, {digits} digits."), digits=digits
        )
    if parts := signature.parts(value):
        return TranslatableMessage(
            N_("The signature has {count} hexadecimal digits; {algorithm} has {digits}. Another algorithm?"),
            count=len(parts["hex"]),
            algorithm=name,
            digits=digits,
        )
    return TranslatableMessage(
        N_("The header holds no signature of the form {form}, {digits} hexadecimal digits."),
        form=signature.value,
        digits=digits,
    )


def _base64_length(value: str) -> int:
    try:
        return len(base64.b64decode(value.strip().replace("-", "+").replace("_", "/"), validate=True))
    except (binascii.Error, ValueError):
        return 0


def _of_rewritten_body(
    inbound: "InboundRequest", secrets: KnownSecrets, signature: Signature, value: str
) -> TranslatableMessage:
    """The same JSON in other bytes."""
    if signature.of_fields or inbound.parsed.problem:
        return TranslatableMessage()
    own = [pair for pair in secrets.of_provider() if pair[0].source_id == secrets.source_id]
    for difference, body in _spellings(inbound.body):
        if _match(signature, value, own[:_SPELLINGS_TRIED_WITH], body, inbound.parsed):
            return TranslatableMessage(
                N_(
                    "The signature matches the same JSON {difference}: something between the provider and this server"
                    " (a proxy, a gateway, a function) parses the body and writes it again. Have it pass the bytes on"
                    " unchanged."
                ),
                difference=TranslatableMessage(difference),
            )
    return TranslatableMessage()


def _spellings(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield N_("without spaces and line ends around it"), body.strip()
    yield N_("with a line end after it"), body.rstrip() + b"\n"
    yield N_("with other line ends"), body.replace(b"\r\n", b"\n")
    yield N_("with other line ends"), body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        yield N_("as JavaScript writes it"), javascript.stringify(body)
        value = json.loads(body)
        for ascii_only in (False, True):
            for difference, (indent, separators, sort_keys) in _PYTHON_SPELLINGS.items():
                text = json.dumps(
                    value, ensure_ascii=ascii_only, indent=indent, separators=separators, sort_keys=sort_keys
                )
                yield difference, text.encode(errors="backslashreplace")
    except (ValueError, RecursionError):
        return


# The arguments `indent`, `separators` and `sort_keys` of json.dumps.
_PYTHON_SPELLINGS: dict[str, tuple[int | None, tuple[str, str] | None, bool]] = {
    N_("without spaces"): (None, (",", ":"), False),
    N_("with a space after each comma and colon"): (None, None, False),
    N_("indented by two"): (2, None, False),
    N_("indented by four"): (4, None, False),
    N_("with sorted keys, without spaces"): (None, (",", ":"), True),
    N_("with sorted keys"): (None, None, True),
}


def _of_padded_secret(
    inbound: "InboundRequest", secrets: KnownSecrets, signature: Signature, value: str
) -> TranslatableMessage:
    for secret, text in secrets.of_provider()[:_VARIANTS_TRIED_WITH]:
        variants = [(secret, v) for v in (f"{text}\n", f"{text}\r\n", f"{text} ", f" {text}", f'"{text}"')]
        if _match(signature, value, variants, inbound.body, inbound.parsed):
            return TranslatableMessage(
                N_(
                    "It was made with {secret}, but with a space, a line end or quotes around it: enter the secret"
                    " again at the provider, without them."
                ),
                secret=secrets.describe(secret),
            )
    return TranslatableMessage()


def _duration(seconds: float) -> str:
    return format_duration(timedelta(seconds=seconds), "min")
