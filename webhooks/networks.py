"""The networks that a source accepts requests from."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ValidationError

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in `text`, one a line, as in 192.0.2.0/24 or 2001:db8::1; raise ValueError."""
    return tuple(ip_network(line.strip()) for line in text.splitlines() if line.strip())


def validate_networks(text: str) -> None:
    """Raise ValidationError where a line is not a network."""
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            ip_network(line)
        except ValueError as error:
            raise ValidationError(f"{error}; write one address or network a line, as in 192.0.2.0/24.") from None
