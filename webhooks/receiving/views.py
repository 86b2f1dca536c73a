"""The endpoint that providers post their events to."""

import logging
from dataclasses import replace

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from webhooks.auth import access_tokens
from webhooks.auth.live_sources import LiveSource
from webhooks.models import Rejection
from webhooks.receiving import inbox
from webhooks.receiving.authentication import authenticate, read_body, refuse, resolve_source
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections.reasons import RequestRejected, TemporarilyUnavailable

logger = logging.getLogger(__name__)


@csrf_exempt
def receive(request: HttpRequest, slug: str) -> JsonResponse:
    """Answer 200 once the event is committed: {"status": "accepted" or "duplicate", "event": its id}."""
    inbound = InboundRequest.from_request(Rejection.Endpoint.EVENT, request, slug)
    try:
        inbound = replace(inbound, body=read_body(request))
        source = resolve_source(slug)
        inbound = replace(inbound, source=source)
        stored = _store(source, inbound)
    except RequestRejected as rejection:
        return refuse(inbound, rejection)
    except Error:
        logger.exception("An event for %s could not be stored", slug)
        return refuse(inbound, TemporarilyUnavailable())
    return JsonResponse({"status": "duplicate" if stored.is_duplicate else "accepted", "event": stored.id})


def _store(source: LiveSource, inbound: InboundRequest) -> inbox.StoredEvent:
    verification = authenticate(source, inbound)
    stored = inbox.store_event(inbox.NewEvent.of(source, inbound, verification))
    if verification.token:
        access_tokens.note_use(verification.token, inbound.address)
    return stored
