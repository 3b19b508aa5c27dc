"""The outermost layer of every service: limits, request ids, measurements, and an answer to whatever goes wrong."""

import asyncio
import itertools
import re
import traceback
from collections.abc import Callable
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongbao.adapters.request_id import REQUEST, RequestId
from tongbao.errors import BusyError, InvariantError, RequestError, TongbaoError
from tongbao.protocol.problem import problem_of
from tongbao.service.problems import problem_response
from tongbao.service.rate_limits import rate_limit_headers

__all__ = ["BODY_BYTES_MAX", "REQUESTS_MAX", "Edge", "RequestMetrics"]

# The largest request is a submission of 500 transactions of 2 KiB each.
BODY_BYTES_MAX: Final = 2 * 1024 * 1024
# Of a slow telephone's largest request. A server does not wait for ever for what somebody has begun to send.
BODY_S_MAX: Final = 30.0
# With more at a time, each would wait longer than its client's patience (10 s at 100 requests a second).
REQUESTS_MAX: Final = 1_000

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_UNROUTED: Final = "(no route)"
_SERVER_FAULT: Final = 500
_CLIENT_FAULT: Final = 400

_log = structlog.get_logger("tongbao.http")


class RequestMetrics:
    """What Prometheus learns about requests: paths as declared, so that no id of a person becomes a label."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "tongbao_http_request_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("method", "path"),
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self._answers = Counter(
            "tongbao_http_answers_total", "Answers by status.", ("method", "path", "status"), registry=registry
        )
        self.running = Gauge("tongbao_http_requests_running", "Requests being answered.", registry=registry)
        # Looking a label up costs three times as much as counting.
        self._known: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}

    def count(self, method: str, path: str, *, status: int, seconds: float) -> None:
        """Count one answer."""
        found = self._known.get((method, path, status))
        if found is None:
            found = (self._seconds.labels(method, path), self._answers.labels(method, path, str(status)))
            self._known[method, path, status] = found
        found[0].observe(seconds)
        found[1].inc()


class Edge:
    """ASGI middleware around everything else of a service."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: RequestMetrics,
        instance: str,
        on_invariant: Callable[[InvariantError], None] | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._instance = instance
        self._on_invariant = on_invariant
        self._numbers = itertools.count(1)
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        request = self._request_id(scope)
        exchange = _Exchange(scope, receive, send, request_id=request.text)
        before = REQUEST.set(request)
        self._running += 1
        self._metrics.running.inc()
        try:
            await self._answer(scope, exchange)
        finally:
            self._running -= 1
            self._metrics.running.dec()
            self._record(scope, exchange, seconds=loop.time() - started_s)
            REQUEST.reset(before)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        try:
            if self._running > REQUESTS_MAX:
                raise BusyError(f"{REQUESTS_MAX} requests are being answered already")  # noqa: TRY301
            if _declared_length(scope) > BODY_BYTES_MAX:
                raise _too_large()  # noqa: TRY301  # answered below like every other error
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001  # the last one who can answer
            await self._answer_error(scope, exchange, error)

    async def _answer_error(self, scope: Scope, exchange: "_Exchange", error: Exception) -> None:
        if isinstance(error, ClientDisconnect):
            return
        if isinstance(error, InvariantError) or not isinstance(error, TongbaoError):
            _log.error(
                "request failed",
                request_id=exchange.request_id,
                path=_path_of(scope),
                error=type(error).__name__,
                # The places only: messages and variables may hold what a person sent.
                places="".join(traceback.format_tb(error.__traceback__)),
            )
        if not exchange.status:
            await problem_response(problem_of(error))(scope, exchange.receive, exchange.send)
        if isinstance(error, InvariantError) and self._on_invariant is not None:
            self._on_invariant(error)

    def _request_id(self, scope: Scope) -> RequestId:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return RequestId(str(value, "ascii"), is_own=False)
        return RequestId(f"{self._instance}-{next(self._numbers)}", is_own=True)

    def _record(self, scope: Scope, exchange: "_Exchange", *, seconds: float) -> None:
        method, path, status = scope["method"], _path_of(scope), exchange.status
        self._metrics.count(method if path != _UNROUTED else "-", path, status=status, seconds=seconds)
        level = "error" if status >= _SERVER_FAULT else "info" if status >= _CLIENT_FAULT else "debug"
        # Neither the path as sent, nor the query, nor the caller: these name people.
        getattr(_log, level)(
            "answered",
            request_id=exchange.request_id,
            method=method,
            path=path,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


class _Exchange:
    """One request and its answer, with the limit on the one and the id on the other."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, request_id: str) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._received = 0
        self._has_all = False
        self._until_s = asyncio.get_running_loop().time() + BODY_S_MAX
        self.request_id = request_id
        self.status = 0

    async def receive(self) -> Message:
        message = await (self._receive() if self._has_all else self._receive_in_time())
        self._has_all = not message.get("more_body", False)
        self._received += len(message.get("body", b""))
        if self._received > BODY_BYTES_MAX:
            raise _too_large()
        return message

    async def _receive_in_time(self) -> Message:
        try:
            async with asyncio.timeout_at(self._until_s):
                return await self._receive()
        except TimeoutError:
            raise RequestError(
                f"the body did not arrive within {BODY_S_MAX:g} s",
                code="MALFORMED",
                field="body",
                cure="send the whole body at once",
            ) from None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = (b"x-request-id", self.request_id.encode())
            message["headers"] = [*message["headers"], named, *rate_limit_headers(self._scope)]
        await self._send(message)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _path_of(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", _UNROUTED)


def _too_large() -> RequestError:
    return RequestError(
        f"the body is larger than {BODY_BYTES_MAX} bytes", code="TOO_LARGE", field="body", cure="send less at a time"
    )
