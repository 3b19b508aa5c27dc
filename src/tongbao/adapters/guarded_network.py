"""The Network port to places that customers name: it reaches only what anybody on the internet can reach.

A name is resolved and every address that it has is judged; the connection then goes to just those addresses, so a name
that means something else a moment later gains nothing. Redirects are not followed, certificates are checked, proxies
of the environment are not used, and what the receiver says beyond its status is not read.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tongbao.adapters.network import Answer
from tongbao.errors import NetworkError
from tongbao.protocol.outside import Address, Network, host_of, may_be_reached

__all__ = ["GuardedNetwork", "Resolve"]

_CONNECT_TIMEOUT_S: Final = 10.0
# Each is a message to one merchant's server; more wait their turn.
_CONNECTIONS_MAX: Final = 64
_CONNECTIONS_PER_HOST: Final = 4
# One for each message: a name server that takes its time holds up nobody else's names.
_NAME_THREADS: Final = 64
_HEADER_BYTES_MAX: Final = 8_190

Resolve = AbstractResolver
"""What finds the addresses of a name."""


class _ForbiddenError(OSError):
    """A name or an address to which nothing is sent."""


class _JudgingResolver(AbstractResolver):
    """Finds addresses as another resolver does, and hands them out only if all of them are good."""

    def __init__(self, inner: Resolve, judge: "_Judge") -> None:
        self._inner = inner
        self._judge = judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            # A zone, as in fe80::1%eth0, is of this machine and no part of the address.
            self._judge.demand(host, ip_address(each["host"].partition("%")[0]))
        return found

    async def close(self) -> None:
        await self._inner.close()


class _OwnThreads(AbstractResolver):
    """Asks the system for addresses, on threads that nothing else waits for.

    The event loop's own are few and find the names of the centre and of other homes: whoever names a server whose name
    takes half a minute to be found would hold up payments.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_NAME_THREADS, thread_name_prefix="names-outside")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        find = partial(
            socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, find)
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=str(place[0]), port=port, family=of, proto=protocol, flags=numeric)
            for of, _, protocol, _, place in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Judge:
    def __init__(self, allowed: Sequence[Network], *, public: bool) -> None:
        self._allowed = allowed
        self._public = public

    def demand(self, host: str, address: Address) -> None:
        good = self._public and may_be_reached(address, allowed=self._allowed)
        if not good and not any(address in network for network in self._allowed):
            # Not to which: the merchant reads this, and would learn how the machines within are numbered.
            raise _ForbiddenError(f"{host} has an address to which nothing is sent")


class GuardedNetwork:
    """Send to others over HTTPS; belongs to one event loop, and is closed at the end.

    Plain HTTP goes to `allowed` networks alone. `tls` says whose certificates are believed; None is the system's list.
    """

    def __init__(
        self, *, allowed: Sequence[Network] = (), tls: SSLContext | None = None, resolve: Resolve | None = None
    ) -> None:
        self._judges = {"https": _Judge(allowed, public=True), "http": _Judge(allowed, public=False)}
        self._tls = tls
        self._resolve = resolve
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return status and headers of the answer; raises `NetworkError` with the reason where there is none."""
        try:
            target = URL(url, encoded=True)
            session = self._session(target)
            timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)
            async with session.request(
                method, target, headers=headers, data=body, timeout=timeout, allow_redirects=False
            ) as response:
                return Answer(response.status, {name.lower(): value for name, value in response.headers.items()})
        except TimeoutError as error:
            raise NetworkError(f"no answer within {timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(_reason(error)) from error

    async def close(self) -> None:
        """Close every connection."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _session(self, target: URL) -> aiohttp.ClientSession:
        """The session of the URL's scheme, if messages may go to the URL as it is written."""
        judge = self._judges.get(target.scheme)
        if judge is None or target.host is None:
            raise _ForbiddenError("nothing is sent to what is no https URL")
        # What is written as an address is never resolved.
        address = host_of(target.host)
        if not isinstance(address, str):
            judge.demand(target.host, address)
        session = self._sessions.get(target.scheme)
        if session is None:
            session = self._sessions[target.scheme] = self._open(judge)
        return session

    def _open(self, judge: _Judge) -> aiohttp.ClientSession:
        options: dict[str, Any] = {} if self._tls is None else {"ssl": self._tls}
        connector = aiohttp.TCPConnector(
            resolver=_JudgingResolver(self._resolve or _OwnThreads(), judge),
            use_dns_cache=False,
            # A kept connection would outlive the judgement of its address.
            force_close=True,
            limit=_CONNECTIONS_MAX,
            limit_per_host=_CONNECTIONS_PER_HOST,
            **options,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=_HEADER_BYTES_MAX,
            max_field_size=_HEADER_BYTES_MAX,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
        )


def _reason(error: Exception) -> str:
    """What went wrong, for the merchant's delivery log."""
    inner = getattr(error, "os_error", None)
    if isinstance(error, _ForbiddenError):
        return str(error)
    if isinstance(inner, _ForbiddenError):
        return str(inner)
    return _reason_of_connection(error)


def _reason_of_connection(error: Exception) -> str:
    match error:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "it is no URL of a server"
        case aiohttp.ClientConnectorDNSError():
            return "nobody has that name"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate does not prove who it is"
        case aiohttp.ClientConnectorError():
            return "nobody answers there"
        case aiohttp.ServerConnectionError() | aiohttp.ClientOSError() | aiohttp.ClientPayloadError():
            return "the connection broke off"
        case aiohttp.ClientResponseError():
            return "its answer is not HTTP"
        case _:
            return f"it could not be sent: {type(error).__name__}"
