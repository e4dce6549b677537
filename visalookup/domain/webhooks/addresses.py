"""Where a webhook may lead: to HTTPS on the public internet, and never into anybody's own network.

An agency names the address, and our machine calls it; without these rules it would call whatever stands behind our
firewall. IANA's special-purpose registries (RFC 6890) say which addresses are public.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from visalookup.domain.errors import quoted
from visalookup.domain.webhooks.subscription import WebhookRefused

LONGEST_URL = 2000
_LOWEST_PORT = 1024
"""Ports below are those of other services (mail, shells); of these only that of HTTPS is called."""
_PORTS = {"https": 443, "http": 80}

_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # behind a carrier's address translation (RFC 6598)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "::/96",  # IPv4-compatible (RFC 4291, section 2.5.5.1)
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291, section 2.5.5.2)
        "64:ff9b::/96",  # IPv4 behind a translator (RFC 6052)
        "64:ff9b:1::/48",  # the same, for use within a network (RFC 8215)
        "100::/64",  # discarded (RFC 6666)
        "2001::/23",  # protocol assignments, Teredo among them (RFC 2928, RFC 4380)
        "2002::/16",  # IPv4 inside 6to4 (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local, of old (RFC 3879)
    )
)
"""What Python's `is_global` passes in some of its versions, or what hides an IPv4 address inside."""

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: `host` is a name or an address, without brackets."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """How a request names the host (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.is_tls else "http"] else f"{host}:{self.port}"


def target_of(url: str, *, allow_loopback: bool = False) -> Target:
    """Where a URL leads; raise WebhookRefused for one that no webhook may have.

    `allow_loopback` is for trying things out on one machine: then plain HTTP and any port are good too.
    """
    if len(url) > LONGEST_URL:
        raise WebhookRefused(f"The URL has {len(url)} characters; send at most {LONGEST_URL}.")
    parts, port = _split(url)
    if parts.scheme not in (("https", "http") if allow_loopback else ("https",)):
        raise WebhookRefused(f"{quoted(url)} is not an https address; send one that begins with https://.")
    if parts.username is not None or parts.fragment:
        raise WebhookRefused("Send the URL without a user, a password and a fragment.")
    port = _PORTS[parts.scheme] if port is None else port
    if port == 0 or (port != _PORTS["https"] and port < _LOWEST_PORT and not allow_loopback):
        raise WebhookRefused(f"Port {port} is not one for webhooks; use 443, or one from {_LOWEST_PORT} on.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", parts.hostname or "", port, path)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise WebhookRefused("Send the URL in printable ASCII, with all else percent-encoded, and names in punycode.")
    try:
        parts = urlsplit(url)
        port = parts.port
        address = parts.netloc.rpartition("@")[2].lower()
        host = address if port is None else address.removesuffix(f":{port}")
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or parts.hostname is None:
        raise WebhookRefused(f"{quoted(url)} is not a URL; send one like https://example.com/visa-changes.")
    return parts, port


def check_public(address: str, *, allow_loopback: bool = False) -> None:
    """Raise WebhookRefused unless an IP address is one of the public internet."""
    found = ip_address(address.partition("%")[0])
    if allow_loopback and found.is_loopback:
        return
    if not _is_public(found):
        raise WebhookRefused(
            f"The host of the webhook is at {found}, which is not an address of the public internet; use another."
        )


def check_address(target: Target, address: str, *, allow_loopback: bool = False) -> None:
    """Raise WebhookRefused unless a message may go to this IP address; plain HTTP goes to this machine only."""
    check_public(address, allow_loopback=allow_loopback)
    if not target.is_tls and not ip_address(address).is_loopback:
        raise WebhookRefused("Plain HTTP is for this machine only; send a URL that begins with https://.")


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if found.is_multicast or found.is_unspecified or found.is_reserved or not found.is_global:
        return False
    return not any(found in network for network in _NOT_PUBLIC)
