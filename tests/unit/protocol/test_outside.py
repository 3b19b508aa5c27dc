"""To which addresses messages may go: each way to name a machine that is not anybody's is refused."""

from ipaddress import ip_address, ip_network

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.outside import URL_LENGTH_MAX, demand_url, may_be_reached

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "64:ff9b::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_an_address_that_not_everybody_can_reach_is_not_reached(address: str) -> None:
    assert not may_be_reached(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"])
def test_an_address_that_everybody_can_reach_is_reached(address: str) -> None:
    assert may_be_reached(ip_address(address))


def test_what_the_operator_allows_is_reached_and_nothing_beside_it() -> None:
    assert may_be_reached(ip_address("127.0.0.1"), allowed=LOOPBACK)
    assert not may_be_reached(ip_address("10.0.0.1"), allowed=LOOPBACK)
    assert not may_be_reached(ip_address("::1"), allowed=LOOPBACK)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example/", "begin with https"),
        ("ftp://shop.example/", "begin with https"),
        ("https://me:secret@shop.example/", "a name or a password"),
        ("https://shop.example/#part", "never sent"),
        ("https:///path", "names no host"),
        ("https://shop.example:0/", "names no host, or no port"),
        ("https://shop.example:99999/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://shop.example/a b", "percent-encoded"),
        ("https://shop.example\\@10.0.0.1/", "percent-encoded"),
        ("https://茶.example/", "percent-encoded"),
        ("https://shop.example/" + "a" * URL_LENGTH_MAX, "longer than"),
        ("https://127.0.0.1/", "not an address that anybody can reach"),
        ("https://[::ffff:10.0.0.1]/", "not an address that anybody can reach"),
        ("https://localhost/", "this machine"),
        ("https://shop.LOCALHOST./", "this machine"),
    ],
)
def test_a_url_to_which_nothing_may_be_sent_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as refused:
        demand_url(url)

    assert (refused.value.code, refused.value.field) == ("WEBHOOK_URL", "url")


@pytest.mark.parametrize("url", ["https://shop.example/told?by=bank", "https://93.184.216.34:8443/"])
def test_an_https_url_of_somebody_is_good(url: str) -> None:
    demand_url(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "https://127.0.0.1/", "http://localhost:8080/"])
def test_where_the_operator_allows_this_machine_plain_http_to_it_is_good(url: str) -> None:
    demand_url(url, allowed=LOOPBACK)
