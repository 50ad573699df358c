"""Whose request it is, with and without proxies in between."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import RequestFactory

from judge.web.address import client_address

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]


@pytest.mark.parametrize(
    ("peer", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("", "unknown"),
    ],
)
def test_it_is_the_connections_of_an_ipv6_the_subscribers(rf: RequestFactory, peer: str, counted_as: str) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR=peer)) == counted_as


@pytest.mark.parametrize("name", ["X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "CLIENT_IP", "CF_CONNECTING_IP"])
def test_a_header_that_anyone_can_send_says_nothing(rf: RequestFactory, settings: Any, name: str) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    headers: dict[str, Any] = {f"HTTP_{name}": "203.0.113.5"}
    assert client_address(rf.get("/", REMOTE_ADDR="192.0.2.1", **headers)) == "192.0.2.1"


@pytest.mark.parametrize(
    ("forwarded", "counted_as"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("1.1.1.1, 203.0.113.5", "203.0.113.5"),  # the left one is what the client sent
        ("1.1.1.1, 203.0.113.5, 10.1.1.1,10.2.2.2", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8:1:2::7]:4711", "2001:db8:1:2::"),
        ("2001:db8:1:2::7, 2001:db8:ffff::1", "2001:db8:1:2::"),
        ("10.3.3.3", "10.3.3.3"),
        ("nonsense", "10.0.0.1"),
        ("1.1.1.1, nonsense, 10.1.1.1", "10.1.1.1"),
        ("", "10.0.0.1"),
        (",,,", "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_is_believed_and_no_one_behind_it(
    rf: RequestFactory, settings: Any, forwarded: str, counted_as: str
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == counted_as
