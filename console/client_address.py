"""The address of the client behind a request."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings

Address = IPv4Address | IPv6Address


def client_address(meta: Mapping[str, str]) -> Address | None:
    """Return the peer's address or, behind settings.TRUSTED_PROXIES proxies, the peer of the outermost of these.

    Each proxy appends its peer's address to X-Forwarded-For; anyone can send the entries before those. None where there
    is no address: a unix socket, or fewer entries than proxies.
    """
    peers = [meta.get("REMOTE_ADDR", "")]
    if settings.TRUSTED_PROXIES:
        peers = [*meta.get("HTTP_X_FORWARDED_FOR", "").split(","), *peers]
    if len(peers) <= settings.TRUSTED_PROXIES:
        return None
    return parse_address(peers[-1 - settings.TRUSTED_PROXIES])


def parse_address(text: str) -> Address | None:
    """Return the address that `text` spells, as IPv4 where IPv6 only maps it (RFC 4291, 2.5.5.2), or None."""
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
