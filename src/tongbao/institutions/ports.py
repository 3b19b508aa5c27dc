"""What an institution needs of the world, as ports; adapters and the simulator implement them."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import sqlalchemy as sa

__all__ = ["Answer", "Clock", "Entropy", "Network", "Ports", "Spawn", "Store", "Task"]

T = TypeVar("T")


class Clock(Protocol):
    """The wall clock: for signatures of requests and pauses between attempts, never for money."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait, and let others work."""
        ...


class Entropy(Protocol):
    """Dice."""

    def bytes(self, count: int) -> bytes:
        """Bytes that nobody can foresee."""
        ...


class Answer(Protocol):
    """What another party answered."""

    @property
    def status(self) -> int:
        """HTTP's status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """The content."""
        ...


class Network(Protocol):
    """Other parties."""

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return the answer; raises `NetworkError` where there is none, so that it may or may not have happened."""
        ...


class Store(Protocol):
    """The database; an operation that raises changes nothing."""

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned, once that is durable."""
        ...

    async def read(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned on one consistent state."""
        ...


class Task(Protocol):
    """Something that goes on beside everything else."""

    def cancel(self) -> bool:
        """Ask it to end."""
        ...


class Spawn(Protocol):
    """Tasks."""

    def task(self, coroutine: Coroutine[object, object, None], *, name: str) -> Task:
        """Let the coroutine run beside everything else."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world, as it is handed to an institution."""

    clock: Clock
    entropy: Entropy
    network: Network
    outside: Network
    """To places that customers name: what it reaches must be guarded."""
    store: Store
    spawn: Spawn
