"""Verification of a request: its network, and its credentials in any of the source's live authentication configs."""

from typing import TYPE_CHECKING

from console.client_address import Address
from webhooks.auth.live_sources import LiveSource
from webhooks.auth_modes import Verification, get_auth_mode
from webhooks.rejections.reasons import (
    InvalidCredentials,
    MissingCredentials,
    NetworkNotAllowed,
    RequestRejected,
    TemporarilyUnavailable,
)

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


def verify_network(source: LiveSource, address: Address | None) -> None:
    """Raise NetworkNotAllowed where the source has allowed networks and the address is in none of them."""
    if source.networks and not (address and any(address in network for network in source.networks)):
        raise NetworkNotAllowed(
            f"This source takes requests from its allowed networks only; this one came from {address or 'no address'}."
        )


def verify(source: LiveSource, inbound: "InboundRequest") -> Verification:
    """Return how the request authenticates, by the first of the source's live configs that it satisfies.

    Raises what AuthMode.verify raises; of several, the most informative.
    """
    rejections: list[RequestRejected] = []
    for config in source.live_auth_configs():
        try:
            return get_auth_mode(config.mode).verify(source, config, inbound)
        except RequestRejected as rejection:
            rejections.append(rejection)
    raise min(rejections, key=_precedence, default=InvalidCredentials())


def _precedence(rejection: RequestRejected) -> int:
    """A mismatch tells more than missing credentials; a secret that cannot be decrypted comes before both."""
    if isinstance(rejection, TemporarilyUnavailable):
        return 0
    return 2 if isinstance(rejection, MissingCredentials) else 1
