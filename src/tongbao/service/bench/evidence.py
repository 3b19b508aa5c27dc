"""What evidence costs: the same payments end to end, with a transparency log and without, by turns in one run."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from tongbao.kernel import Kernel
from tongbao.service.bench.end_to_end import Load, running_centre, send
from tongbao.service.bench.measurement import Measurement, cpu_seconds_of
from tongbao.service.bench.preparing import Report, made_beside, processes
from tongbao.service.bench.workload import PER_ISSUE, Handed, Workload, ceil_div
from tongbao.service.machine import describe_machine
from tongbao.service.processes import RoleProcess

__all__ = ["EvidencePlan", "measure_evidence"]

PER_SUBMISSION: Final = 256
CONNECTIONS: Final = 8
ROUND_S: Final = 2.0  # until the log's next round has ended for certain
TURNS: Final = ("without", "with", "with", "without")
"""Of each round: what makes the machine slower meanwhile falls on both alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePlan:
    """How the cost of evidence is measured.

    Attributes:
        workload: the money.
        transactions: of each turn, rounded up to thousands.
        rounds: of four turns each.
        clients: processes that send.
        folder: where journals and logs are written.
    """

    workload: Workload
    transactions: int
    rounds: int
    clients: int
    folder: Path


async def measure_evidence(kernel_class: type[Kernel], plan: EvidencePlan, report: Report) -> dict[str, Any]:
    """Measure by turns, and return what is printed as JSON.

    `cpu_ratio` is the processor time of the registration centre with a log over that without, of medians.
    """
    turns: dict[str, list[Measurement]] = {"with": [], "without": []}
    log_bytes = 0
    plan.folder.mkdir(parents=True, exist_ok=True)
    with processes() as pool:
        thousands = ceil_div(plan.transactions, PER_ISSUE)
        for number in range(plan.rounds * len(TURNS)):
            kind = TURNS[number % len(TURNS)]
            workload = replace(plan.workload, seed=plan.workload.seed + number)
            serials = range(1, thousands + 1)
            domain = workload.genesis().domain()
            handed = made_beside(pool, workload, serials, domain, per_submission=PER_SUBMISSION, report=report)
            with tempfile.TemporaryDirectory(prefix="tongbao-bench-", dir=plan.folder) as made:
                folder, is_kept = Path(made), kind == "with"
                async with running_centre(
                    kernel_class, workload, folder, spendable=thousands, report=report, keeps_log=is_kept
                ) as centre:
                    load = Load(clients=plan.clients, connections=CONNECTIONS)
                    turns[kind].append(await asyncio.to_thread(_sent, centre, workload, handed, load))
                log_bytes = log_bytes if not is_kept else _bytes_of(folder / "log")
    return {
        "kernel": kernel_class.name,
        "machine": describe_machine(),
        "seed": plan.workload.seed,
        "transactions": thousands * PER_ISSUE,
        "rounds": plan.rounds,
        **{f"{kind}_log": _summary(measured) for kind, measured in turns.items()},
        "cpu_ratio": round(_cpu_us(turns["with"]) / _cpu_us(turns["without"]), 3),
        "rate_ratio": round(_rate(turns["with"]) / _rate(turns["without"]), 3),
        "log_bytes_per_entry": round(log_bytes / (thousands * (PER_ISSUE + 1)), 1),
    }


def _sent(centre: RoleProcess, workload: Workload, handed: Sequence[Handed], load: Load) -> Measurement:
    """What sending everything took, and the centre's processor time until the log has covered it, too."""
    cpu_s = cpu_seconds_of(centre.process.pid)
    measured = send(centre, workload, handed, load)
    time.sleep(ROUND_S)
    return replace(measured, cpu_s=cpu_seconds_of(centre.process.pid) - cpu_s)


def _summary(measured: list[Measurement]) -> dict[str, float]:
    return {"cpu_us": round(_cpu_us(measured), 2), "per_second": round(_rate(measured))}


def _cpu_us(measured: list[Measurement]) -> float:
    return median(each.cpu_us for each in measured)


def _rate(measured: list[Measurement]) -> float:
    return median(each.per_second for each in measured)


def _bytes_of(directory: Path) -> int:
    """Of what a log keeps; a partial tile that was outgrown is left out, since any copy may do without it."""
    newest: dict[Path, int] = {}
    for path in directory.rglob("*"):
        if path.is_file():
            place = path.parent if path.parent.suffix == ".p" else path
            newest[place] = max(newest.get(place, 0), path.stat().st_size)
    return sum(newest.values())
