"""What happened in a simulation, in order: two runs of one seed must write the same lines."""

from collections.abc import Callable
from hashlib import sha256

__all__ = ["Trace"]


class Trace:
    """A list of lines with the virtual time before each, hashed as it grows."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._hash = sha256()
        self.lines: list[str] = []

    def record(self, event: str, *details: object) -> None:
        """Add a line; `details` must be the same in every run, so no addresses and no times of the real clock."""
        line = f"{self._now_s() * 1000:.3f} {event} {' '.join(map(str, details))}".rstrip()
        self.lines.append(line)
        self._hash.update(line.encode() + b"\n")

    @property
    def digest(self) -> str:
        """The hash of all lines so far."""
        return self._hash.hexdigest()

    def difference(self, other: "Trace") -> str:
        """Say where two traces part, or return "" when they are equal."""
        for number, (mine, its) in enumerate(zip(self.lines, other.lines, strict=False), 1):
            if mine != its:
                return f"line {number}: {mine!r} here, {its!r} there"
        if len(self.lines) != len(other.lines):
            return f"{len(self.lines)} lines here, {len(other.lines)} there"
        return ""
