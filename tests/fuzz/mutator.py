"""A byte mutator for where no coverage-guided fuzzer runs: each step is one that layouts are sensitive to."""

import random
from collections.abc import Callable, Sequence

# Numbers at which lengths, counts and values turn over.
NUMBERS = (0, 1, 2, 3, 4, 16, 17, 32, 33, 64, 127, 128, 255, 256, 1024, 4096, 2**15, 2**16 - 1, 2**31, 2**63, 2**64 - 1)


class Mutator:
    """Makes bytes out of known ones, the same from the same seed."""

    def __init__(self, known: Sequence[bytes], seed: str) -> None:
        self._known = known
        self._dice = random.Random(seed)
        self._steps: tuple[Callable[[bytes], bytes], ...] = (
            self._flip,
            self._put_number,
            self._insert,
            self._remove,
            self._repeat,
            self._splice,
        )

    def next(self) -> bytes:
        """Bytes that are one to four steps away from known ones."""
        data = self._dice.choice(self._known)
        for _ in range(self._dice.randint(1, 4)):
            data = self._dice.choice(self._steps)(data)
        return data

    def _place(self, data: bytes) -> int:
        return self._dice.randint(0, len(data))

    def _flip(self, data: bytes) -> bytes:
        place = self._place(data)
        flipped = bytes(byte ^ 1 << self._dice.randrange(8) for byte in data[place : place + 1])
        return data[:place] + flipped + data[place + 1 :]

    def _put_number(self, data: bytes) -> bytes:
        place, width = self._place(data), self._dice.choice((1, 2, 4, 8))
        number = self._dice.choice(NUMBERS) & ((1 << 8 * width) - 1)
        return data[:place] + number.to_bytes(width, "big") + data[place + width :]

    def _insert(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + self._dice.randbytes(self._dice.randint(1, 40)) + data[place:]

    def _remove(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + data[place + self._dice.randint(1, 40) :]

    def _repeat(self, data: bytes) -> bytes:
        place, length = self._place(data), self._dice.randint(1, 90)
        return data[: place + length] + data[place:]

    def _splice(self, data: bytes) -> bytes:
        other = self._dice.choice(self._known)
        return data[: self._place(data)] + other[self._place(other) :]
