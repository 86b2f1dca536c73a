"""The networks that a source accepts requests from."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in `text`, one a line, as in 192.0.2.0/24 or 2001:db8::1; raise ValueError."""
    return tuple(ip_network(line.strip()) for line in text.splitlines() if line.strip())


def validate_networks(text: str) -> None:
    """Raise ValidationError, in the active language, where a line is not an address or a network."""
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            network = ip_network(line, strict=False)
        except ValueError:
            raise ValidationError(
                _("“{line}” is not an address or a network. Enter one per line, as in 192.0.2.0/24.").format(line=line)
            ) from None
        try:
            ip_network(line)
        except ValueError:
            raise ValidationError(
                _("“{line}” is one address of the network {network}. Enter the network, or the address alone.").format(
                    line=line, network=network
                )
            ) from None
