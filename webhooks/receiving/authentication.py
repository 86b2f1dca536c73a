"""The steps from a request to its verification, which the endpoints of a source share, and the answer to a refusal."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, JsonResponse, UnreadablePostError

from webhooks.auth import live_sources
from webhooks.auth.live_sources import LiveSource
from webhooks.auth.verification import verify, verify_network
from webhooks.auth_modes import Verification
from webhooks.models import Source
from webhooks.receiving.inbound import InboundRequest
from webhooks.rejections import recorder
from webhooks.rejections.reasons import (
    BodyIncomplete,
    BodyTooLarge,
    MethodNotAllowed,
    RequestRejected,
    SourceDisabled,
    UnknownSource,
)


def read_body(request: HttpRequest) -> bytes:
    """Return the body of a POST; raise MethodNotAllowed, BodyTooLarge or BodyIncomplete.

    Django takes a body without a Content-Length (Transfer-Encoding: chunked) for an empty one; it is read here, up to
    the limit.
    """
    if request.method != "POST":
        raise MethodNotAllowed
    limit = settings.MAX_BODY_BYTES
    declared = request.META.get("CONTENT_LENGTH", "")
    body: bytes | None = b""
    try:
        if declared:
            body = request.body if declared.isdecimal() and int(declared) <= limit else None
        elif "Transfer-Encoding" in request.headers:
            chunks: bytes = request.META["wsgi.input"].read(limit + 1)
            body = chunks if len(chunks) <= limit else None
            request._body = body or b""  # for request.body and request.POST
    except UnreadablePostError:
        raise BodyIncomplete from None
    if body is None:
        raise BodyTooLarge(f"The body is longer than the {limit} bytes that are taken.")
    return body


def resolve_source(slug: str) -> LiveSource:
    """Return the source with this slug; raise UnknownSource."""
    source = live_sources.get(slug)
    if source is None:
        raise UnknownSource
    return source


def check_access(source: LiveSource, inbound: InboundRequest) -> None:
    """Raise SourceDisabled or NetworkNotAllowed where the source takes no requests, or none from this address."""
    if source.state == Source.State.DISABLED:
        raise SourceDisabled
    verify_network(source, inbound.address)


def authenticate(source: LiveSource, inbound: InboundRequest) -> Verification:
    """Return how the request authenticates as the source's; raise RequestRejected."""
    check_access(source, inbound)
    return verify(source, inbound)


def refuse(
    inbound: InboundRequest,
    rejection: RequestRejected,
    *,
    detail: str = "detail",
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Record the rejection and return its answer; `detail` is the name of the field with the message."""
    recorder.record_rejection(inbound, rejection)
    return JsonResponse(
        {"error": rejection.code, detail: str(rejection)},
        status=rejection.status,
        headers={**rejection.headers, **(headers or {})},
    )
