"""The Network port over HTTP/1.1: one pool of kept connections, and nothing in between that changes a byte."""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from yarl import URL

from tongbao.adapters.request_id import REQUEST, REQUEST_ID_HEADER
from tongbao.errors import NetworkError, PeerError

__all__ = ["ANSWER_BYTES_MAX", "Answer", "HttpNetwork"]

# The largest answer is a page of a feed of coins; what is larger comes from nobody we know.
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
# Enough to keep every worker of a server busy, few enough to stay clear of the limit on open files.
_CONNECTIONS_MAX: Final = 256
# Shorter than the servers' own patience, so that a connection is not closed at the moment it is used again.
_KEEP_ALIVE_S: Final = 30.0
_CONNECT_TIMEOUT_S: Final = 5.0
# Why this machine cannot even try; every other failure to connect is that nobody is there.
_HERE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; an answer with an error status is an answer, too."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: bytes = b""


class HttpNetwork:
    """Ask other parties over HTTP; belongs to one event loop, and is closed at the end."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return the answer; raises `NetworkError` where there is none, so that it may or may not have happened."""
        if self._session is None:
            self._session = _open_session()
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)
        request = REQUEST.get()
        if request.is_own:
            headers = {**headers, REQUEST_ID_HEADER: request.text}
        try:
            # `encoded`: the path travels as it was signed. No redirects: an answer from elsewhere is nobody's answer.
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=body or None,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, _small(response), await _read_body(response))
        except TimeoutError as error:
            raise NetworkError(f"no answer from {_party(url)} within {timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(_complaint(_party(url), error)) from error

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _complaint(party: str, error: Exception) -> str:
    """What went wrong, in words for people rather than for whoever maintains the library below."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"no answer from {party}: nobody has that name; look for a slip in the address"
        case aiohttp.ClientSSLError():
            return f"no answer from {party}: it does not prove who it is"
        case aiohttp.ClientConnectorError() if error.os_error.errno in _HERE:
            return f"no answer from {party}: {os.strerror(error.os_error.errno)}"
        case aiohttp.ClientConnectorError():
            return f"nobody answers at {party}; is it running there, by tongbao up or tongbao serve?"
        case aiohttp.ServerConnectionError() | aiohttp.ClientPayloadError() | aiohttp.ClientOSError():
            return f"no answer from {party}: the connection broke off; ask again"
        case ValueError() | aiohttp.NonHttpUrlClientError():
            return f"no answer from {party}: it is no address of HTTP; write http://HOST:PORT"
        case _:
            return f"no answer from {party}: {str(error) or type(error).__name__}"


def _open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # aiohttp sets TCP_NODELAY itself: small requests must not wait for each other's acknowledgement.
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS_MAX, keepalive_timeout=_KEEP_ALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        trust_env=False,
    )


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    if (response.content_length or 0) > ANSWER_BYTES_MAX:
        raise _too_large(response)
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise _too_large(response)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(response: aiohttp.ClientResponse) -> PeerError:
    response.close()
    return PeerError(f"{_party(str(response.url))} answered with more than {ANSWER_BYTES_MAX} bytes")


def _small(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _party(url: str) -> str:
    """Scheme, host and port: the path may name a customer."""
    return "/".join(url.split("/")[:3])
