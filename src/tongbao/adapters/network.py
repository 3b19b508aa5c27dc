"""The Network port over HTTP/1.1: one pool of kept connections, and nothing in between that changes a byte."""

import asyncio
import errno
import os
import re
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import aiohappyeyeballs

from tongbao.adapters.http_connection import ANSWER_BYTES_MAX, Answer, BrokenOffError, HttpConnection, NoHttpError
from tongbao.adapters.request_id import REQUEST, REQUEST_ID_HEADER
from tongbao.errors import NetworkError, PeerError

__all__ = ["ANSWER_BYTES_MAX", "Answer", "HttpNetwork"]

# Enough to keep every worker of a server busy, few enough to stay clear of the limit on open files.
_CONNECTIONS_MAX: Final = 256
# Shorter than the servers' own patience, so that a connection is not closed at the moment it is used again.
_KEEP_ALIVE_S: Final = 30.0
_CONNECT_TIMEOUT_S: Final = 5.0
# Where a name has several addresses, the next is tried while one keeps silent (RFC 8305).
_NEXT_ADDRESS_S: Final = 0.25
# Why this machine cannot even try; every other failure to connect is that nobody is there.
_HERE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM})
_ORIGINS_REMEMBERED: Final = 1_024
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_BODILESS: Final = frozenset({"GET", "HEAD"})
# Percent-encoded; a fragment is for whoever reads the answer.
_TARGET: Final = re.compile(r'/[!"$-~]*')
_AUTHORITY: Final = re.compile(r"[A-Za-z0-9._~:\[\]-]+")


@dataclass(frozen=True, slots=True)
class _Origin:
    """A server: where it is, and by which name it is asked."""

    scheme: str
    host: str
    port: int
    authority: str


class HttpNetwork:
    """Ask other parties over HTTP; belongs to one event loop, and is closed at the end."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_CONNECTIONS_MAX)
        self._asked: set[HttpConnection] = set()
        # Those kept, with when each was used last; the newest last.
        self._kept: defaultdict[_Origin, deque[tuple[float, HttpConnection]]] = defaultdict(deque)
        self._sweep: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return the answer; raises `NetworkError` where there is none, so that it may or may not have happened."""
        request = REQUEST.get()
        if request.is_own:
            headers = {**headers, REQUEST_ID_HEADER: request.text}
        try:
            # The path travels as it was signed. No redirects: an answer from elsewhere is nobody's answer.
            origin, target = _taken_apart(url)
            head = _head(method, target, {"host": origin.authority, **headers}, length=len(body))
            async with asyncio.timeout(timeout_s), self._room:
                return await self._ask(origin, head + body)
        except TimeoutError as error:
            raise NetworkError(f"no answer from {_party(url)} within {timeout_s:g} s") from error
        except PeerError as error:
            raise PeerError(f"{_party(url)} answered with {error}") from None
        except (OSError, ValueError) as error:
            raise NetworkError(_complaint(_party(url), error)) from error

    async def close(self) -> None:
        """Close every connection."""
        kept = [connection for idle in self._kept.values() for _, connection in idle]
        self._kept.clear()
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in [*kept, *self._asked]:
            connection.close()

    async def _ask(self, origin: _Origin, request: bytes) -> Answer:
        connection = self._take(origin) or await self._connect(origin)
        self._asked.add(connection)
        try:
            answer = await connection.ask(request)
        finally:
            self._asked.discard(connection)
        if connection.is_open:
            self._keep(origin, connection)
        return answer

    def _keep(self, origin: _Origin, connection: HttpConnection) -> None:
        loop = asyncio.get_running_loop()
        self._kept[origin].append((loop.time(), connection))
        if self._sweep is None:
            self._sweep = loop.call_later(_KEEP_ALIVE_S, self._close_idle, loop)

    def _close_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what nobody needs of every server, also of those that are never asked again."""
        for origin, kept in list(self._kept.items()):
            _close_old(kept, now_s=loop.time())
            if not kept:
                del self._kept[origin]
        self._sweep = loop.call_later(_KEEP_ALIVE_S, self._close_idle, loop) if self._kept else None

    def _take(self, origin: _Origin) -> HttpConnection | None:
        """The kept connection that was used last; those that nobody needs are closed."""
        kept = self._kept.get(origin)
        if kept is None:
            return None
        _close_old(kept, now_s=asyncio.get_running_loop().time())
        while kept:
            _, connection = kept.pop()
            if connection.is_open:
                return connection
        return None

    async def _connect(self, origin: _Origin) -> HttpConnection:
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        is_private = origin.scheme == "https"
        if is_private and self._tls is None:
            self._tls = ssl.create_default_context()
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, connection = await loop.create_connection(
                HttpConnection,
                sock=await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_S),
                ssl=self._tls if is_private else None,
                server_hostname=origin.host if is_private else None,
            )
        return connection


def _close_old(kept: deque[tuple[float, HttpConnection]], *, now_s: float) -> None:
    while kept and kept[0][0] < now_s - _KEEP_ALIVE_S:
        kept.popleft()[1].close()


def _taken_apart(url: str) -> tuple[_Origin, str]:
    """The server and what it is asked for."""
    place, _, query = url.partition("?")
    scheme, _, rest = place.partition("://")
    authority, slash, path = rest.partition("/")
    target = f"{slash}{path}" or "/"
    if query:
        target += f"?{query}"
    if _TARGET.fullmatch(target) is None:
        raise ValueError("the URL is not percent-encoded")
    return _origin(scheme, authority), target


@lru_cache(_ORIGINS_REMEMBERED)
def _origin(scheme: str, authority: str) -> _Origin:
    parts = urlsplit(f"//{authority}")
    if scheme not in _DEFAULT_PORTS or not parts.hostname or _AUTHORITY.fullmatch(authority) is None:
        raise ValueError("the URL names no server")
    return _Origin(scheme, parts.hostname, parts.port or _DEFAULT_PORTS[scheme], authority)


def _head(method: str, target: str, headers: Mapping[str, str], *, length: int) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()]]
    if length or method not in _BODILESS:
        lines.append(f"content-length: {length}")
    head = "\r\n".join([*lines, "", ""])
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise ValueError("a header has a line end in it")
    return head.encode("latin-1")


def _complaint(party: str, error: Exception) -> str:
    """What went wrong, in words for people rather than for whoever maintains the library below."""
    match error:
        case BrokenOffError():
            return f"no answer from {party}: the connection broke off; ask again"
        case NoHttpError():
            return f"no answer from {party}: what it says is not HTTP"
        case socket.gaierror():
            return f"no answer from {party}: nobody has that name; look for a slip in the address"
        case ssl.SSLError():
            return f"no answer from {party}: it does not prove who it is"
        case OSError() if error.errno in _HERE:
            return f"no answer from {party}: {os.strerror(error.errno or 0)}"
        case OSError():
            return f"nobody answers at {party}; is it running there, by tongbao up or tongbao serve?"
        case _:
            return f"no answer from {party}: it is no address of HTTP; write http://HOST:PORT"


def _party(url: str) -> str:
    """Scheme, host and port: the path may name a customer."""
    return "/".join(url.split("/")[:3])
