"""Where a webhook may lead: nowhere but to HTTPS on the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visalookup.domain.webhooks.addresses import Target, check_public, target_of
from visalookup.domain.webhooks.subscription import WebhookRefused
from visalookup.services.webhooks.sending import Sender

# ruff: noqa: SIM905 - a list of words is read more easily so

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::10.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:10::1 2001:20::1 2002:7f00:1::
2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff0e::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 9.9.9.9 93.184.215.14 172.32.0.1 192.1.0.1 223.255.255.1 2606:4700::1111 2a00:1450::1".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_of_networks_that_are_somebodys_own_are_refused(address: str) -> None:
    with pytest.raises(WebhookRefused, match="not an address of the public internet"):
        check_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet_are_good(address: str) -> None:
    check_public(address)


@given(st.ip_addresses())
def test_whatever_passes_is_global_and_hides_no_other_address(address: IPv4Address | IPv6Address) -> None:
    try:
        check_public(str(address))
    except WebhookRefused:
        return
    assert address.is_global
    assert not any([address.is_private, address.is_loopback, address.is_link_local, address.is_multicast])
    if isinstance(address, IPv6Address):
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_the_dress_of_ipv6_never_passes(address: IPv4Address) -> None:
    number = int(address)
    disguises = [0xFFFF << 32 | number, number, 0x2002 << 112 | number << 80, 0x64FF9B << 96 | number]
    for disguise in disguises:
        with pytest.raises(WebhookRefused):
            check_public(str(IPv6Address(disguise)))


def test_loopback_alone_can_be_allowed_for_trying_things_out() -> None:
    check_public("127.0.0.1", allow_loopback=True)
    check_public("::1", allow_loopback=True)
    for address in ("10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"):
        with pytest.raises(WebhookRefused):
            check_public(address, allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "target", "host_header"),
    [
        ("https://Hooks.Example/visa?a=1", Target(True, "hooks.example", 443, "/visa?a=1"), "hooks.example"),
        ("https://hooks.example:8443", Target(True, "hooks.example", 8443, "/"), "hooks.example:8443"),
        ("https://[2606:4700::1111]/x", Target(True, "2606:4700::1111", 443, "/x"), "[2606:4700::1111]"),
        ("https://1.1.1.1:443/", Target(True, "1.1.1.1", 443, "/"), "1.1.1.1"),
    ],
)
def test_a_url_leads_to_a_host_a_port_and_a_path(url: str, target: Target, host_header: str) -> None:
    assert target_of(url) == target
    assert target.host_header == host_header


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://:443/",
        "https://user@hooks.example/",
        "https://user:password@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:25/",
        "https://hooks.example:22/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://hooks.example:port/",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nHost: other",
        "https://hooks_example/",
        "https://höoks.example/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://%31%32%37.0.0.1/",
        "https://hooks.example/" + "x" * 2000,
    ],
)
def test_a_url_that_no_webhook_may_have_is_refused_and_says_what_to_send(url: str) -> None:
    with pytest.raises(WebhookRefused, match=r"\b[Ss]end\b|\buse\b"):
        target_of(url)


def test_http_is_good_only_where_things_are_tried_out() -> None:
    assert target_of("http://localhost:80/x", allow_loopback=True) == Target(False, "localhost", 80, "/x")
    assert target_of("http://localhost:25/x", allow_loopback=True).port == 25


def test_plain_http_never_leaves_this_machine() -> None:
    trying_out = Sender(allow_loopback=True, resolve=lambda _host, _port: ["1.1.1.1"])
    with pytest.raises(WebhookRefused, match="Plain HTTP is for this machine only"):
        trying_out.check("http://hooks.example/")


@given(st.text())
def test_no_text_however_odd_does_anything_but_lead_somewhere_or_be_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example{text}", f"https://hooks.example:{text}/"):
        try:
            target = target_of(url)
        except WebhookRefused:
            continue
        assert target.is_tls
        assert target.host
        assert 0 < target.port < 65536
        assert target.path.startswith("/")
        assert target.path.isascii()
        assert target.path.isprintable()


def sender(*addresses: str) -> Sender:
    return Sender(resolve=lambda _host, _port: list(addresses))


def test_one_private_address_among_those_of_a_name_is_enough_to_refuse() -> None:
    assert sender("1.1.1.1", "2606:4700::1111").check("https://hooks.example/").host == "hooks.example"
    with pytest.raises(WebhookRefused, match=r"is at 10\.0\.0\.1"):
        sender("1.1.1.1", "10.0.0.1").check("https://hooks.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "localhost"])
def test_other_spellings_of_this_machine_are_refused_as_resolved(host: str) -> None:
    with pytest.raises(WebhookRefused, match=r"not an address of the public internet|cannot be resolved"):
        Sender().check(f"https://{host}/")


def test_a_name_that_leads_nowhere_is_refused() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(WebhookRefused, match="cannot be resolved"):
        Sender(resolve=nowhere).check("https://hooks.example/")


def test_a_name_that_is_private_when_it_is_sent_to_gets_nothing() -> None:
    """It was public when the webhook was made: the name was pointed elsewhere since."""
    reply = sender("192.168.0.1").post("https://hooks.example/", {}, b"")
    assert reply.status is None
    assert reply.fault == (
        "The host of the webhook is at 192.168.0.1, which is not an address of the public internet; use another."
    )
    assert not ip_address("192.168.0.1").is_global
