"""The door that providers post their events to."""

import logging

from django.db import Error
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from webhooks.auth import access_tokens
from webhooks.models import Rejection
from webhooks.receiving import inbox
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections.reasons import RequestRejected, TemporarilyUnavailable

logger = logging.getLogger(__name__)


@csrf_exempt
def receive(request, slug):
    """Answer 200 once the event is committed: {"status": "accepted" or "duplicate", "event": its id}."""
    inbound = InboundRequest.from_request(Rejection.Endpoint.EVENT, request, slug)
    try:
        stored = _receive(request, inbound)
    except RequestRejected as refusal:
        return inbound.refused(refusal)
    except Error:
        logger.exception("An event for %s could not be stored", slug)
        return inbound.refused(TemporarilyUnavailable())
    return JsonResponse({"status": "duplicate" if stored.is_duplicate else "accepted", "event": stored.id})


def _receive(request, inbound):
    verification = inbound.prove(request)
    source, body, parsed = inbound.source, inbound.body, inbound.parsed
    envelope = source.provider.envelope(body, parsed.payload)
    stored = inbox.store(
        source,
        envelope,
        verification,
        body=body,
        problem=parsed.problem,
        headers=inbound.headers,
        remote_address=inbound.address and str(inbound.address),
    )
    if verification.token:
        access_tokens.note_use(verification.token, inbound.address)
    return stored
