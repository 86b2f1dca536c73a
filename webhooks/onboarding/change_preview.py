"""How many of the last requests would have passed with other settings: told before they are saved."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from console.client_address import parse_address
from webhooks import networks
from webhooks.auth.redaction import as_sent
from webhooks.fingerprints import fingerprint
from webhooks.models import Rejection, Source
from webhooks.monitoring import secret_usage
from webhooks.payloads import parsing
from webhooks.providers.base import SIGNATURE, STATIC_TOKEN

EACH = 50  # as many of the latest events, and of the latest refusals
_REMOVED = re.compile(r"\[removed ([0-9a-f]{12})\]")


@dataclass
class ChangePreview:
    accepted: int = 0  # requests looked at that were accepted then
    refused: int = 0
    passing: int = 0
    failing: int = 0
    unknown: int = 0  # their proof can no longer be checked

    @property
    def total(self) -> int:
        return self.accepted + self.refused


def preview_config_change(source: Source, secrets: list[str]) -> ChangePreview:
    """Try the latest requests with the values that `source`, saved or not, has now, and with these secrets.

    Kept are not the proofs but their fingerprints, and of a long refused body its beginning only; what cannot be told
    from that is counted as unknown.
    """
    change_preview = ChangePreview()
    events = secret_usage.latest_events(source.pk).select_related("access_token__secret")[:EACH]
    rejections = Rejection.objects.filter(source=source.pk, endpoint=Rejection.Endpoint.EVENT).order_by("-id")[:EACH]
    for event in events:
        change_preview.accepted += 1
        _count(change_preview, _passes(source, secrets, event, bytes(event.body), is_whole=True))
    for rejection in rejections:
        body = bytes(rejection.body)
        change_preview.refused += 1
        _count(change_preview, _passes(source, secrets, rejection, body, is_whole=len(body) == rejection.body_length))
    return change_preview


def _count(change_preview, passes):
    name = {True: "passing", False: "failing", None: "unknown"}[passes]
    setattr(change_preview, name, getattr(change_preview, name) + 1)


def _passes(source, secrets, request, body, *, is_whole) -> bool | None:
    allowed = networks.parse(source.allowed_networks)
    address = parse_address(request.remote_address or "")
    if allowed and not (address and any(address in network for network in allowed)):
        return False
    headers = {name.lower(): value for name, value in request.headers.items()}
    if source.auth.mode == SIGNATURE:
        return _signed(source, secrets, request, headers, body, is_whole)
    if source.auth.mode == STATIC_TOKEN:
        value = headers.get(source.auth.token_header.lower())
        return value is not None and _kept(value) in {
            fingerprint(f"{source.auth.prefix} {secret}".strip()) for secret in secrets
        }
    if source.auth.token_header.lower() not in headers:
        return False
    # Of tokens no fingerprint is kept, but which of them it was; what else came there is none that we gave out.
    token = getattr(request, "access_token", None)
    return token is not None and token.is_live()


def _kept(value):
    """Return the fingerprint of a header that was kept, in clear or as its fingerprint."""
    removed = _REMOVED.search(value)
    return removed[1] if removed else fingerprint(as_sent(value.strip()))


def _signed(source, secrets, request, headers, body, is_whole):
    parsed = parsing.Parsed.of(body)
    signatures = source.get_provider().signatures_for(parsed.payload)
    values = [(signature, headers.get((source.auth.header or signature.header).lower())) for signature in signatures]
    given = [(signature, value) for signature, value in values if value is not None]
    if given and not is_whole:
        return None
    return any(_fits(source, secrets, request, signature, value, body, parsed) for signature, value in given)


def _fits(source, secrets, request, signature, value, body, parsed):
    parts = signature.kept_parts(value)
    if parts is None or (signature.of_fields and parsed.problem):
        return False
    try:
        texts: Iterable[bytes] = list(signature.messages(body, parsed.payload, parts))
    except (parsing.MissingFieldError, parsing.NotJSONError):
        return False
    if "timestamp" in parts:
        time = parsing.epoch(parts["timestamp"]) or parsing.moment(parts["timestamp"])
        tolerance = timedelta(seconds=source.signature_tolerance)
        if time is None or abs(request.received_at - time) > tolerance:
            return False
    return any(fingerprint(signature.hex(secret, text)) == _kept(value) for secret in secrets for text in texts)
