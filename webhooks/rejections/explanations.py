"""Why a request was refused, in words for the integration admin: the likely cause, and what to do about it.

What was refused is compared with what we hold; what the right proof would have been is never told.
"""

import base64
import binascii
import difflib
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from console.client_address import parse_address
from console.formatting.datetimes import day_and_time
from webhooks.auth import access_tokens
from webhooks.auth.redaction import as_sent
from webhooks.exceptions import MissingSignedField, RequestRejected
from webhooks.models import AccessToken, Rejection, Secret, Source
from webhooks.payloads import javascript, parsing
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE, Signature

if TYPE_CHECKING:
    from webhooks.receiving.inbound import Attempt

_MOST_SECRETS = 200
_MOST_BYTES = 4 * 1024 * 1024  # that are hashed to explain one request
_CLOCKS = 60  # seconds that clocks may differ beside a time zone
_HALF_HOUR = 1800


def explain(attempt: "Attempt", refusal: RequestRejected) -> tuple[str, list[bytes]]:
    """Return the likely cause, or "" where the answer says it all, and every secret that could be compared."""
    secrets = _Secrets(attempt)
    of_code = _TOKEN_CAUSES if attempt.door == Rejection.Door.TOKEN else _EVENT_CAUSES
    causes = of_code.get(refusal.code, ())
    found = next((text for cause in causes if (text := cause(attempt, refusal, secrets))), "")
    return found, [value.encode() for _, value in secrets if len(value) >= 8]


class _Secrets:
    """Every secret that the request may have been made with, the source's own first: (Secret, its value)."""

    def __init__(self, attempt):
        self.source_id = attempt.source and attempt.source.id
        latest = Secret.objects.select_related("source").order_by("-id")
        own, others = latest.filter(source=self.source_id), latest.exclude(source=self.source_id)
        secrets = [*own[:_MOST_SECRETS], *others[:_MOST_SECRETS]]
        self._values = [(secret, value) for secret in secrets if (value := secret.readable_value)]

    def __iter__(self) -> Iterator[tuple[Secret, str]]:
        return iter(self._values)

    def name(self, secret: Secret) -> str:
        """Say whose it is and why it does not open this source."""
        if secret.source_id != self.source_id:
            source = secret.source
            return (
                f"the secret {secret.fingerprint} of another source, “{source.name}”"
                f" ({source.get_environment_display().lower()}, {source.slug})"
            )
        if secret.state == Secret.State.REVOKED:
            return f"this source's secret {secret.fingerprint}, which was revoked"
        if not secret.is_live():
            return (
                f"this source's secret {secret.fingerprint}, which was to go on until {day_and_time(secret.retires_at)}"
            )
        return f"this source's secret {secret.fingerprint}"


# Events


def _modes(attempt):
    return {way.mode for way in attempt.source.ways}


def _other_kind(attempt, refusal, secrets):
    """A signature that fits, and may not prove this kind of event."""
    for way in attempt.source.ways:
        for signature in attempt.source.provider.signatures if way.mode == SIGNATURE else ():
            header = way.header or signature.header
            fitting = _signed_with(attempt, secrets, attempt.headers.get(header, ""))
            if any(secret.source_id == secrets.source_id and secret.is_live() for secret in fitting):
                return (
                    f"The signature in {header} fits, but it may not prove this kind of event: it covers"
                    f" {signature.covers}. If the provider sent this, ask it which signature belongs to this event;"
                    " otherwise somebody tries to pass one event off as another."
                )
    return ""


def _other_header(attempt, refusal, secrets):
    """A proof that came, under a name where nobody looks for it."""
    for name, value in attempt.headers.items():
        for way in attempt.source.ways:
            if way.mode == SIGNATURE:
                names = {way.header or signature.header for signature in attempt.source.provider.signatures}
                expected = " or ".join(sorted(names))
                if name.lower() not in {name.lower() for name in names} and any(
                    _has_form(signature, value) for signature in attempt.source.provider.signatures
                ):
                    fits = next(_signed_with(attempt, secrets, value), None)
                    certainty = f"It was made with {secrets.name(fits)}" if fits else "It fits none of our secrets"
                    return (
                        f"What looks like the signature came in the header {name}, not in {expected}. {certainty}. If"
                        f" the provider sends it there, write {name} as this source's header; if a proxy renames"
                        " headers, mend the proxy."
                    )
            elif name.lower() != way.token_header.lower() and (secret := _token_in(value, secrets, attempt)):
                return (
                    f"The token came in the header {name}, not in {way.token_header}: it is {secret}. Write {name} as"
                    f" this source's header, or have the provider send it in {way.token_header}."
                )
    return ""


def _nothing(attempt, refusal, secrets):
    if SIGNATURE in _modes(attempt) and "Authorization" in attempt.headers:
        return (
            "The request brings an Authorization header and no signature: is the provider set up to send a token? Then"
            " choose that as this source's authentication."
        )
    if SIGNATURE not in _modes(attempt):
        for signature in attempt.source.provider.signatures:
            if signature.header in attempt.headers:
                return (
                    f"The request brings a signature ({signature.header}) and no token: is the provider set up to sign?"
                    " Then choose that as this source's authentication."
                )
    return (
        "Nothing in the request looks like a proof. Either no secret is set up at the provider, a proxy drops the"
        " header, or somebody else sent this."
    )


def _signed_otherwise(attempt, refusal, secrets):
    """A signature in the right header, made with another secret, of another text, or spelled in another way."""
    provider = attempt.source.provider
    for way in attempt.source.ways:
        for signature in provider.signatures if way.mode == SIGNATURE else ():
            value = attempt.headers.get(way.header or signature.header)
            if value is None:
                continue
            if secret := next(_signed_with(attempt, secrets, value), None):
                return (
                    f"It was made with {secrets.name(secret)}. Mixed-up environments, or an old secret? Give the"
                    " provider this source's secret, or add that one here."
                )
            if text := _spelled_otherwise(signature, value):
                return text
            if (text := _rewritten(attempt, secrets, signature, value)) or (
                text := _secret_with_blanks(attempt, secrets, signature, value)
            ):
                return text
    return ""


def _signed_with(attempt, secrets, value) -> Iterator[Secret]:
    for signature in attempt.source.provider.signatures:
        for secret, text in _affordable(attempt, secrets):
            if _fits(signature, value, text, attempt.body, attempt.parsed):
                yield secret


def _affordable(attempt, secrets):
    most = max(5, _MOST_BYTES // (len(attempt.body) + 1))
    return [(secret, text) for secret, text in secrets if secret.source.provider == attempt.source.provider_slug][:most]


def _fits(signature: Signature, value: str, secret: str, body: bytes, parsed: parsing.Parsed) -> bool:
    parts = signature.parts(value)
    if parts is None or (signature.of_fields and parsed.problem):
        return False
    try:
        return any(signature.fits(parts, secret, text) for text in signature.messages(body, parsed.payload, parts))
    except (MissingSignedField, parsing.NotJSONError):
        return False


def _digits(signature):
    return hashlib.new(signature.algorithm).digest_size * 2


def _has_form(signature, value):
    parts = signature.parts(value)
    return parts is not None and len(parts["hex"]) == _digits(signature)


def _spelled_otherwise(signature, value):
    digits, name = _digits(signature), signature.algorithm.upper().replace("SHA", "SHA-")
    if _has_form(signature, value):
        return ""
    bare = value.strip().rpartition("=")[2] if "=" in value.strip().rstrip("=") else value.strip()
    if len(bare) == digits and set(bare.lower()) <= set("0123456789abcdef"):
        return f"The signature does not stand bare in its header; this provider's is written {signature.value}."
    if _base64_length(value) == digits // 2:
        return f"The signature is in Base64; this provider's is hexadecimal, {digits} digits."
    if parts := signature.parts(value):
        return f"The signature has {len(parts['hex'])} hexadecimal digits; {name} has {digits}. Another algorithm?"
    return f"The header holds no signature of the form {signature.value}, {digits} hexadecimal digits."


def _base64_length(value):
    try:
        return len(base64.b64decode(value.strip().replace("-", "+").replace("_", "/"), validate=True))
    except (binascii.Error, ValueError):
        return 0


def _rewritten(attempt, secrets, signature, value):
    """Whether the signature is of the same JSON in other bytes."""
    if signature.of_fields or attempt.parsed.problem:
        return ""
    own = [(secret, text) for secret, text in _affordable(attempt, secrets) if secret.source_id == secrets.source_id][
        :3
    ]
    for how, body in _spellings(attempt.body):
        if any(_fits(signature, value, text, body, attempt.parsed) for _, text in own):
            return (
                f"The signature fits the same JSON {how}: something between the provider and here (a proxy, a"
                " gateway, a function) reads the body and writes it anew. Have it pass the bytes on as they come."
            )
    return ""


def _spellings(body):
    yield "without the blanks around it", body.strip()
    yield "with a line end after it", body.rstrip() + b"\n"
    yield "with other line ends", body.replace(b"\r\n", b"\n")
    yield "with other line ends", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        yield "as JavaScript writes it", javascript.stringify(body)
        value = json.loads(body)
        for ascii_only in (False, True):
            for how, options in _PYTHON_SPELLINGS.items():
                yield how, json.dumps(value, ensure_ascii=ascii_only, **options).encode(errors="backslashreplace")
    except (ValueError, RecursionError):
        return


_PYTHON_SPELLINGS = {
    "without blanks": {"separators": (",", ":")},
    "with a blank after each comma and colon": {},
    "indented by two": {"indent": 2},
    "indented by four": {"indent": 4},
    "with its keys in order, without blanks": {"separators": (",", ":"), "sort_keys": True},
    "with its keys in order": {"sort_keys": True},
}


def _secret_with_blanks(attempt, secrets, signature, value):
    for secret, text in _affordable(attempt, secrets)[:20]:
        for variant in (f"{text}\n", f"{text}\r\n", f"{text} ", f" {text}", f'"{text}"'):
            if _fits(signature, value, variant, attempt.body, attempt.parsed):
                return (
                    f"It was made with {secrets.name(secret)}, but with a blank, a line end or quotes around it: enter"
                    " the secret anew at the provider, without them."
                )
    return ""


def _token_otherwise(attempt, refusal, secrets):
    """A token that would open this source if it stood differently, or that opens another, or no longer opens any."""
    for way in attempt.source.ways:
        value = attempt.headers.get(way.token_header)
        if way.mode == SIGNATURE or value is None:
            continue
        found = _token_in(value, secrets, attempt)
        if found and way.prefix and not value.strip().lower().startswith(way.prefix.lower()):
            return (
                f"The token came without {way.prefix} before it: it is {found}. Empty the prefix of this source, or"
                " have the provider send it."
            )
        if found and not way.prefix and " " in value.strip() and way.mode != DYNAMIC_TOKEN:
            return (
                f"The token came after “{_scheme(value)}”: it is {found}. If the provider sends it so, write that as"
                " this source's prefix."
            )
        if found:
            return f"The token is {found}."
        return (
            "The token is none that we know. Compare its fingerprint, which stands below in the place of the header,"
            " with those on the source's page."
        )
    return ""


def _scheme(value):
    return parsing.bounded(value.strip().partition(" ")[0], 20)


def _token_in(value, secrets, attempt) -> str:
    """Say what the token in a header's value is, with or without something before it; "" where we know it not."""
    candidates = {as_sent(value.strip()), as_sent(value.strip().partition(" ")[2].strip())} - {b""}
    for secret, text in secrets:
        if any(hmac.compare_digest(text.encode(), candidate) for candidate in candidates):
            return secrets.name(secret)
    hashes = [access_tokens.hashed(candidate) for candidate in candidates]
    for token in AccessToken.objects.filter(token_hash__in=hashes).select_related("source", "secret"):
        return _describe(token, attempt)
    return ""


def _describe(token, attempt):
    issued = f"token {token.pk}, issued {day_and_time(token.issued_at)}"
    if token.source_id != attempt.source.id:
        return f"{issued} for another source, “{token.source.name}” ({token.source.slug})"
    if token.revoked_at:
        return f"{issued}, which was revoked {day_and_time(token.revoked_at)}"
    if token.expires_at <= timezone.now():
        return (
            f"{issued}, which expired {day_and_time(token.expires_at)}. The provider should ask for a new one when it"
            " is answered 401; if it does not, let tokens live longer"
        )
    if not token.secret.is_live():
        return f"{issued} for the client secret {token.secret.fingerprint}, which works no more"
    return issued


def _clock(attempt, refusal, secrets):
    for signature in attempt.source.provider.signatures:
        for way in attempt.source.ways:
            value = attempt.headers.get(way.header or signature.header)
            parts = signature.parts(value) if value is not None else None
            if not parts or not (given := parts.get("timestamp")):
                continue
            time = parsing.epoch(given) or parsing.moment(given)
            if time is None:
                continue
            away = (time - timezone.now()).total_seconds()
            nearest = round(away / _HALF_HOUR) * _HALF_HOUR
            if nearest and abs(nearest) <= 14 * 3600 and abs(away - nearest) <= _CLOCKS:
                return (
                    f"The signature fits; its time is {_hours(abs(nearest))} off, as when one of the clocks takes local"
                    " time for UTC. Mend that clock."
                )
            if away > 0:
                return (
                    f"The signature fits; its time lies {_hours(away)} ahead. Mend the provider's clock, or this"
                    " server's."
                )
            return (
                f"The signature fits; it was made {_hours(-away)} ago. Either the request was held up on its way, or"
                " somebody sends an old one again."
            )
    return ""


def _hours(seconds):
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _network(attempt, refusal, secrets):
    forwarded = attempt.headers.get("X-Forwarded-For", "")
    allowed = [entry for entry in map(parse_address, forwarded.split(",")) if entry]
    if any(entry in network for entry in allowed for network in attempt.source.networks):
        return (
            f"The request came through a proxy ({attempt.address}), which says that it was asked by an allowed address."
            " If that proxy is yours, set TRUSTED_PROXIES to how many stand before this application; if not, anyone"
            " can write such a header."
        )
    return (
        f"If the provider has a new address, add {attempt.address or 'it'} to this source's allowed networks; if a"
        " proxy of yours stands between, set TRUSTED_PROXIES. Otherwise somebody else sent this."
    )


def _not_json(attempt, refusal, secrets):
    return (
        "This provider's signature is made of fields of the payload, so that what is not JSON cannot be proved. The"
        " bytes stand below; a proxy that changes the body, or a test from a document, is the usual cause."
    )


def _no_envelope(attempt, refusal, secrets):
    return "Is it an event of another product of this provider, or a test sent by hand? Its first bytes stand below."


def _other_address(attempt, refusal, secrets):
    slugs = list(Source.objects.values_list("slug", flat=True)[:_MOST_SECRETS])
    near = difflib.get_close_matches(attempt.slug[:100], slugs, n=1)
    return f"Is “{near[0]}” meant? Give the provider the URL that stands on that source's page." if near else ""


def _too_large(attempt, refusal, secrets):
    return f"MAX_BODY_BYTES is {settings.MAX_BODY_BYTES}; set it higher if the provider's events are so long."


# Tokens


def _credentials(attempt, refusal, secrets):
    if not refusal.given:
        authorization = attempt.headers.get("Authorization", "")
        if authorization[:6].lower() == "basic ":
            return "They came as HTTP Basic; this source expects them elsewhere."
        return "The request has none, or under other names than this source's settings say."
    source = Source.objects.get(pk=attempt.source.id)
    client_id = source.get_client_id().encode()
    for _, their_secret in refusal.given:
        for secret, text in secrets:
            for candidate in (their_secret, their_secret.strip()):
                if hmac.compare_digest(text.encode(), candidate):
                    if secret.source_id == source.id and secret.is_live():
                        blanks = " and has blanks around it" if candidate != their_secret else ""
                        return f"The secret is {secrets.name(secret)}{blanks}; the client id is not this source's."
                    return f"The secret is {secrets.name(secret)}."
    known = any(hmac.compare_digest(client_id, their_id) for their_id, _ in refusal.given)
    return (
        f"The client id is {'right' if known or not client_id else 'not this source’s'}; the secret is none that we"
        " know."
    )


def _busy(attempt, refusal, secrets):
    return "The provider asks for a token for each event, or tries again and again with wrong credentials."


_EVENT_CAUSES = {
    "no_proof": [_other_kind, _other_header, _nothing],
    "wrong_proof": [_other_kind, _signed_otherwise, _token_otherwise, _other_header],
    "stale_proof": [_clock],
    "wrong_network": [_network],
    "not_json": [_not_json],
    "no_envelope": [_no_envelope],
    "unknown_source": [_other_address],
    "too_large": [_too_large],
}
_TOKEN_CAUSES = {
    "invalid_client": [_credentials],
    "too_many_requests": [_busy],
    "wrong_network": [_network],
    "unknown_source": [_other_address],
}
