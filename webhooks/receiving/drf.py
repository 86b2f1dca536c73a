"""Authentication for endpoints of your own that a provider calls with the same credentials as its events."""

import logging
from dataclasses import dataclass, replace

from django.db import Error
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from webhooks.auth.live_sources import LiveSource
from webhooks.auth_modes import Verification
from webhooks.models import Rejection
from webhooks.receiving.authentication import authenticate, read_body, refuse, resolve_source
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections.reasons import RequestRejected, TemporarilyUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceUser:
    """The value of request.user: the provider behind a source, not a person."""

    source: LiveSource
    is_authenticated = True

    @property
    def pk(self) -> str:
        return f"source-{self.source.id}"


class Refused(APIException):
    """The answer to a rejected request, in the form that the endpoint for events has."""

    def __init__(self, rejection: RequestRejected) -> None:
        super().__init__({"error": rejection.code, "detail": str(rejection)})
        self.status_code = rejection.status
        self.auth_header = rejection.headers.get("WWW-Authenticate")


class SourceAuthentication(BaseAuthentication):
    """Accepts a POST that authenticates as the events of a source do; the URL names the source (<slug:slug>).

    request.user is a SourceUser, request.auth a webhooks.auth_modes.Verification. A rejected request is answered, and
    shown under Rejections, as an event would be.
    """

    def authenticate(self, request: Request) -> tuple[SourceUser, Verification]:
        slug = request.parser_context["kwargs"]["slug"]
        inbound = InboundRequest.from_request(Rejection.Endpoint.EVENT, request._request, slug)
        try:
            inbound = replace(inbound, body=read_body(request._request))
            source = resolve_source(slug)
            inbound = replace(inbound, source=source)
            return SourceUser(source), authenticate(source, inbound)
        except RequestRejected as rejection:
            refuse(inbound, rejection)
            raise Refused(rejection) from None
        except Error:
            logger.exception("A request for %s could not be verified", slug)
            raise Refused(TemporarilyUnavailable()) from None
