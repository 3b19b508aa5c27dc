"""A disk in memory that fails when told to, and loses after a crash what nobody had waited for.

`Platter` is the thing that outlives processes; `Platter.mount` gives one process its port `Disk`. After `lose_power` or
`kill` every port and file of before raises `CrashedError` and changes nothing, so that no clean-up of the dead tidies.

>>> platter = Platter(seed=7)
>>> disk = platter.mount()
>>> platter.lose_power()
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import dirname
from random import Random

from tongbao.errors import ConfigurationError, DiskFullError, StorageError
from tongbao.simulation.medium import SECTOR_BYTES, Inode, Names

__all__ = ["CrashedError", "DiskFaults", "Platter", "SimulatedDisk"]

ROOM_BYTES = 1 << 60  # of a disk without a limit: more than any scenario writes


class CrashedError(BaseException):
    """The process that asked is dead; no handler of ordinary errors may go on."""


@dataclass(slots=True)
class DiskFaults:
    """What is wrong with a disk; change it at any time.

    Calls count from 1, over everything that is asked of the disk but sizes and free room; see `Platter.calls`.
    """

    capacity_bytes: int = ROOM_BYTES
    """All files together hold no more: a write that needs more is done in part and fails."""
    crash_at_call: int | None = None
    """The call that never happens, since everything stops before it; any crash sets this back to None."""
    crash_keeps_power: bool = False
    """A crash at a call only kills the process; what was written and not synced stays for the next one to see."""
    error_at_calls: frozenset[int] = frozenset()
    """Calls that fail with an input/output error."""
    sync_fails: bool = False
    """Every sync fails, after which the written bytes look written and are not."""
    sync_lies: bool = False
    """Every sync answers at once and does nothing, as some devices do. No journal survives that: laws must notice."""
    next_write_is_lost: bool = False
    """The next write seems done and never reaches the medium; then this is False again."""
    next_write_goes_astray: bool = False
    """The next write reaches another place of the same file on the medium; then this is False again."""


class Platter:
    """The medium of one simulated machine, with its faults and its chances from one seed.

    Attributes:
        faults: what is wrong with it.
        calls: how many calls there were.
        syncs: how many of them were successful syncs of a file.
    """

    def __init__(self, *, seed: int, latency_s: float = 0.0, faults: DiskFaults | None = None) -> None:
        self.faults = faults or DiskFaults()
        self.calls = 0
        self.syncs = 0
        self.latency_s = latency_s
        self.names = Names()
        self.random = Random(seed)  # noqa: S311 - chances of a simulation, repeatable on purpose
        self.locks: dict[str, SimulatedLock] = {}
        self.incarnation = 0
        self._joined = 0
        self._guests: set[int] = set()

    def mount(self) -> "SimulatedDisk":
        """A port for one process, until the next crash."""
        return SimulatedDisk(self, self.incarnation)

    def join(self) -> "SimulatedDisk":
        """A port for one of several machines that share this medium and die alone, until its `end`."""
        self._joined += 1
        self._guests.add(-self._joined)
        return SimulatedDisk(self, -self._joined)

    def part(self, guest: int, *, lose_power: bool) -> None:
        """End one of the machines that share this medium; the locks that it held are free, as of a lease that ended."""
        self._guests.discard(guest)
        self.locks = {path: lock for path, lock in self.locks.items() if lock.incarnation != guest}
        self.faults.crash_at_call = None
        if lose_power:
            self.names.lose_power(self.random)

    def is_alive(self, incarnation: int) -> bool:
        """Whether the process, or the guest, of that number still runs."""
        return incarnation in self._guests or incarnation == self.incarnation

    def kill(self) -> None:
        """End the processes of this machine; the system lives on and with it what they wrote."""
        self.incarnation += 1
        self.locks.clear()
        self.faults.crash_at_call = None

    def lose_power(self) -> None:
        """End the processes and the system: what was not synced survives by chance."""
        self.kill()
        self.names.lose_power(self.random)

    def used_bytes(self) -> int:
        """What all files hold."""
        return sum(len(inode.seen) for inode in self.names.seen.values())

    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.names.seen)

    def content(self, path: str) -> bytes:
        """What a program would read."""
        return bytes(self._inode(path).seen)

    def put(self, path: str, content: bytes) -> None:
        """Durably replace a file's content behind everybody's back, to copy or to damage it."""
        inode = self.names.seen.get(path) or self.names.make(path)
        self.names.sync(dirname(path))
        inode.truncate(0)
        inode.write(0, content)
        inode.sync()

    def flip_bit(self, path: str, *, offset: int, bit: int) -> None:
        """Durably change one bit of a file."""
        content = bytearray(self.content(path))
        content[offset] ^= 1 << bit
        self.put(path, bytes(content))

    def rot(self, path: str, *, offset: int, bit: int) -> None:
        """Change one bit of a file, and remember which: `heal` puts it back."""
        self._inode(path).rot(offset, bit)

    @property
    def damages(self) -> int:
        """In how many places the medium has other bytes than it said."""
        return sum(len(inode.damages) for inode in self.names.seen.values())

    def heal(self) -> int:
        """Put back what belongs there, as an operator does from a good copy; return in how many places."""
        return sum(inode.heal() for inode in self.names.seen.values())

    def _inode(self, path: str) -> Inode:
        inode = self.names.seen.get(path)
        if inode is None:
            raise ConfigurationError(f"{path}: No such file or directory")
        return inode

    async def call(self, incarnation: int, path: str) -> None:
        """Let a call begin, unless its process is dead or the call is to crash or fail."""
        await asyncio.sleep(self.latency_s)
        self.check_alive(incarnation)
        self.calls += 1
        if self.calls == self.faults.crash_at_call:
            self.end(incarnation, lose_power=not self.faults.crash_keeps_power)
            raise CrashedError
        if self.calls in self.faults.error_at_calls:
            raise StorageError(f"{path}: Input/output error")

    def check_alive(self, incarnation: int) -> None:
        """Stop whoever belongs to an earlier life of the machine."""
        if not self.is_alive(incarnation):
            raise CrashedError

    def end(self, incarnation: int, *, lose_power: bool) -> None:
        """End the machine of that number: this one with all its processes, or the guest alone."""
        if incarnation in self._guests:
            self.part(incarnation, lose_power=lose_power)
        elif lose_power:
            self.lose_power()
        else:
            self.kill()


class SimulatedFile:
    """The port `DiskFile` on a file of the platter."""

    def __init__(self, platter: Platter, incarnation: int, path: str, inode: Inode) -> None:
        self._platter = platter
        self._incarnation = incarnation
        self._path = path
        self._inode = inode
        self._closed = False

    async def _call(self) -> None:
        if self._closed:
            raise StorageError(f"{self._path}: the file is closed; open it again")
        await self._platter.call(self._incarnation, self._path)

    async def size(self) -> int:
        """Bytes in the file now."""
        self._platter.check_alive(self._incarnation)
        return len(self._inode.seen)

    async def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer only where the file ends."""
        await self._call()
        return bytes(self._inode.seen[offset : offset + count])

    async def write(self, offset: int, parts: Sequence[bytes]) -> None:
        """Write the parts, or as much of them as there is room for."""
        await self._call()
        data = b"".join(parts)
        room = max(0, self._platter.faults.capacity_bytes - self._platter.used_bytes())
        fitting = data[: max(0, len(self._inode.seen) - offset) + room]
        self._bring(offset, fitting)
        if len(fitting) < len(data):
            raise DiskFullError(f"{self._path}: No space left on device")

    def _bring(self, offset: int, data: bytes) -> None:
        faults = self._platter.faults
        if not data or not (faults.next_write_is_lost or faults.next_write_goes_astray):
            self._inode.write(offset, data)
            return
        astray = faults.next_write_goes_astray
        faults.next_write_is_lost = faults.next_write_goes_astray = False
        places = len(self._inode.durable) // SECTOR_BYTES
        elsewhere = self._platter.random.randrange(places) * SECTOR_BYTES if astray and places else None
        self._inode.mislay(offset, data, elsewhere=elsewhere)

    async def write_durably(self, offset: int, parts: Sequence[bytes]) -> None:
        """`write`, then `sync`: two calls."""
        await self.write(offset, parts)
        await self.sync()

    async def sync(self) -> None:
        """Bring the file to the medium, unless the disk lies or fails."""
        await self._call()
        faults = self._platter.faults
        if faults.sync_lies:
            return
        if faults.sync_fails:
            self._inode.fail_sync(self._platter.random)
            raise StorageError(f"{self._path}: Input/output error")
        self._inode.sync()
        self._platter.syncs += 1

    async def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes; not durable before `sync`."""
        await self._call()
        self._inode.truncate(size)

    async def close(self) -> None:
        """Let the file go."""
        self._platter.check_alive(self._incarnation)
        self._closed = True


class SimulatedLock:
    """The port `DiskLock` on a path of the platter."""

    def __init__(self, platter: Platter, path: str, incarnation: int) -> None:
        self.incarnation = incarnation
        """Whose lock it is."""
        self._platter = platter
        self._path = path

    async def release(self) -> None:
        """Let others have it; a lock of a dead process is gone already."""
        if self._platter.locks.get(self._path) is self:
            del self._platter.locks[self._path]


class SimulatedDisk:
    """The port `Disk` of one process on a platter."""

    def __init__(self, platter: Platter, incarnation: int) -> None:
        self._platter = platter
        self._incarnation = incarnation

    @property
    def alive(self) -> bool:
        """Whether the process that has this port still runs."""
        return self._platter.is_alive(self._incarnation)

    def end(self, *, lose_power: bool) -> None:
        """End the process that has this port, and its machine where that loses power."""
        self._platter.end(self._incarnation, lose_power=lose_power)

    async def _call(self, path: str, directory: str) -> Names:
        await self._platter.call(self._incarnation, path)
        if directory not in self._platter.names.directories:
            raise ConfigurationError(f"{path}: No such file or directory")
        return self._platter.names

    async def make_directory(self, path: str) -> None:
        """Durably make the directory and what is missing above it, or find it there."""
        await self._platter.call(self._incarnation, path)
        while path not in self._platter.names.directories:
            self._platter.names.directories.add(path)
            path = dirname(path)

    async def list_directory(self, path: str) -> list[str]:
        """The names in the directory, sorted."""
        names = await self._call(path, path)
        return sorted(name.rpartition("/")[2] for name in names.seen if dirname(name) == path)

    async def sync_directory(self, path: str) -> None:
        """Bring the directory's names to the medium."""
        names = await self._call(path, path)
        if not self._platter.faults.sync_lies:
            names.sync(path)

    def _file(self, path: str, inode: Inode) -> SimulatedFile:
        return SimulatedFile(self._platter, self._incarnation, path, inode)

    async def _find(self, path: str) -> Inode:
        inode = (await self._call(path, dirname(path))).seen.get(path)
        if inode is None:
            raise ConfigurationError(f"{path}: No such file or directory")
        return inode

    async def open_to_read(self, path: str) -> SimulatedFile:
        """Open a file that exists."""
        return self._file(path, await self._find(path))

    async def open_to_write(self, path: str) -> SimulatedFile:
        """Open a file that exists, for writing too; reads come from the medium at first."""
        inode = await self._find(path)
        inode.forget_seen()
        return self._file(path, inode)

    async def create(self, path: str) -> SimulatedFile:
        """Open an empty file for writing in place of what was there."""
        return self._file(path, (await self._call(path, dirname(path))).make(path))

    async def replace(self, source: str, target: str) -> None:
        """Rename, then sync the directory: two calls."""
        await self._find(source)
        self._platter.names.move(source, target)
        await self.sync_directory(dirname(target))

    async def remove(self, path: str) -> None:
        """Remove the file or find it gone, then sync the directory: two calls."""
        names = await self._call(path, dirname(path))
        if path in names.seen:
            names.remove(path)
        await self.sync_directory(dirname(path))

    async def lock(self, path: str) -> SimulatedLock | None:
        """Lock the file, made if missing; None when another holder has it."""
        names = await self._call(path, dirname(path))
        if path in self._platter.locks:
            return None
        if path not in names.seen:
            names.make(path)
        self._platter.locks[path] = SimulatedLock(self._platter, path, self._incarnation)
        return self._platter.locks[path]

    async def read_file(self, path: str) -> bytes | None:
        """All that the file holds; None where there is none."""
        await self._platter.call(self._incarnation, path)
        inode = self._platter.names.seen.get(path)
        return None if inode is None else bytes(inode.seen)

    async def write_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write each, with the directories that it needs: two calls a file."""
        for path, content in files:
            await self.make_directory(dirname(path))
            inode = self._platter.names.make(path)
            await self._file(path, inode).write(0, [content])

    async def sync_files(self, paths: Sequence[str], *, within: str) -> None:
        """Bring each file, then each directory to the medium."""
        for path in paths:
            await self._file(path, await self._find(path)).sync()
        for directory in sorted({dirname(path) for path in paths if path.startswith(within)}):
            await self.sync_directory(directory)

    async def remove_directory(self, path: str) -> None:
        """Remove the files in the directory, one call each."""
        for name in [each for each in self._platter.names.seen if dirname(each) == path]:
            await self._platter.call(self._incarnation, name)
            self._platter.names.remove(name)

    async def free_bytes(self, path: str) -> int:
        """Room left."""
        self._platter.check_alive(self._incarnation)
        if path not in self._platter.names.directories:
            raise ConfigurationError(f"{path}: No such file or directory")
        return max(0, self._platter.faults.capacity_bytes - self._platter.used_bytes())
