"""A merchant's server, without sockets: the Network port to the outside, with the troubles that receivers have.

world.outside = receiver = Receiver(world.clock)
receiver.status = 500
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.registration_world import HandClock
from tongbao.adapters.network import Answer
from tongbao.errors import NetworkError


@dataclass(frozen=True, slots=True)
class Message:
    """One message that arrived, whatever the receiver answered."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    at_s: int

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def what(self) -> tuple[str, str]:
        """Kind and the order's number."""
        return self.content["type"], self.content["data"].get("order_number", "")


@dataclass
class Receiver:
    """What receives.

    Attributes:
        clock: the wall clock.
        status: what it answers; 0 is no answer.
        judge: may answer otherwise to a message.
        hold: while it is cleared, nobody is answered.
        arrived: every message, in the order in which they came.
        open_now: how many are being answered.
        open_max: the most at one time.
    """

    clock: HandClock
    status: int = 204
    judge: Callable[[Message], int | None] = lambda _message: None
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: list[Message] = field(default_factory=list)
    open_now: int = 0
    open_max: int = 0

    def __post_init__(self) -> None:
        self.hold.set()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Take a message."""
        assert (method, headers["content-type"]) == ("POST", "application/json")
        assert 0 < timeout_s <= 30
        message = Message(url, headers, body, self.clock.now_ms() // 1000)
        self.arrived.append(message)
        self.open_now += 1
        self.open_max = max(self.open_max, self.open_now)
        try:
            await self.hold.wait()
            await asyncio.sleep(0)
        finally:
            self.open_now -= 1
        judged = self.judge(message)
        status = self.status if judged is None else judged
        if not status:
            raise NetworkError("nobody answers there")
        return Answer(status, {}, b"")
