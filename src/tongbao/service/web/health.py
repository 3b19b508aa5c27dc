"""Whether the parts of the network are ready, for anybody who looks: each is asked, once a second at most."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.types import ASGIApp, Message

__all__ = ["ASKED_EVERY_S", "Health", "NetworkHealth", "PartHealth"]

ASKED_EVERY_S: Final = 1.0
"""However many look."""

ANSWERS_WITHIN_S: Final = 0.5
"""Readiness needs neither disk nor network: a part that takes longer cannot be worked with."""


class PartHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the network: its name, as "institution-1", and whether it takes work."""

    name: str
    ready: bool


class NetworkHealth(msgspec.Struct, frozen=True, kw_only=True):
    """All parts, and whether all of them are ready."""

    ready: bool
    parts: Sequence[PartHealth]


class Health:
    """Asks the parts that it is told of; `names` are all that there will be, in order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._apps: dict[str, ASGIApp | None] = dict.fromkeys(names)
        self._turn = asyncio.Lock()
        self._asked_s = -ASKED_EVERY_S
        self._document = b""

    def admit(self, name: str, app: ASGIApp) -> None:
        """Ask this part from now on."""
        self._apps[name] = app
        self._asked_s = -ASKED_EVERY_S

    async def document(self) -> bytes:
        """The `NetworkHealth` as JSON, at most a second old."""
        now_s = asyncio.get_running_loop().time
        async with self._turn:
            if now_s() - self._asked_s >= ASKED_EVERY_S:
                answers = await asyncio.gather(*[_is_ready(app) for app in self._apps.values()])
                parts = [PartHealth(name=name, ready=each) for name, each in zip(self._apps, answers, strict=True)]
                self._document = msgspec.json.encode(NetworkHealth(ready=all(answers), parts=parts))
                self._asked_s = now_s()
            return self._document


async def _is_ready(app: ASGIApp | None) -> bool:
    if app is None:
        return False
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await app(dict(_READINESS), receive, send)
    except TimeoutError:
        return False
    return statuses == [HTTPStatus.OK]


_READINESS: Final = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/readyz",
    "raw_path": b"/readyz",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 0),
    "server": ("localhost", 80),
}
