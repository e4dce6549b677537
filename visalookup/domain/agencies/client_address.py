"""The client behind an internet address, as far as the address shows: what limits count separately."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

_NETWORK_OF_ONE_SITE = 64
"""Bits of an address in IPv6 that one site has in common, at the least (RFC 6177)."""


def subscriber_of(address: str) -> str:
    """The address; of one in IPv6 its site's network, all of which one person may have.

    One that stands for an address in IPv4 (RFC 4291, section 2.5.5.2) is that; what is no address stays as it is.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _NETWORK_OF_ONE_SITE), strict=False))
