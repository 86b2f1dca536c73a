"""Rejections because of the address that a request came from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from console.client_address import parse_address
from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


class NetworkNotAllowed(RequestRejected):
    """The request came from none of the source's allowed networks."""

    status = 403
    code = "wrong_network"
    label = gettext_lazy("Network not allowed")
    message = "This source takes requests from its allowed networks only."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        networks = inbound.source.networks if inbound.source else ()
        forwarded = map(parse_address, inbound.headers.get("X-Forwarded-For", "").split(","))
        if any(address in network for address in forwarded if address for network in networks):
            return TranslatableMessage(
                N_(
                    "The request came through a proxy ({address}), which reports an allowed address as its client. If"
                    " that proxy is yours, set TRUSTED_PROXIES to the number of proxies in front of this application;"
                    " if not, anyone can write such a header."
                ),
                address=str(inbound.address),
            )
        if inbound.address:
            return TranslatableMessage(
                N_(
                    "If the provider has a new address, add {address} to this source's allowed networks; if a proxy of"
                    " yours forwards the requests, set TRUSTED_PROXIES. Otherwise somebody else sent this."
                ),
                address=str(inbound.address),
            )
        return TranslatableMessage(
            N_("The request came from no known address: set TRUSTED_PROXIES if a proxy forwards requests.")
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        if networks := ", ".join(source.allowed_networks.split()):
            yield _("A request from {networks}.").format(networks=networks)
        else:
            yield _("Requests from any address are accepted now.")
        yield link_to(source, _("Allowed networks"), "id_allowed_networks")
