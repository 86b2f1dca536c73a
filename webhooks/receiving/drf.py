"""For endpoints of your own that a provider calls with the same proof as its events."""

import logging
from dataclasses import dataclass

from django.db import Error
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException

from webhooks.auth.live_sources import LiveSource
from webhooks.models import Rejection
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections.reasons import RequestRejected, TemporarilyUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceUser:
    """Who request.user is: no person, but the provider behind a source."""

    source: LiveSource
    is_authenticated = True

    @property
    def pk(self):
        return f"source-{self.source.id}"


class Refused(APIException):
    def __init__(self, refusal: RequestRejected):
        super().__init__({"error": refusal.code, "detail": str(refusal)})
        self.status_code = refusal.status
        self.auth_header = refusal.headers.get("WWW-Authenticate")


class SourceAuthentication(BaseAuthentication):
    """Takes a POST that proves itself as the events of a source do; the URL has to name the source (<slug:slug>).

    request.user is a SourceUser, request.auth a webhooks.auth.verification.Verification. A refused request is answered,
    and shown under Rejections, as for events.
    """

    def authenticate(self, request):
        inbound = InboundRequest.from_request(
            Rejection.Endpoint.EVENT, request, request.parser_context["kwargs"]["slug"]
        )
        try:
            verification = inbound.prove(request._request)
        except RequestRejected as refusal:
            inbound.refused(refusal)
            raise Refused(refusal) from None
        except Error:
            logger.exception("A request for %s could not be verified", inbound.slug)
            raise Refused(TemporarilyUnavailable()) from None
        return SourceUser(inbound.source), verification

    def authenticate_header(self, request):
        return "Signature"
