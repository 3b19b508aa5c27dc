"""One connection of HTTP/1.1 to a server: one request after another, each once the one before is answered.

The parser is httptools', which is llhttp, the parser of Node.js. What is here is what a client of ours needs of the
protocol around it: whole answers, a connection that is kept, and no byte that nobody asked for.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import httptools

from tongbao.errors import PeerError

__all__ = ["ANSWER_BYTES_MAX", "HEAD_BYTES_MAX", "Answer", "BrokenOffError", "HttpConnection", "NoHttpError"]

# The largest answer is a page of a feed of coins; what is larger comes from nobody we know.
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
# Ours take less than one; proxies add some.
HEAD_BYTES_MAX: Final = 64 * 1024

_INTERIM: Final = range(100, 200)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; an answer with an error status is an answer, too."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: bytes = b""


class BrokenOffError(ConnectionError):
    """The connection ended before the answer did."""


class NoHttpError(ConnectionError):
    """What came is not HTTP."""


class HttpConnection(asyncio.Protocol):
    """Made by the event loop; `ask`, again while it `is_open`, and `close` it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[Answer] | None = None
        self._is_kept = False
        self._silent_bytes = 0
        self._parser = httptools.HttpResponseParser(self)
        self.on_message_begin()

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None

    async def ask(self, request: bytes) -> Answer:
        """Send a request of any method but HEAD and return its answer; if that does not come, all is over.

        Raises:
            BrokenOffError: the connection ended before the answer did.
            NoHttpError: what came is not HTTP.
            PeerError: the answer is larger than any that we know.
        """
        if self._transport is None:
            raise BrokenOffError
        self._is_kept = False
        self._silent_bytes = 0
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answered
        finally:
            self._answered = None
            if not self._is_kept:
                self.close()

    def close(self) -> None:
        """Let go of the server, whatever it was about to say."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    @property
    def _asked(self) -> asyncio.Future[Answer] | None:
        """What waits for an answer."""
        return None if self._answered is None or self._answered.done() else self._answered

    def _answer(self) -> None:
        if (asked := self._asked) is not None:
            asked.set_result(Answer(self._parser.get_status_code(), self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        if (asked := self._asked) is not None:
            asked.set_exception(error)

    # --- what the event loop tells ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The server is there."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Some of an answer has come."""
        if self._asked is None:
            self.close()
            return
        # Of what has not ended yet the parser tells nothing, but keeps it: an endless header, before the body or after.
        self._silent_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(NoHttpError(str(error)))
        self._demand_head_size(self._silent_bytes)

    def eof_received(self) -> None:
        """The server says no more, which is how an answer ends that says no other end."""
        if self._has_head and self._ends_with_connection:
            self._answer()

    def connection_lost(self, _error: Exception | None) -> None:
        """The server is gone."""
        self._transport = None
        self._fail(BrokenOffError())

    # --- what the parser tells ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """An answer begins."""
        if self._asked is None:
            # A second answer to one request makes the connection worthless, however little of it has come.
            self._is_kept = False
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._head_bytes = 0
        self._body_bytes = 0
        self._has_head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One more header, or after the body one more trailer."""
        self._head_bytes += len(name) + len(value)
        self._demand_head_size(self._head_bytes)
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The body follows, if there is one."""
        self._has_head = True
        self._demand_size(int(self._headers.get("content-length", 0)))

    @property
    def _ends_with_connection(self) -> bool:
        return not ({"content-length", "transfer-encoding"} & self._headers.keys())

    def on_body(self, part: bytes) -> None:
        """Some of the body."""
        self._silent_bytes = 0
        self._body.append(part)
        self._body_bytes += len(part)
        self._demand_size(self._body_bytes)

    def _demand_head_size(self, head_bytes: int) -> None:
        if head_bytes > HEAD_BYTES_MAX:
            self._fail(PeerError(f"more than {HEAD_BYTES_MAX} bytes of headers"))

    def _demand_size(self, body_bytes: int) -> None:
        if body_bytes > ANSWER_BYTES_MAX:
            self._fail(PeerError(f"more than {ANSWER_BYTES_MAX} bytes"))

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self._parser.get_status_code() in _INTERIM:
            self.on_message_begin()
            return
        self._is_kept = self._asked is not None and self._parser.should_keep_alive()
        self._answer()
