"""Serve an application on a socket inside the event loop that runs already."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tongbao.errors import ConfigurationError

__all__ = ["RunningServer", "bind", "serve"]

# Longer than clients keep an idle connection, so that none is closed at the moment it is used again.
_KEEP_ALIVE_S: Final = 60
# How long answers may still take when the server stops; long polls are cut off.
_STOP_S_MAX: Final = 3
# Connections that wait to be taken; the system's own limit is 4096.
_BACKLOG: Final = 1024

_PORTS_OF_ROOT: Final = 1024


def bind(host: str, port: int) -> socket.socket:
    """Reserve an address (port 0: any free one); raises `ConfigurationError` with the cure when that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigurationError(f"{host} is not an address of this machine; try 127.0.0.1") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # Now, not when the server starts: another process may have bound the same address without listening.
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise _unusable(host, port, error) from error
    bound.setblocking(False)  # noqa: FBT003  # the socket's own signature
    return bound


def _unusable(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        message = f"port {port} of {host} is in use; stop what uses it or choose another port"
    elif error.errno == errno.EACCES:
        message = f"port {port} is not allowed to this user; choose one above {_PORTS_OF_ROOT - 1}"
    elif error.errno == errno.EADDRNOTAVAIL:
        message = f"{host} is not an address of this machine; try 127.0.0.1"
    else:
        message = f"cannot listen on port {port} of {host}: {error.strerror}"
    return ConfigurationError(message)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers; stops at the end of `async with`, or by `stop`."""

    url: str
    _server: uvicorn.Server
    _task: "asyncio.Task[None]"

    async def stop(self) -> None:
        """Take no more requests, finish those that run, and free the port."""
        self._server.should_exit = True
        await self._task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_reason: object) -> None:
        await self.stop()


class _Gathering(asyncio.Transport):
    """A transport that writes together what is written in one step of the event loop.

    An answer is written in two parts, head and body. By themselves they are two packets, each of which costs both sides
    a call of the system and the client a wakening.

    Here is what uvicorn uses of a transport where there are no web sockets, and no more: should a newer one use another
    part, asyncio's own says that it does not exist. That the client does not keep up is noticed one step late, after
    all that was written in that step; whoever streams waits for an event between two parts, so this is one part.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._parts:
            self._loop.call_soon(self._write_together)
        self._parts.append(bytes(data))

    def _write_together(self) -> None:
        parts, self._parts = self._parts, []
        # The client may have gone since, and what was closed takes no more.
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def close(self) -> None:
        self._write_together()
        self._transport.close()

    def abort(self) -> None:
        self._parts.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - as the event loop says
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_Gathering(transport))


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which runs more than this server."""
        yield


async def serve(app: ASGIApp, listening: socket.socket) -> RunningServer:
    """Start to answer on a socket from `bind`, and return once requests are taken."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_STOP_S_MAX,
    )
    server = _QuietServer(config)
    host, port = listening.getsockname()[:2]
    task = asyncio.create_task(server.serve(sockets=[listening]), name=f"server on port {port}")
    while not server.started:
        if task.done():
            await task
            raise ConfigurationError(f"the server on port {port} did not start")
        await asyncio.sleep(0.001)
    return RunningServer(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", server, task)
