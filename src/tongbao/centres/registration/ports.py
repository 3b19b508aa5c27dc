"""What the registration centre needs of the world, as ports; adapters and the simulator implement them.

Failures come as `tongbao.errors.WorldError`: `DiskFullError` for want of room, `ConfigurationError` for a path that is
missing or forbidden, `StorageError` for a device that fails.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

__all__ = ["Answer", "Clock", "Disk", "DiskFile", "DiskLock", "Network", "Spawn", "Store"]

T = TypeVar("T")


class DiskFile(Protocol):
    """An open file. Its operations happen in the order asked, even when whoever asked stopped waiting."""

    async def size(self) -> int:
        """Bytes in the file now."""
        ...

    async def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer only where the file ends."""
        ...

    async def write(self, offset: int, parts: Sequence[bytes]) -> None:
        """Write the parts one after another from `offset` on; not durable before `sync`.

        A failure may leave any of it written.
        """
        ...

    async def write_durably(self, offset: int, parts: Sequence[bytes]) -> None:
        """`write`, then `sync`, in one go."""
        ...

    async def sync(self) -> None:
        """Return once content and size are on the medium.

        After a failure nothing is known of what was written since the last success, and a second `sync` that succeeds
        says nothing about it either: open the file again and read.
        """
        ...

    async def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes; not durable before `sync`."""
        ...

    async def close(self) -> None:
        """Let the file go; a second time does nothing."""
        ...


class DiskLock(Protocol):
    """A lock that is held; the end of the process releases it, however it ends."""

    async def release(self) -> None:
        """Let others have it; a second time does nothing."""
        ...


class Disk(Protocol):
    """Directories and files, named by paths with `/`."""

    async def make_directory(self, path: str) -> None:
        """Durably make the directory and what is missing above it, or find it there."""
        ...

    async def list_directory(self, path: str) -> list[str]:
        """The names in the directory, sorted."""
        ...

    async def sync_directory(self, path: str) -> None:
        """Return once every creation, replacement and removal in the directory is on the medium."""
        ...

    async def open_to_read(self, path: str) -> DiskFile:
        """Open a file that exists."""
        ...

    async def open_to_write(self, path: str) -> DiskFile:
        """Open a file that exists, for writing too.

        What is not waiting for a sync is read from the medium: a sync that failed leaves bytes in the system's memory
        that look written and are not.
        """
        ...

    async def create(self, path: str) -> DiskFile:
        """Open an empty file for writing in place of what was there; its name is durable after `sync_directory`."""
        ...

    async def replace(self, source: str, target: str) -> None:
        """Durably rename `source` to `target` in the same directory; a crash leaves the old or the new, never half."""
        ...

    async def remove(self, path: str) -> None:
        """Durably remove the file, or find it gone."""
        ...

    async def lock(self, path: str) -> DiskLock | None:
        """Lock the file, made if missing, against every other process; None when another holder has it."""
        ...

    async def read_file(self, path: str) -> bytes | None:
        """All that a file holds; None where there is none."""
        ...

    async def write_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write whole files in place of what was there, with the directories that they need.

        Nothing is durable before `sync_files`, and a failure or a crash may leave any of it written.
        """
        ...

    async def sync_files(self, paths: Sequence[str], *, within: str) -> None:
        """Return once the files are on the medium, and their names with those of the directories below `within`."""
        ...

    async def remove_directory(self, path: str) -> None:
        """Remove the directory with the files in it, or find it gone; a crash may bring it back."""
        ...

    async def free_bytes(self, path: str) -> int:
        """Room left for files under the directory."""
        ...


class Clock(Protocol):
    """The wall clock, from which ledger time follows."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait, and let others work."""
        ...


class Spawn(Protocol):
    """Tasks beside each other, and workers for long calculations."""

    @property
    def workers(self) -> int:
        """How many processes there are for `call`; with none, it runs in place."""
        ...

    def task(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run the coroutine beside everything else."""
        ...

    async def call(self, function: Callable[..., T], /, *args: object) -> T:
        """Run a pure function, which can be pickled with what it takes and returns, on a worker."""
        ...

    async def call_on_thread(self, function: Callable[..., T], /, *args: object) -> T:
        """Run a pure function that lets other threads run meanwhile, on a thread beside those of other calls."""
        ...


class Answer(Protocol):
    """What another party answered."""

    @property
    def status(self) -> int:
        """HTTP's status."""
        ...

    @property
    def body(self) -> bytes:
        """The content."""
        ...


class Network(Protocol):
    """Other parties: the witnesses of the log."""

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Return the answer; raises `NetworkError` where there is none, so that it may or may not have happened."""
        ...


class Store(Protocol):
    """A database in which an operation is a function of a connection."""

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        """What the operation returned, once that is committed; an exception undoes it alone and is raised here."""
        ...

    async def read(self, operation: Callable[[sa.Connection], T]) -> T:
        """What the operation returned on one consistent state, which holds every write answered before."""
        ...
