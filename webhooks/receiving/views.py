"""The door that providers post their events to."""

import logging

from django.db import Error
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from webhooks.auth import access_tokens
from webhooks.models import Rejection
from webhooks.receiving import inbox
from webhooks.receiving.inbound import Attempt
from webhooks.rejections.reasons import RequestRejected, TemporarilyUnavailable

logger = logging.getLogger(__name__)


@csrf_exempt
def receive(request, slug):
    """Answer 200 once the event is committed: {"status": "accepted" or "duplicate", "event": its id}."""
    attempt = Attempt.at(Rejection.Door.EVENT, request, slug)
    try:
        stored = _receive(request, attempt)
    except RequestRejected as refusal:
        return attempt.refused(refusal)
    except Error:
        logger.exception("An event for %s could not be stored", slug)
        return attempt.refused(TemporarilyUnavailable())
    return JsonResponse({"status": "duplicate" if stored.is_duplicate else "accepted", "event": stored.id})


def _receive(request, attempt):
    proof = attempt.prove(request)
    source, body, parsed = attempt.source, attempt.body, attempt.parsed
    envelope = source.provider.envelope(body, parsed.payload)
    stored = inbox.store(
        source,
        envelope,
        proof,
        body=body,
        problem=parsed.problem,
        headers=attempt.headers,
        remote_address=attempt.address and str(attempt.address),
    )
    if proof.token:
        access_tokens.note_use(proof.token, attempt.address)
    return stored
