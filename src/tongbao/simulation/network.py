"""The Network of a simulation: messages that take their time, get lost, come twice, or meet nobody."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from starlette.types import ASGIApp

from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.network import Answer
from tongbao.errors import NetworkError
from tongbao.simulation.asgi import deliver
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.incarnation import LIVING, Incarnation
from tongbao.simulation.trace import Trace

__all__ = ["Exchange", "NetworkConditions", "NetworkPort", "VirtualNetwork"]

_HEX_SHOWN: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConditions:
    """How messages fare; each draws its own fate."""

    latency_ms_min: float = 0.2
    latency_ms_max: float = 5.0
    loss: float = 0.0
    """Share of messages, requests and answers alike, that never arrive."""
    duplication: float = 0.0
    """Share of requests that arrive twice."""
    stragglers: float = 0.0
    """Share of messages that take up to `straggling_ms_max`, so that later ones overtake them."""
    straggling_ms_max: float = 4_000.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the answer that reached whoever asked.

    Attributes:
        number: of the request, in the order in which they were made.
        method: of HTTP.
        url: that was asked for.
        body: of the request.
        asked_s: virtual time of the request.
        answer: that came.
        answered_s: virtual time at which it came.
    """

    number: int
    method: str
    url: str
    body: bytes
    asked_s: float
    answer: Answer
    answered_s: float


class VirtualNetwork:
    """Every connection of a simulated world."""

    def __init__(self, trace: Trace, dice: SeededEntropy, conditions: NetworkConditions) -> None:
        self.conditions = conditions
        """May be replaced at any time."""
        self.on_answer: Callable[[Exchange], None] | None = None
        """Told of every answer that reaches whoever asked."""
        self._trace = trace
        self._dice = dice
        self._listening: dict[str, tuple[Incarnation, ASGIApp]] = {}
        self._cut: set[tuple[str, str]] = set()
        self._numbers = 0
        # The loop itself holds tasks only weakly.
        self._journeys: dict[asyncio.Task[None], None] = {}

    def listen(self, authority: str, incarnation: Incarnation, app: ASGIApp) -> None:
        """Let an application answer at host:port, as long as its role lives."""
        self._listening[authority] = (incarnation, app)

    def separate(self, one: str, other: str, *, one_way: bool = False) -> None:
        """Lose every message from one role to another from now on, and, unless `one_way`, back, those under way too."""
        self._cut.add((one, other))
        if not one_way:
            self._cut.add((other, one))
        self._trace.record("separated", one, other, *(["one way"] if one_way else []))

    def reunite(self) -> None:
        """End every separation."""
        self._cut.clear()
        self._trace.record("reunited")

    def send(self, request: "_Request") -> None:
        """Send a request on its way, or two of it."""
        self._numbers += 1
        request.number = self._numbers
        seen = sha256(request.body).hexdigest()[:_HEX_SHOWN]
        self._trace.record("request", request.number, request.sender, request.method, request.url, seen)
        copies = 2 if self._dice.fraction() < self.conditions.duplication else 1
        for copy in range(copies):
            self._start(self._journey(request), name=f"request {request.number} copy {copy}")

    def _start(self, journey: Any, *, name: str) -> None:  # noqa: ANN401  # a coroutine
        # Messages belong to nobody: they go on when their sender dies.
        token = LIVING.set(None)
        task = asyncio.get_running_loop().create_task(journey, name=name)
        LIVING.reset(token)
        self._journeys[task] = None
        task.add_done_callback(self._journeys.pop)

    async def _journey(self, request: "_Request") -> None:
        receiver, app = self._listening.get(request.authority, (None, None))
        there = "" if receiver is None else receiver.role
        if not await self._arrives(request, (request.sender.role, there), "request"):
            return
        # Whoever starts listening while the message travels is met.
        receiver, app = self._listening.get(request.authority, (None, None))
        if receiver is None or app is None or receiver.dead:
            self._nobody(request, "nobody is there")
            return
        answer = await self._handle(request, receiver, app)
        if answer is None:
            self._nobody(request, "the connection broke")
        elif await self._arrives(request, (receiver.role, request.sender.role), "answer"):
            seen = sha256(answer.body).hexdigest()[:_HEX_SHOWN]
            self._trace.record("answer", request.number, answer.status, seen)
            if not request.answered.done():
                request.answered.set_result(answer)
                self._tell(request, answer)

    def _tell(self, request: "_Request", answer: Answer) -> None:
        if self.on_answer is not None:
            now_s = asyncio.get_running_loop().time()
            self.on_answer(
                Exchange(request.number, request.method, request.url, request.body, request.asked_s, answer, now_s)
            )

    async def _arrives(self, request: "_Request", way: tuple[str, str], what: str) -> bool:
        conditions = self.conditions
        spread = conditions.latency_ms_max - conditions.latency_ms_min
        latency_ms = conditions.latency_ms_min + spread * self._dice.fraction()
        lost = self._dice.fraction() < conditions.loss
        if conditions.stragglers and self._dice.fraction() < conditions.stragglers:
            latency_ms += conditions.straggling_ms_max * self._dice.fraction()
        await asyncio.sleep(latency_ms / 1000)
        cut = way in self._cut
        if lost or cut:
            self._trace.record("lost", what, request.number)
        return not (lost or cut)

    async def _handle(self, request: "_Request", receiver: Incarnation, app: ASGIApp) -> Answer | None:
        """Run the receiver's code as the receiver's; None when it did not live to answer."""
        delivering = deliver(app, request.method, request.url, headers=request.headers, body=request.body)
        handler = receiver.run(delivering, name=f"answering {request.number}")
        await asyncio.wait([handler])
        if receiver.dead or handler.cancelled() or isinstance(handler.exception(), CrashedError):
            return None
        error = handler.exception()
        if error is not None:
            self._trace.record("unanswered", request.number, type(error).__name__)
            return None
        return handler.result()

    def _nobody(self, request: "_Request", what: str) -> None:
        """A machine without power is silent; a process that is gone is not, because its system answers for it."""
        silent = self._dice.fraction() < 0.5  # noqa: PLR2004  # a fair coin
        self._trace.record("silence" if silent else "refusal", request.number)
        if not silent and not request.answered.done():
            request.answered.set_exception(NetworkError(f"no answer from {request.authority}: {what}"))


class NetworkPort:
    """The Network port of one life."""

    def __init__(self, incarnation: Incarnation, network: VirtualNetwork) -> None:
        self._incarnation = incarnation
        self._network = network

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return the answer; raises `NetworkError` when none came in time."""
        self._incarnation.check()
        request = _Request(self._incarnation, method, url, headers, body)
        self._network.send(request)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await request.answered
        except TimeoutError as error:
            raise NetworkError(f"no answer from {request.authority} within {timeout_s:g} s") from error
        self._incarnation.check()
        return answer


class _Request:
    """A request under way."""

    def __init__(self, sender: Incarnation, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.sender = sender
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.authority = url.split("/")[2]
        self.number = 0
        self.asked_s = asyncio.get_running_loop().time()
        self.answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
