"""One merge of runs, a slice at a time."""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tongbao.centres.registration.runs import CHUNK_BYTES, cut_behind
from tongbao.kernel.rows import ENTRY_BYTES, KEY_BYTES, Rows

__all__ = ["Merge", "Run", "in_chunks"]

CHUNKS_READ = 8  # of each run that is merged, at a time: a slice then takes some milliseconds


@dataclass(eq=False, slots=True)
class Run:
    """A run in the database.

    Attributes:
        number: of the run.
        level: how often its entries were merged.
        fences: the key with which each of its chunks begins, as a number.
    """

    number: int
    level: int
    fences: "array[int]" = field(default_factory=lambda: array("Q"))

    @staticmethod
    def read(number: int, level: int, fences: bytes) -> "Run":
        """The run of a row."""
        return Run(number, level, array("Q", struct.unpack(f">{len(fences) // KEY_BYTES}Q", fences)))

    def row(self) -> dict[str, object]:
        """The run as a row."""
        fences = struct.pack(f">{len(self.fences)}Q", *self.fences)
        return {"run": self.number, "level": self.level, "fences": fences}

    def add_chunk(self, entries: bytes) -> dict[str, object]:
        """The row of the run's next chunk."""
        self.fences.append(int.from_bytes(entries[:KEY_BYTES], "big"))
        return {"run": self.number, "number": len(self.fences) - 1, "entries": entries}

    def chunks_with(self, key: bytes) -> range:
        """The chunks that may hold entries under the key."""
        wanted = int.from_bytes(key, "big")
        first = last = max(0, bisect_left(self.fences, wanted) - 1)
        while last < len(self.fences) and self.fences[last] <= wanted:
            last += 1
        return range(first, last)


def in_chunks(entries: bytes) -> list[bytes]:
    """The entries in pieces of a chunk; the last may be shorter."""
    return [entries[at : at + CHUNK_BYTES] for at in range(0, len(entries), CHUNK_BYTES)]


class Merge:
    """Some runs on their way to become one.

    Attributes:
        inputs: the runs.
        output: what they become; nobody searches it before it is whole.
    """

    def __init__(self, inputs: Sequence[Run], number: int, rows: Rows) -> None:
        self.inputs = inputs
        self._rows = rows
        self.output = Run(number, inputs[0].level + 1)
        # Of each input what was read and not merged yet, and how many of its chunks were read.
        self._left = [b""] * len(inputs)
        self._read = [0] * len(inputs)
        self._waiting = b""

    @property
    def is_whole(self) -> bool:
        """Whether every entry has its place in the output."""
        return not any(self._left) and not self._waiting and not any(map(self._has_more, range(len(self.inputs))))

    def _has_more(self, place: int) -> bool:
        return self._read[place] < len(self.inputs[place].fences)

    def slice(self, read_chunk: Callable[[int, int], bytes]) -> tuple[list[dict[str, object]], int]:
        """Merge what the next chunks of each input allow: rows of the output's chunks, and how many entries it took."""
        for place, run in enumerate(self.inputs):
            if not self._left[place]:
                until = min(self._read[place] + CHUNKS_READ, len(run.fences))
                self._left[place] = b"".join([read_chunk(run.number, at) for at in range(self._read[place], until)])
                self._read[place] = until
        # Behind the last entry of an input that has more, others may still come between.
        bounds = [left[-ENTRY_BYTES:] for place, left in enumerate(self._left) if self._has_more(place)]
        taken = [cut_behind(left, min(bounds)) if bounds else (left, b"") for left in self._left]
        self._left = [rest for _, rest in taken]
        fresh = self._rows.merged([piece for piece, _ in taken])
        ready = in_chunks(self._waiting + fresh)
        self._waiting = ready.pop() if ready and bounds else b""
        return [self.output.add_chunk(each) for each in ready], len(fresh) // ENTRY_BYTES
