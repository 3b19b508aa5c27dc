"""One measured stage: how many transactions, in which time, at what cost, and how long each step took."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Measurement", "Stopwatch", "cpu_seconds_of", "resident_bytes"]

Summary = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One stage.

    Attributes:
        transactions: how many went through.
        seconds: from the first to the last.
        cpu_s: processor time of all threads, or of the server's process alone where there is one.
        latencies_s: of each step (a submission or a batch), in any order.
    """

    transactions: int
    seconds: float
    cpu_s: float
    latencies_s: Sequence[float]

    @property
    def per_second(self) -> float:
        """Transactions of each second."""
        return self.transactions / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor for each transaction."""
        return self.cpu_s / self.transactions * 1e6

    def summary(self) -> Summary:
        """Rate, latencies in milliseconds, and microseconds of processor for each transaction."""
        ascending = sorted(self.latencies_s)
        return {
            "transactions": self.transactions,
            "per_second": round(self.per_second, 1),
            "p50_ms": _at(ascending, 0.50),
            "p99_ms": _at(ascending, 0.99),
            "p999_ms": _at(ascending, 0.999),
            "cpu_us": round(self.cpu_us, 3),
        }


def _at(ascending: Sequence[float], share: float) -> float:
    """The latency that this share of the steps does not exceed, in milliseconds."""
    return round(ascending[math.ceil(share * len(ascending)) - 1] * 1000, 3)


@dataclass(slots=True)
class Stopwatch:
    """Measures a stage of this process, step by step.

    Attributes:
        steps_s: how long each step took.
    """

    steps_s: list[float] = field(default_factory=list)
    _started: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    @contextmanager
    def step(self) -> Iterator[None]:
        """Time one step."""
        before = time.perf_counter()
        yield
        self.steps_s.append(time.perf_counter() - before)

    def measured(self, transactions: int) -> Measurement:
        """The stage, which ends here."""
        started_s, cpu_started_s = self._started
        elapsed_s, cpu_s = time.perf_counter() - started_s, time.process_time() - cpu_started_s
        return Measurement(transactions, elapsed_s, cpu_s, self.steps_s)


def cpu_seconds_of(process_id: int) -> float:
    """Processor time that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(process_id: int | str = "self") -> int:
    """Memory that a process holds; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
