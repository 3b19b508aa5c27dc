"""A network whose roles answer what a test lays ready, so that its callers can be tried alone.

    with open_desks(tmp_path) as desks:
        desks.answers["GET", "/v1/bank/report"] = report
        ...                                     # ask, as the teller of the first institution
        assert desks.asked[0].caller == "teller"

Keys, signatures, sockets and bytes are real: a request that is not signed by the key that its sender has on this
network is refused.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from tongbao.adapters.clock import SystemClock
from tongbao.coin.control import AuthorityKind
from tongbao.errors import RequestError
from tongbao.protocol.client import JSON
from tongbao.protocol.wire import Message
from tongbao.service.authentication import Authenticate, authenticated
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.http import create_app
from tongbao.service.key_file import read_key
from tongbao.service.server import RunningServer, bind, serve

INSTITUTIONS = ("First Bank", "Second Bank")


@dataclass(frozen=True)
class Asked:
    """One request that arrived and whose signature holds.

    Attributes:
        role: whom it reached.
        operation: method, path and query.
        caller: the key id that signed it.
        idempotency_key: "" where there was none.
        message: the body's JSON; None where there was no body.
    """

    role: str
    operation: str
    caller: str
    idempotency_key: str
    message: Any


@dataclass
class Desks:
    """The network and what happens at its desks.

    Attributes:
        data: its data directory.
        answers: what is answered, by method and path; an exception becomes a problem.
        asked: what was asked, in order.
    """

    data: DataDirectory
    answers: dict[tuple[str, str], Message | Exception] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """Where the data directory lies."""
        return self.data.root

    def officer(self, authority: AuthorityKind = AuthorityKind.ISSUANCE) -> Path:
        """The key file of an authority's first officer."""
        return self.data.officer_keys(authority)[0]


def _authenticate(data: DataDirectory, role: str) -> Authenticate:
    officers = [read_key(path) for authority in AuthorityKind for path in data.officer_keys(authority)]
    known = {f"officer:{key.public_key.hex()}": key.public_key for key in officers}
    known["home:0"] = read_key(data.root / "central-bank" / "operator.key").public_key
    if role.startswith("institution"):
        known["teller"] = read_key(data.root / role / "teller.key").public_key

    async def public_key_of(key_id: str) -> bytes | None:
        kind, _, rest = key_id.partition(":")
        return bytes.fromhex(rest) if kind == "key" else known.get(key_id)

    return authenticated(public_key_of, SystemClock())


def _app(desks: Desks, role: str) -> FastAPI:
    authenticate = _authenticate(desks.data, role)

    async def answer(request: Request) -> Response:
        caller = await authenticate(request)
        body = await request.body()
        path, query = request.scope["path"], request.url.query
        asked = Asked(
            role,
            f"{request.method} {path}?{query}".rstrip("?"),
            caller.key_id,
            request.headers.get("idempotency-key", ""),
            json.loads(body) if body else None,
        )
        desks.asked.append(asked)
        message = desks.answers.get((request.method, path), RequestError("nothing is laid ready", code="NOT_FOUND"))
        if isinstance(message, Exception):
            raise message
        return Response(message.encode(), media_type=JSON)

    app = create_app(role, version="1")
    app.router.routes.append(Route("/v1/{rest:path}", answer, methods=["GET", "POST"]))
    return app


async def _serve_all(desks: Desks, listening: list[socket.socket]) -> list[RunningServer]:
    return [await serve(_app(desks, role), bound) for role, bound in zip(desks.data.roles(), listening, strict=True)]


async def _stop_all(servers: list[RunningServer]) -> None:
    await asyncio.gather(*[server.stop() for server in servers])


@contextmanager
def _loop_of_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="desks")
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def open_desks(root: Path) -> Iterator[Desks]:
    """Every role of a new network in `root`, answering from a thread of its own."""
    with ExitStack() as stack:
        stack.enter_context(capture_logs())  # lines of the roles would stand between those of a command
        listening = [stack.enter_context(closing(bind("127.0.0.1", 0))) for _ in range(2 + len(INSTITUTIONS))]
        plan = NetworkPlan(
            name="Test",
            institutions=INSTITUTIONS,
            test_network=True,
            time_ms=1_000,
            quota_fen=10**12,
            ports=[bound.getsockname()[1] for bound in listening],
            clock=ClockChoice.WALL,
            secret=seeded_secret("desks"),
        )
        desks = Desks(DataDirectory.make(root, plan))
        loop = stack.enter_context(_loop_of_a_thread())
        servers = asyncio.run_coroutine_threadsafe(_serve_all(desks, listening), loop).result()
        try:
            yield desks
        finally:
            asyncio.run_coroutine_threadsafe(_stop_all(servers), loop).result()
