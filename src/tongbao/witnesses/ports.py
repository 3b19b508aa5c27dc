"""What a witness needs of the world, as ports; adapters and the simulator implement them."""

from typing import Protocol

from tongbao.evidence.checkpoint import Checkpoint

__all__ = ["Clock", "History", "Records"]


class Clock(Protocol):
    """The wall clock, whose time a cosignature carries."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


class Records(Protocol):
    """Small files, each of them there whole or not at all."""

    async def names(self) -> list[str]:
        """Of all that are there, sorted."""
        ...

    async def read(self, name: str) -> bytes | None:
        """What was written last; None where nothing was.

        Raises:
            StorageError: it cannot be read.
        """
        ...

    async def write(self, name: str, data: bytes) -> None:
        """Durably write in place of what was there; a failure or a crash leaves what was there.

        Raises:
            StorageError: it may not be durable.
        """
        ...


class History(Protocol):
    """The journal, replayed by whoever wants more than consistency."""

    async def demand(self, checkpoint: Checkpoint) -> None:
        """Return if the log's entries up to this size are what the journal's replay gives.

        Raises:
            BusyError: the copy of the journal does not reach so far yet.
            RefusedError: they are not.
        """
        ...
