"""From where a request comes, and from where a source takes one."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ValidationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def parse(text: str) -> tuple[Network, ...]:
    """Return the networks in `text`, one a line, as in 192.0.2.0/24 or 2001:db8::1; raise ValueError."""
    return tuple(ip_network(line.strip()) for line in text.splitlines() if line.strip())


def validate(text: str) -> None:
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            ip_network(line)
        except ValueError as error:
            raise ValidationError(f"{error}; write one address or network a line, as in 192.0.2.0/24.") from None


def client_address(meta: Mapping[str, str]) -> Address | None:
    """Return the peer's address or, behind settings.TRUSTED_PROXIES proxies, what the outermost of these says of it.

    Each proxy adds to the end of X-Forwarded-For whom it was asked by; whatever stands before that anyone can send.
    None where there is no address: a unix socket, or fewer entries than proxies.
    """
    asked_by = [meta.get("REMOTE_ADDR", "")]
    if settings.TRUSTED_PROXIES:
        asked_by = [*meta.get("HTTP_X_FORWARDED_FOR", "").split(","), *asked_by]
    if len(asked_by) <= settings.TRUSTED_PROXIES:
        return None
    return address(asked_by[-1 - settings.TRUSTED_PROXIES])


def address(text: str) -> Address | None:
    """Return the address that `text` is, an IPv4 one where IPv6 only wraps it, or None."""
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
