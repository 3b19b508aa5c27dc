"""What a simulated disk keeps: bytes that are on the medium, and bytes that only seem to be.

Content survives a loss of power sector by sector, each on its own; names survive in the order in which they were made.
"""

from collections.abc import Callable, Iterable
from posixpath import dirname
from random import Random

__all__ = ["SECTOR_BYTES", "Inode", "Names", "survivors"]

SECTOR_BYTES = 512  # the unit that a device writes whole or not at all


def survivors(sectors: Iterable[int], random: Random) -> list[int]:
    """The sectors that reached the medium when nobody waited for it: none, all, the first few, or any."""
    waiting = sorted(sectors)
    match random.randrange(4):
        case 0:
            return []
        case 1:
            return waiting
        case 2:
            return waiting[: random.randint(0, len(waiting))]
        case _:
            return [sector for sector in waiting if random.random() < 0.5]  # noqa: PLR2004 - a fair coin


class Inode:
    """One file's content, as programs see it and as the medium has it.

    Attributes:
        seen: what a program reads.
        durable: what is on the medium.
        damages: where the medium has other bytes than it said, with the bytes that belong there.
    """

    def __init__(self) -> None:
        self.seen = bytearray()
        self.durable = bytearray()
        self.damages: list[tuple[int, bytes]] = []
        self._waiting: set[int] = set()
        self._cut: int | None = None  # the shortest that programs saw the file since the last sync

    def write(self, offset: int, data: bytes) -> None:
        """Let programs see the data; the medium waits."""
        end = offset + len(data)
        self._show(offset, data)
        self._waiting.update(range(offset // SECTOR_BYTES, -(-end // SECTOR_BYTES)))
        self.damages = [(at, good) for at, good in self.damages if at + len(good) <= offset or at >= end]

    def _show(self, offset: int, data: bytes) -> None:
        self.seen.extend(bytes(max(0, offset + len(data) - len(self.seen))))
        self.seen[offset : offset + len(data)] = data

    def mislay(self, offset: int, data: bytes, *, elsewhere: int | None = None) -> None:
        """Let programs see the data, and lose it on its way to the medium, or write it in another place of the file."""
        self._show(offset, data)
        self.damages.append((offset, bytes(data)))
        if elsewhere is not None:
            victim = bytes(self.durable[elsewhere : elsewhere + len(data)])
            self.damages.append((elsewhere, victim))
            self.durable[elsewhere : elsewhere + len(victim)] = data[: len(victim)]

    def rot(self, offset: int, bit: int) -> None:
        """Change one bit on the medium, and let programs see it."""
        self.damages.append((offset, bytes(self.durable[offset : offset + 1])))
        self.durable[offset] ^= 1 << bit
        self.seen[offset : offset + 1] = self.durable[offset : offset + 1]

    def heal(self) -> int:
        """Put back what belongs where the medium has other bytes, as from a good copy; return in how many places."""
        healed = len(self.damages)
        for offset, good in reversed(self.damages):
            self.durable.extend(bytes(max(0, offset + len(good) - len(self.durable))))
            self.durable[offset : offset + len(good)] = good
            self._show(offset, good)
        self.damages.clear()
        return healed

    def truncate(self, size: int) -> None:
        """Let programs see the file cut, or lengthened with zeros; the medium waits."""
        self._cut = min(size, len(self.seen) if self._cut is None else self._cut)
        del self.seen[size:]
        self.seen.extend(bytes(size - len(self.seen)))
        self._waiting = {sector for sector in self._waiting if sector * SECTOR_BYTES < size}
        self.damages = [(at, good) for at, good in self.damages if at + len(good) <= size]
        if size % SECTOR_BYTES:
            self._waiting.add(size // SECTOR_BYTES)

    def sync(self) -> None:
        """Bring everything to the medium."""
        self._cut_durable()
        self._bring(self._waiting)
        self._waiting.clear()
        self._resize_durable()

    def fail_sync(self, random: Random) -> None:
        """Bring some of it, and take all of it for written from now on, as operating systems do."""
        self._bring(survivors(self._waiting, random))
        self._waiting.clear()

    def forget_seen(self) -> None:
        """See the medium again, but for what is waiting."""
        size = len(self.seen)
        fresh = self.durable[: size if self._cut is None else min(size, self._cut)].ljust(size, b"\0")
        for sector in self._waiting:
            start, end = sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES
            fresh[start:end] = self.seen[start:end]
        self.seen = fresh

    def lose_power(self, random: Random) -> None:
        """Keep what is on the medium and whatever else got there by chance; cuts and sizes may or may not have."""
        sized = random.randrange(2) == 1
        if sized:
            self._cut_durable()
        self._bring(survivors(self._waiting, random))
        self._waiting.clear()
        if sized:
            self._resize_durable()
        self._cut = None
        self.seen = bytearray(self.durable)

    def _bring(self, sectors: Iterable[int]) -> None:
        for sector in sectors:
            start, end = sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES
            content = self.seen[start:end]
            self.durable.extend(bytes(max(0, start + len(content) - len(self.durable))))
            self.durable[start : start + len(content)] = content
            # What programs saw beyond the end was zeros.
            rest = len(self.durable[start + len(content) : end])
            self.durable[start + len(content) : start + len(content) + rest] = bytes(rest)

    def _cut_durable(self) -> None:
        if self._cut is not None:
            del self.durable[self._cut :]
            self._cut = None

    def _resize_durable(self) -> None:
        del self.durable[len(self.seen) :]
        self.durable.extend(bytes(len(self.seen) - len(self.durable)))


Change = Callable[[dict[str, Inode]], None]


class Names:
    """Which path names which file, as programs see it and as the medium has it.

    Attributes:
        seen: what a program finds.
        directories: every directory; they are durable as soon as they are made.
    """

    def __init__(self) -> None:
        self.seen: dict[str, Inode] = {}
        self.directories = {"", "/"}
        self._durable: dict[str, Inode] = {}
        self._waiting: dict[str, list[Change]] = {}

    def _change(self, path: str, change: Change) -> None:
        change(self.seen)
        self._waiting.setdefault(dirname(path), []).append(change)

    def make(self, path: str) -> Inode:
        """Name a new file in place of what had the name."""
        inode = Inode()
        self._change(path, lambda names: names.update({path: inode}))
        return inode

    def move(self, source: str, target: str) -> None:
        """Give a file another name in its directory, in place of what had it."""
        self._change(target, lambda names: names.update({target: names.pop(source)}))

    def remove(self, path: str) -> None:
        """Take a file's name away."""
        self._change(path, lambda names: names.__delitem__(path))

    def sync(self, directory: str) -> None:
        """Bring the directory's changes to the medium."""
        for change in self._waiting.pop(directory, []):
            change(self._durable)

    def lose_power(self, random: Random) -> None:
        """Keep what is on the medium and the first few of the changes that were waiting in each directory."""
        for changes in self._waiting.values():
            for change in changes[: random.randint(0, len(changes))]:
                change(self._durable)
        self._waiting.clear()
        self.seen = dict(self._durable)
        for inode in self.seen.values():
            inode.lose_power(random)
