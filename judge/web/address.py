"""Whom a request comes from, as limits count it: the one place that knows of proxies.

Anybody can send X-Forwarded-For. So it is read only where the connection itself comes from one of TRUSTED_PROXIES,
from the right (each proxy appends whom it was called by), and no further than the first that is not trusted.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address

IPV6_PREFIX = 64  # bits: what one subscriber gets at least, and may use any address of
UNKNOWN = "unknown"  # over a Unix socket: all of them count as one


def client_address(request: HttpRequest) -> str:
    """The client's address; of an IPv6 address its /64, as "2001:db8::"."""
    address = _client(request)
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False).network_address)
    return str(address)


def _client(request: HttpRequest) -> Address | None:
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and _is_trusted(address):
        farther = _parsed(hops.pop())
        if farther is None:
            return address
        address = farther
    return address


def _is_trusted(address: Address | None) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES if address is not None)


def _parsed(text: str) -> Address | None:
    """ "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80"; an IPv4 address in IPv6's clothes is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
