"""The token endpoint: issues access tokens; by default as RFC 6749's client credentials grant (section 4.4) has it."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from rest_framework.throttling import SimpleRateThrottle

from webhooks.auth import access_tokens
from webhooks.auth.live_sources import LiveSecret, LiveSource
from webhooks.auth_modes import get_auth_mode
from webhooks.models import Rejection, Source
from webhooks.models.token_endpoint import TokenRequestFormat
from webhooks.payloads import parsing
from webhooks.receiving.authentication import check_access, read_body, refuse, resolve_source
from webhooks.receiving.client_credentials import PLACES
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
    """A limit for each source and address; each process counts for itself."""

    rate = "60/min"
    num_requests: int  # of the rate, set by the base class

    def get_cache_key(self, inbound: InboundRequest, view: object) -> str:  # type: ignore[override]
        return f"token:{inbound.slug}:{inbound.address}"


@csrf_exempt
def token(request: HttpRequest, slug: str) -> JsonResponse:
    """Answer with a new token, in the form of the source's settings (TokenEndpoint)."""
    inbound = InboundRequest.from_request(Rejection.Endpoint.TOKEN, request, slug)
    try:
        inbound = replace(inbound, body=read_body(request))
        live = resolve_source(slug)
        inbound = replace(inbound, source=live)
        check_access(live, inbound)
        secrets = _client_secrets(live)
        _check_rate(inbound)
        source = Source.objects.get(pk=live.id)
        secret = _match_credentials(source, secrets, inbound, _read_fields(request, source))
        value = access_tokens.issue(source.pk, secret.id, source.token_lifetime, inbound.address)
    except RequestRejected as rejection:
        return _refuse(inbound, rejection)
    except Error:
        logger.exception("A token for %s could not be stored", slug)
        return _refuse(inbound, TemporarilyUnavailable("No token can be stored just now; please ask again."))
    return JsonResponse(source.token_answer(value), status=source.token_status, headers=_NOT_STORED)


def _refuse(inbound: InboundRequest, rejection: RequestRejected) -> JsonResponse:
    return refuse(inbound, rejection, detail="error_description", headers=_NOT_STORED)


def _client_secrets(source: LiveSource) -> list[LiveSecret]:
    """Return the live secrets that tokens are issued for; raise TokensNotOffered where no live config issues any."""
    for config in source.live_auth_configs():
        if get_auth_mode(config.mode).issues_tokens:
            return source.live_secrets(config.mode)
    raise TokensNotOffered


def _check_rate(inbound: InboundRequest) -> None:
    throttle = TokenThrottle()
    if not throttle.allow_request(inbound, None):  # type: ignore[arg-type]
        wait = max(1, round(throttle.wait() or 60))
        raise TooManyRequests(
            f"More than {throttle.num_requests} requests for a token within a minute; wait {wait} seconds, and use"
            " each token until it is refused.",
            {"Retry-After": str(wait)},
        )


def _read_fields(request: HttpRequest, source: Source) -> Mapping[str, Any]:
    """Return the fields of the body, in any of the source's formats; raise InvalidRequest."""
    if not request.body:
        return {}
    if request.content_type not in source.token_formats:
        accepted = " or ".join(TokenRequestFormat(value).value for value in source.token_formats)
        raise InvalidRequest(f"The body is {request.content_type or 'of no named type'}; this source takes {accepted}.")
    if request.content_type == TokenRequestFormat.JSON:
        try:
            fields = parsing.parse_json(request.body)
        except parsing.NotJSONError as error:
            raise InvalidRequest(str(error)) from None
        if not isinstance(fields, dict):
            raise InvalidRequest("The body is JSON, but no object.")
        return fields
    try:
        return request.POST.dict()
    except (MultiPartParserError, SuspiciousOperation, BadRequest, UnicodeError):
        raise InvalidRequest(f"The body cannot be read as {request.content_type}.") from None


def _match_credentials(
    source: Source, secrets: list[LiveSecret], inbound: InboundRequest, fields: Mapping[str, Any]
) -> LiveSecret:
    """Return the live secret that the request's credentials match; raise RequestRejected."""
    _check_grant_type(source, fields)
    place = PLACES[source.credentials_in]
    challenge = {"WWW-Authenticate": f'Basic realm="{source.slug}"'} if place.has_challenge else None
    given = place.find(inbound.headers, fields, (source.client_id_name, source.client_secret_name))
    if not given:
        with translation.override("en"):  # as every answer to a provider
            expected = str(source.get_credentials_in_display())
        raise InvalidClient(f"No credentials came; they are expected here: {expected}.", challenge)
    client_id = source.get_client_id().encode()
    matching = None
    # Every pair is compared, so that the time does not reveal which part was wrong.
    for given_id, given_secret in given:
        is_client = not client_id or hmac.compare_digest(client_id, given_id)
        for secret in secrets:
            if secret.value and hmac.compare_digest(secret.value.encode(), given_secret) and is_client:
                matching = secret
    if matching:
        return matching
    if any(secret.value is None for secret in secrets):
        raise TemporarilyUnavailable(
            f"A secret of the source {source.slug} cannot be decrypted here; please ask again later."
        )
    raise InvalidClient(headers=challenge, credentials=given)


def _check_grant_type(source: Source, fields: Mapping[str, Any]) -> None:
    if not source.grant_type:
        return
    given = fields.get("grant_type")
    if given is None:
        raise InvalidRequest(f"The field grant_type is missing; send grant_type={source.grant_type}.")
    if given != source.grant_type:
        raise UnsupportedGrantType(f"Only the grant type {source.grant_type} is known here.")
