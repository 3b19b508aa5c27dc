"""`tongbao bench ledger`: every stage of settlement on seeded money, and the ceilings of the machine beside them."""

import asyncio
import platform
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tongbao.kernel import Kernel
from tongbao.service.bench.end_to_end import Load, running_centre, send
from tongbao.service.bench.limits import read_limits
from tongbao.service.bench.measurement import Measurement, resident_bytes
from tongbao.service.bench.preparing import Report, made_beside, processes
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.stages import (
    PER_SUBMISSION,
    checks_of,
    preload,
    settle_journaled,
    settle_signed,
    settle_unsigned,
    verify_only,
)
from tongbao.service.bench.workload import PER_ISSUE, Handed, Workload, ceil_div
from tongbao.service.machine import describe_machine

__all__ = ["LedgerPlan", "measure_ledger"]

STAGES = 3  # that spend coins of the same kernel: unsigned, signed, journaled
CONNECTIONS = 8
"""Of each client: enough submissions under way that a core of the centre never waits for one."""

SLOW_PER_SECOND = 1_000  # transactions, of the quiet hour
SLOW_SUBMISSION = 16
SLOW_TRANSACTIONS_MAX = 10_000  # ten seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPlan:
    """What is measured.

    Attributes:
        suite: by which the coins' owners sign.
        transactions: of each stage, rounded up to whole thousands.
        coins: unspent when the first stage begins; at least those that the stages spend.
        clients: processes that send to the centre.
        journal: directory on the disk to be measured; None leaves out what needs one.
        seed: the same seed gives the same money.
    """

    suite: SuiteChoice
    transactions: int
    coins: int
    clients: int
    journal: Path | None
    seed: int

    @property
    def thousands(self) -> int:
        """Of transactions in each stage."""
        return ceil_div(self.transactions, PER_ISSUE)

    def workload(self, *, signed: bool) -> Workload:
        """The money."""
        return Workload(self.seed, self.suite, signed=signed)


async def measure_ledger(kernel_class: type[Kernel], plan: LedgerPlan, report: Report) -> dict[str, Any]:
    """Measure everything, one stage after the other, and return what is printed as JSON."""
    content: dict[str, Any] = {
        "kernel": kernel_class.name,
        "crypto": kernel_class.crypto,
        "cpu": describe_machine()["processor"],
        "flags": _flags(),
        "machine": describe_machine(),
        "suite": plan.suite.value,
        "seed": plan.seed,
    }
    async with AsyncExitStack() as stack:
        directory = None
        if plan.journal is not None:
            plan.journal.mkdir(parents=True, exist_ok=True)
            made = tempfile.TemporaryDirectory(prefix="tongbao-bench-", dir=plan.journal)
            directory = Path(stack.enter_context(made))
        pool = stack.enter_context(processes())
        content |= await _settled_here(kernel_class, plan, pool, directory, report)
        if directory is not None:
            content |= await _settled_end_to_end(kernel_class, plan, pool, directory, report)
        content["limits"] = await asyncio.to_thread(read_limits, pool, directory)
    return content


def _flags() -> list[str]:
    """What the processor has that settlement can use."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [platform.machine()]
    known = {"sha_ni", "avx2", "avx512f", "avx512ifma", "vaes", "sha2", "asimd", "sve", "sm3", "sm4"}
    found = {word for line in lines if line.startswith(("flags", "Features")) for word in line.split()}
    return sorted(known & found)


async def _settled_here(
    kernel_class: type[Kernel], plan: LedgerPlan, pool: ProcessPoolExecutor, directory: Path | None, report: Report
) -> dict[str, Any]:
    """The stages without a network, on one kernel."""
    signed, unsigned = plan.workload(signed=True), plan.workload(signed=False)
    before = resident_bytes()
    kernel = kernel_class(signed.genesis())
    spendable = STAGES * plan.thousands
    fillers = max(0, ceil_div(plan.coins, PER_ISSUE) - spendable)
    worst = _fill(kernel, signed, spendable, fillers, report)
    coins = (spendable + fillers) * PER_ISSUE
    resident = (resident_bytes() - before) / coins

    def made(workload: Workload, stage: int) -> list[Handed]:
        serials = range(stage * plan.thousands + 1, (stage + 1) * plan.thousands + 1)
        return made_beside(pool, workload, serials, kernel.domain, per_submission=PER_SUBMISSION, report=report)

    ready = made(signed, 0)
    stages: dict[str, Measurement | None] = {
        "verify_only": verify_only(kernel, checks_of(ready, kernel)),
        "settle_signed": await settle_signed(kernel, ready, report),
    }
    stages["settle_unsigned"] = await settle_unsigned(kernel, made(unsigned, 1), report)
    journaled = None
    if directory is not None:
        journaled = await _journaled(kernel, made(unsigned, 2), directory, report)
        stages["settle_journaled"] = journaled[0]
    return {
        **{name: each.summary() for name, each in stages.items() if each is not None},
        "coins": coins,
        "bytes_per_transaction": None if journaled is None else round(journaled[1], 1),
        "bytes_per_coin": worst,
        "resident_bytes_per_coin": round(resident, 1),
        "state_digest": kernel.state_digest().hex(),
    }


def _fill(kernel: Kernel, workload: Workload, spendable: int, fillers: int, report: Report) -> float:
    """Issue the coins; the most bytes of the kernel's table for each of them while the second half came in."""
    worst, total = 0.0, (spendable + fillers) * PER_ISSUE
    for _ in preload(kernel, workload, spendable=spendable, fillers=fillers, report=report):
        count, size = kernel.unspent_size()
        if 2 * count >= total:
            worst = max(worst, size / count)
    return round(worst, 1)


async def _journaled(
    kernel: Kernel, handed: Sequence[Handed], directory: Path, report: Report
) -> tuple[Measurement, float]:
    return await settle_journaled(kernel, handed, directory / "settled", report)


async def _settled_end_to_end(
    kernel_class: type[Kernel], plan: LedgerPlan, pool: ProcessPoolExecutor, directory: Path, report: Report
) -> dict[str, Any]:
    """The whole way: as fast as possible, then in open loops at half of that and in a quiet hour."""
    workload = replace(plan.workload(signed=True), seed=plan.seed + 1)
    domain = workload.genesis().domain()
    slow = ceil_div(min(plan.transactions, SLOW_TRANSACTIONS_MAX), PER_ISSUE)
    last = 2 * plan.thousands

    def made(serials: range, per_submission: int) -> list[Handed]:
        return made_beside(pool, workload, serials, domain, per_submission=per_submission, report=report)

    parts = [
        made(range(1, plan.thousands + 1), PER_SUBMISSION),
        made(range(plan.thousands + 1, last + 1), PER_SUBMISSION),
        made(range(last + 1, last + slow + 1), SLOW_SUBMISSION),
    ]
    folder = directory / "centre"
    folder.mkdir()
    async with running_centre(kernel_class, workload, folder, spendable=last + slow, report=report) as centre:

        async def sent(part: Sequence[Handed], per_second: float | None) -> Measurement:
            transactions = sum(len(each.ids) for each in part) / len(part)
            rate = None if per_second is None else per_second / transactions
            connections = CONNECTIONS if rate is None else 4 * CONNECTIONS
            load = Load(clients=plan.clients, connections=connections, per_second=rate)
            return await asyncio.to_thread(send, centre, workload, part, load)

        most = await sent(parts[0], None)
        half = await sent(parts[1], most.per_second / 2)
        quiet = await sent(parts[2], SLOW_PER_SECOND)
    return {
        "end_to_end": most.summary(),
        "end_to_end_at_half": half.summary(),
        "end_to_end_at_1000": quiet.summary(),
        "clients": plan.clients,
    }
