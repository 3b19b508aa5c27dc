"""To which addresses of the internet messages may go whose place a customer names.

Whoever may name the place of a message could have it sent to machines that trust this one: its own services, its
neighbours in the data centre, the service that tells a cloud's machines their passwords. So only addresses that
anybody can reach are good, and those that the operator allows besides.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tongbao.errors import RequestError

__all__ = ["URL_LENGTH_MAX", "Address", "Network", "demand_url", "host_of", "may_be_reached"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LENGTH_MAX: Final = 512
"""Room for a host, a path and a secret of the receiver's own; it stands in every line of the delivery log."""

# What `is_global` lets pass, in some versions of Python at least: protocol assignments and local translation, and the
# services of clouds, which tell a machine what only that machine may know.
_NOT_OF_ANYBODY: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("64:ff9b:1::/48"),
)
# Through these an IPv4 address is reached over IPv6 (RFC 6052); the last 32 bits are that address.
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_TRANSLATED_BITS: Final = 0xFFFF_FFFF


def may_be_reached(address: Address, *, allowed: Sequence[Network] = ()) -> bool:
    """Whether a message may go to an address: anybody can reach it, or it is `allowed`."""
    if any(address in network for network in allowed):
        return True
    return all(_is_public(each) for each in (address, *_embedded(address)))


def _is_public(address: Address) -> bool:
    reserved = address.is_multicast or any(address in network for network in _NOT_OF_ANYBODY)
    return address.is_global and not reserved


def _embedded(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses to which something on the way would send what goes to an IPv6 address."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED:
        found.append(IPv4Address(int(address) & _TRANSLATED_BITS))
    return [each for each in found if each is not None]


def demand_url(url: str, *, allowed: Sequence[Network] = ()) -> None:
    """Return if messages may go to a URL, as far as it tells; a name's address is known only when it is used.

    Raises:
        RequestError: WEBHOOK_URL, with what is wrong about it.
    """
    parts = _parts_of(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and allowed):
        raise _wrong("it must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise _wrong("it must not hold a name or a password: anybody who sees it would see these")
    if parts.fragment:
        raise _wrong("what follows # is never sent: leave it out")
    address = host_of(parts.hostname or "")
    if isinstance(address, str):
        if not allowed and (address == "localhost" or address.endswith(".localhost")):
            raise _wrong("it names this machine, which is not yours")
    elif not may_be_reached(address, allowed=allowed):
        raise _wrong(f"{address} is not an address that anybody can reach")


def _parts_of(url: str) -> SplitResult:
    if len(url) > URL_LENGTH_MAX:
        raise _wrong(f"it is longer than {URL_LENGTH_MAX} characters")
    if not url.isascii() or any(each.isspace() or not each.isprintable() for each in url) or "\\" in url:
        raise _wrong("it must be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong(f"it is no URL: {error}") from None
    if not parts.hostname or port == 0:
        raise _wrong("it names no host, or no port that there is")
    return parts


def host_of(host: str) -> "Address | str":
    """The address that a host is, or its name in small letters."""
    try:
        return ip_address(host)
    except ValueError:
        return host.lower().removesuffix(".")


def _wrong(reason: str) -> RequestError:
    return RequestError(
        f"nothing can be sent to this URL: {reason}",
        code="WEBHOOK_URL",
        field="url",
        cure="name an https URL at a host that anybody on the internet can reach",
    )
