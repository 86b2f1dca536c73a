"""The door at which a provider gets its tokens; as it is by default, RFC 6749's client credentials grant."""

import base64
import binascii
import hmac
import logging
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error
from django.http import JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from rest_framework.throttling import SimpleRateThrottle

from webhooks.auth import access_tokens
from webhooks.auth.redaction import as_sent
from webhooks.models import Rejection, Source
from webhooks.models.token_endpoint import Format
from webhooks.payloads import parsing
from webhooks.providers.base import DYNAMIC_TOKEN
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections.reasons import (
    InvalidClient,
    InvalidRequest,
    RequestRejected,
    TemporarilyUnavailable,
    TokensNotOffered,
    TooManyRequests,
    UnsupportedGrantType,
)

logger = logging.getLogger(__name__)
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, section 5.1


class TokenThrottle(SimpleRateThrottle):
    """Each process counts for itself, by source and address."""

    rate = "60/min"

    def get_cache_key(self, inbound, view):
        return f"token:{inbound.slug}:{inbound.address}"


@csrf_exempt
def token(request, slug):
    """Answer with a new token, in the form that the source's settings say (TokenEndpoint)."""
    inbound = InboundRequest.from_request(Rejection.Endpoint.TOKEN, request, slug)
    try:
        source = _source(request, inbound)
        secret = _client_secret(inbound, source, _fields(request, source))
        value = access_tokens.issue(source.id, secret.id, source.token_lifetime, inbound.address)
    except RequestRejected as refusal:
        return _refused(inbound, refusal)
    except Error:
        logger.exception("A token for %s could not be stored", slug)
        return _refused(inbound, TemporarilyUnavailable("No token can be stored just now; please ask again."))
    return JsonResponse(source.token_answer(value), status=source.token_status, headers=_NOT_STORED)


def _refused(inbound, refusal):
    return inbound.refused(refusal, detail="error_description", headers=_NOT_STORED)


def _source(request, inbound):
    live = inbound.find_source(request)
    if not any(config.mode == DYNAMIC_TOKEN for config in live.live_auth_configs()):
        raise TokensNotOffered
    throttle = TokenThrottle()
    if not throttle.allow_request(inbound, token):
        wait = max(1, round(throttle.wait() or 60))
        raise TooManyRequests(
            f"More than {throttle.num_requests} requests for a token within a minute; wait {wait} seconds, and use"
            " each token until it is refused.",
            {"Retry-After": str(wait)},
        )
    return Source.objects.get(pk=live.id)


def _fields(request, source):
    """Return the fields of the body, whatever its format; raise InvalidRequest."""
    if not request.body:
        return {}
    if request.content_type not in source.token_formats:
        accepted = " or ".join(Format(value).value for value in source.token_formats)
        raise InvalidRequest(f"The body is {request.content_type or 'of no named type'}; this source takes {accepted}.")
    if request.content_type == Format.JSON:
        try:
            fields = parsing.parse(request.body)
        except parsing.NotJSONError as error:
            raise InvalidRequest(str(error)) from None
        if not isinstance(fields, dict):
            raise InvalidRequest("The body is JSON, but no object.")
        return fields
    try:
        return request.POST.dict()
    except (MultiPartParserError, SuspiciousOperation, BadRequest, UnicodeError):
        raise InvalidRequest(f"The body cannot be read as {request.content_type}.") from None


def _client_secret(inbound, source, fields):
    """Return the live secret that the credentials are right with; raise RequestRejected."""
    _check_grant_type(source, fields)
    given = _credentials(inbound, source, fields)
    if not given:
        raise InvalidClient(
            f"No credentials came; they are expected here: {source.get_credentials_in_display()}.", _challenge(source)
        )
    client_id = source.get_client_id().encode()
    secrets = inbound.source.live_secrets(DYNAMIC_TOKEN)
    fitting = None
    for their_id, their_secret in given:
        is_client = not client_id or hmac.compare_digest(client_id, their_id)
        for secret in secrets:
            if secret.value and hmac.compare_digest(secret.value.encode(), their_secret) and is_client:
                fitting = secret
    if fitting:
        return fitting
    if any(secret.value is None for secret in secrets):
        raise TemporarilyUnavailable(
            f"A secret of the source {source.slug} cannot be decrypted here; please ask again later."
        )
    raise InvalidClient(headers=_challenge(source), credentials=given)


def _check_grant_type(source, fields):
    if not source.grant_type:
        return
    given = fields.get("grant_type")
    if given is None:
        raise InvalidRequest(f"The field grant_type is missing; send grant_type={source.grant_type}.")
    if given != source.grant_type:
        raise UnsupportedGrantType(f"Only the grant type {source.grant_type} is known here.")


def _credentials(inbound, source, fields) -> list[tuple[bytes, bytes]]:
    """Return each client id and secret that the request may mean."""
    place, names = source.credentials_in, (source.client_id_name, source.client_secret_name)
    if place == Source.Place.BASIC or (place == Source.Place.OAUTH and "Authorization" in inbound.headers):
        return _basic(inbound.headers.get("Authorization", ""))
    found = [None, None]
    if place in (Source.Place.OAUTH, Source.Place.BODY, Source.Place.ANYWHERE):
        values = [fields.get(name, parsing.at(fields, name)) for name in names]
        found = [value.encode(errors="surrogatepass") if isinstance(value, str) else None for value in values]
    if place in (Source.Place.HEADERS, Source.Place.ANYWHERE):
        found = [
            as_sent(inbound.headers[name].strip()) if value is None and name in inbound.headers else value
            for name, value in zip(names, found, strict=True)
        ]
    client_id, secret = found
    return [] if secret is None else [(client_id or b"", secret)]


def _basic(authorization):
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return []
    # RFC 6749, section 2.3.1, has both form-encoded before; many clients leave that out.
    decoded = [unquote_to_bytes(part.replace(b"+", b" ")) for part in (client_id, secret)]
    return [(client_id, secret), tuple(decoded)] if colon else []


def _challenge(source):
    if source.credentials_in in (Source.Place.OAUTH, Source.Place.BASIC):
        return {"WWW-Authenticate": f'Basic realm="{source.slug}"'}
    return {}
