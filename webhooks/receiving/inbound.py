"""Requests to the endpoints of sources, with the source and the address that the receiver found."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.http import HttpRequest

from console.client_address import Address, client_address
from webhooks.auth.live_sources import LiveSource
from webhooks.models import Rejection
from webhooks.payloads import parsing


@dataclass(frozen=True)
class InboundRequest:
    slug: str  # at the end of the URL; there may be no such source
    endpoint: Rejection.Endpoint
    method: str
    headers: Mapping[str, str]  # names without regard to case
    address: Address | None
    body: bytes = b""  # empty until it is read
    source: LiveSource | None = None  # until it is resolved

    @classmethod
    def from_request(cls, endpoint: Rejection.Endpoint, request: HttpRequest, slug: str) -> Self:
        return cls(slug, endpoint, request.method or "", request.headers, client_address(request.META))

    @cached_property
    def parsed(self) -> parsing.Parsed:
        """The payload, or why the body is not JSON."""
        return parsing.Parsed.of(self.body)
