"""What every endpoint of a source asks of a request before anything else, and how it refuses one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import JsonResponse, UnreadablePostError

from console.client_address import Address, client_address
from webhooks.auth import live_sources
from webhooks.auth.live_sources import LiveSource
from webhooks.auth.verification import Verification, verify, verify_network
from webhooks.models import Rejection, Source
from webhooks.payloads import parsing
from webhooks.rejections import recorder
from webhooks.rejections.reasons import (
    BodyIncomplete,
    BodyTooLarge,
    MethodNotAllowed,
    RequestRejected,
    SourceDisabled,
    UnknownSource,
)


@dataclass
class InboundRequest:
    """A request at a source's door, and what is known of it by the time it is let in or refused."""

    slug: str
    endpoint: Rejection.Endpoint
    method: str
    headers: Mapping[str, str]
    address: Address | None
    body: bytes = b""
    source: LiveSource | None = None
    parsed: parsing.Parsed | None = None

    @classmethod
    def from_request(cls, endpoint: Rejection.Endpoint, request, slug: str) -> "InboundRequest":
        return cls(slug, endpoint, request.method, request.headers, client_address(request.META))

    def find_source(self, request) -> LiveSource:
        """Return the source, once the request may speak to it; raise RequestRejected."""
        if request.method != "POST":
            raise MethodNotAllowed
        self.body = _body(request)
        self.source = live_sources.get(self.slug)
        if self.source is None:
            raise UnknownSource
        if self.source.state == Source.State.DISABLED:
            raise SourceDisabled
        verify_network(self.source, self.address)
        return self.source

    def prove(self, request) -> Verification:
        """Return what proves that the request is the source's own; raise RequestRejected."""
        source = self.find_source(request)
        self.parsed = parsing.Parsed.of(self.body)
        return verify(source, self.headers, self.body, self.parsed)

    def refused(self, refusal: RequestRejected, *, detail: str = "detail", headers: Mapping[str, str] | None = None):
        """Remember the refusal, and return its answer; `detail` is the name of the field that says why."""
        recorder.record(self, refusal)
        return JsonResponse(
            {"error": refusal.code, detail: str(refusal)},
            status=refusal.status,
            headers={**refusal.headers, **(headers or {})},
        )


def _body(request):
    """Return the body; one without a Content-Length (Transfer-Encoding: chunked), which Django would take for none, is
    read up to the limit.
    """
    limit = settings.MAX_BODY_BYTES
    declared = request.META.get("CONTENT_LENGTH", "")
    try:
        if declared:
            body = request.body if declared.isdecimal() and int(declared) <= limit else None
        elif "Transfer-Encoding" in request.headers:
            body = request.environ["wsgi.input"].read(limit + 1)
            body = request._body = body if len(body) <= limit else None  # for who reads request.body or POST after us
        else:
            body = b""
    except UnreadablePostError:
        raise BodyIncomplete from None
    if body is None:
        raise BodyTooLarge(f"The body is longer than the {limit} bytes that are taken.")
    return body
