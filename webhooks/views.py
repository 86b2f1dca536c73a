"""The door that providers post to."""

import logging

from django.conf import settings
from django.db import Error
from django.http import JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from webhooks import inbox, networks, payloads, sources
from webhooks.exceptions import (
    NotJSON,
    NotPost,
    Refusal,
    SourceDisabled,
    TooLarge,
    Unavailable,
    UnknownSource,
)
from webhooks.models import Source
from webhooks.verification import verify, verify_network

logger = logging.getLogger(__name__)


@csrf_exempt
def receive(request, slug):
    """Answer 200 once the event is committed: {"status": "accepted" or "duplicate", "event": its id}."""
    try:
        stored = _receive(request, slug)
    except Refusal as refusal:
        return _refused(refusal)
    except UnreadablePostError:
        return _refused(Refusal("The body ended before its Content-Length."))
    except Error:
        logger.exception("An event for %s could not be stored", slug)
        return _refused(Unavailable())
    return JsonResponse({"status": "duplicate" if stored.is_duplicate else "accepted", "event": stored.id})


def _receive(request, slug):
    if request.method != "POST":
        raise NotPost
    body = _body(request)
    source = sources.get(slug)
    if source is None:
        raise UnknownSource
    if source.state == Source.State.DISABLED:
        raise SourceDisabled
    address = networks.client_address(request.META)
    verify_network(source, address)
    parsed = payloads.Parsed.of(body)
    proof = verify(source, request.headers, body, parsed)
    try:
        envelope = source.provider.envelope(body, parsed.payload)
    except payloads.NotJSONError as error:  # nested more deeply than it can be compared
        raise NotJSON(str(error)) from None
    return inbox.store(
        source,
        envelope,
        proof,
        body=body,
        problem=parsed.problem,
        headers=request.headers,
        remote_address=address and str(address),
    )


def _body(request):
    """Return the body; one without a Content-Length (Transfer-Encoding: chunked), which Django would take for none, is
    read up to the limit.
    """
    limit = settings.MAX_BODY_BYTES
    declared = request.META.get("CONTENT_LENGTH", "")
    if declared:
        body = request.body if declared.isdecimal() and int(declared) <= limit else None
    elif "Transfer-Encoding" in request.headers:
        body = request.environ["wsgi.input"].read(limit + 1)
        body = body if len(body) <= limit else None
    else:
        body = b""
    if body is None:
        raise TooLarge(f"The body is longer than the {limit} bytes that are taken.")
    return body


def _refused(refusal):
    return JsonResponse({"error": refusal.code, "detail": str(refusal)}, status=refusal.status, headers=refusal.headers)
