"""A preview, before a source's settings are saved, of how many of the latest requests they would accept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from console.client_address import parse_address
from webhooks import networks
from webhooks.auth_modes import Outcome, StoredRequest
from webhooks.models import Event, Rejection, Source

MAX_REQUESTS = 50  # of the latest events, and as many of the latest rejections


@dataclass(frozen=True)
class ChangePreview:
    accepted: int  # requests that were accepted when they were received
    refused: int
    outcomes: Counter[Outcome]

    @property
    def total(self) -> int:
        return self.accepted + self.refused

    @property
    def passing(self) -> int:
        return self.outcomes[Outcome.PASSES]

    @property
    def failing(self) -> int:
        return self.outcomes[Outcome.FAILS]

    @property
    def unknown(self) -> int:
        """Requests of which too little is stored: of credentials a fingerprint, of a long rejected body its start."""
        return self.outcomes[Outcome.UNKNOWN]


def preview_config_change(source: Source, secrets: Sequence[str]) -> ChangePreview:
    """Try the latest requests with the values that `source`, saved or not, has now, and with these secrets."""
    latest = Event.objects.latest_of("source", source.pk).select_related("access_token__secret")
    events = list(latest[:MAX_REQUESTS])
    rejected = Rejection.objects.filter(source=source.pk, endpoint=Rejection.Endpoint.EVENT).order_by("-id")
    rejections = list(rejected[:MAX_REQUESTS])
    requests: list[Event | Rejection] = [*events, *rejections]
    outcomes = Counter(_outcome(source, secrets, request) for request in requests)
    return ChangePreview(len(events), len(rejections), outcomes)


def _outcome(source: Source, secrets: Sequence[str], request: Event | Rejection) -> Outcome:
    allowed = networks.parse_networks(source.allowed_networks)
    address = parse_address(request.remote_address or "")
    if allowed and not (address and any(address in network for network in allowed)):
        return Outcome.FAILS
    body = bytes(request.body)
    stored = StoredRequest(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        is_whole=isinstance(request, Event) or len(body) == request.body_length,
        received_at=request.received_at,
        access_token=request.access_token if isinstance(request, Event) else None,
    )
    return source.get_auth_mode().would_pass(source, secrets, stored)
