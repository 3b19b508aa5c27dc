"""The wire between a browser and the front: a proxy that keeps every byte that leaves the browser, whoever sent it.

Pages, service workers, beacons and whatever else a browser does by itself all pass here. Who else than the front is
asked for is refused and written down.
"""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

_CHUNK_BYTES = 65_536
_HEAD_BYTES_MAX = 65_536
_TARGET = re.compile(rb"^[A-Z]+ (?:http://)?([^/ ]+)")
_REFUSED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Wire:
    """A proxy on a free port of this machine that lets through to `port` alone."""

    def __init__(self, port: int) -> None:
        self._allowed = {f"{host}:{port}".encode() for host in ("localhost", "127.0.0.1")}
        self._upstream = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sent: list[bytearray] = []
        self._open: list[socket.socket] = []
        self.strangers: list[str] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            _shut(end)

    @property
    def url(self) -> str:
        """For the browser's settings."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def sent(self) -> list[bytes]:
        """What has left the browser so far, one item per connection."""
        return [bytes(each) for each in self._sent]

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        kept = bytearray()
        self._sent.append(kept)
        with self._tracked(near):
            kept += _head(near)
            asked_for = _TARGET.match(kept)
            if asked_for is None:
                return
            if asked_for[1] not in self._allowed:
                self.strangers.append(asked_for[1].decode(errors="replace"))
                near.sendall(_REFUSED)
                return
            with self._tracked(socket.create_connection(("127.0.0.1", self._upstream))) as far:
                far.sendall(kept)
                back = threading.Thread(target=_pass_on, args=(far, near, None), daemon=True)
                back.start()
                _pass_on(near, far, kept)
                back.join()

    @contextmanager
    def _tracked(self, end: socket.socket) -> Iterator[socket.socket]:
        self._open.append(end)
        try:
            with end:
                yield end
        except OSError:
            return  # the browser or the front has gone, as they may
        finally:
            self._open.remove(end)


def _head(end: socket.socket) -> bytes:
    """The first bytes of a connection, up to the end of its first request line at least."""
    read = bytearray()
    while b"\r\n" not in read and len(read) < _HEAD_BYTES_MAX:
        chunk = end.recv(_CHUNK_BYTES)
        if not chunk:
            break
        read += chunk
    return bytes(read)


def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
    """Everything until either side is done; then neither can be used any more."""
    try:
        while chunk := source.recv(_CHUNK_BYTES):
            if kept is not None:
                kept += chunk
            target.sendall(chunk)
    except OSError:
        pass  # the other direction says why
    finally:
        _shut(source)
        _shut(target)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
