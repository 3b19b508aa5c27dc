"""The stages that need no network: verifying, and settling without and with signatures and journal."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.coin import Batch, BatchHeader, BatchKind, Submission, Transaction, spend_digest
from tongbao.coin.batch import BATCH_BYTES_MAX
from tongbao.errors import InvariantError
from tongbao.kernel import Judged, Kernel, Refusal
from tongbao.kernel.interface import Check
from tongbao.service.bench.measurement import Measurement, Stopwatch
from tongbao.service.bench.preparing import Report, cores
from tongbao.service.bench.workload import Handed, Workload

__all__ = [
    "PER_SUBMISSION",
    "Check",
    "checks_of",
    "preload",
    "settle_journaled",
    "settle_signed",
    "settle_unsigned",
    "verify_only",
]

PER_SUBMISSION = 256
"""What an institution hands in at once under load."""

BATCH_ROOM = BATCH_BYTES_MAX - 4096


@dataclass(frozen=True, slots=True)
class _Judged:
    """A submission that may be ordered."""

    data: bytes
    count: int
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class _Tip:
    """The last batch that was formed; the kernel may not have applied it yet."""

    sequence: int
    chain_head: bytes

    @staticmethod
    def of(kernel: Kernel) -> "_Tip":
        return _Tip(kernel.sequence, kernel.chain_head)


def _batch_after(tip: _Tip, kernel: Kernel, submissions: Sequence[bytes]) -> tuple[bytes, _Tip]:
    listed = tuple(submissions)
    header = BatchHeader(
        kind=BatchKind.MONEY,
        network_id=kernel.domain.network_id,
        sequence=tip.sequence + 1,
        previous=tip.chain_head,
        time_ms=kernel.time_ms,
        rules=kernel.rules,
        applied_sequence=kernel.sequence,
        applied_statuses=kernel.applied_statuses(kernel.sequence),
        body_hash=Batch.body_hash(listed, kernel.domain),
    )
    return Batch(header, listed).encode(), _Tip(header.sequence, header.chain_head(kernel.domain))


def batch_of(kernel: Kernel, submissions: Sequence[bytes]) -> bytes:
    """The batch of money that follows what the kernel has applied."""
    return _batch_after(_Tip.of(kernel), kernel, submissions)[0]


def preload(kernel: Kernel, workload: Workload, *, spendable: int, fillers: int, report: Report) -> Iterator[bytes]:
    """Make so many thousands of coins that transfers spend and that nobody spends; yields each batch once applied."""
    domain = kernel.domain
    issues = [workload.issues(spendable, domain), workload.fillers(spendable + 1, fillers, domain)]
    for made, issue in enumerate((each for part in issues for each in part), 1):
        batch = batch_of(kernel, [issue])
        if any(kernel.apply(batch, judged_by=kernel.rules).statuses):
            raise InvariantError("the bench's own issue is refused")
        report("issuing", made, spendable + fillers)
        yield batch


def checks_of(submissions: Sequence[Handed], kernel: Kernel) -> list[list[Check]]:
    """What verifying a transfer's signature takes, in lists of one submission each."""
    found = []
    for each in submissions:
        listed = Submission.decode(each.data)
        transactions = [Transaction.decode(encoded) for encoded in listed.transactions]
        digests = [spend_digest(identity, kernel.domain) for identity in each.ids]
        pairs = zip(transactions, digests, strict=True)
        found.append([(made.witnesses[0].lock.key, made.witnesses[0].signature, digest) for made, digest in pairs])
    return found


def verify_only(kernel: Kernel, checks: Sequence[Sequence[Check]]) -> Measurement:
    """Verify the owners' signatures, nothing else, as many at a time as a submission has."""
    watch = Stopwatch()

    def one(part: Sequence[Check]) -> None:
        with watch.step():
            if not kernel.are_valid(part):
                raise InvariantError("the bench's own signature is refused")

    _on_all_cores(kernel, one, checks)
    return watch.measured(sum(map(len, checks)))


def _on_all_cores(kernel: Kernel, work: Callable[[Sequence[Check]], None], parts: Sequence[Sequence[Check]]) -> None:
    if not kernel.judges_in_threads:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(cores()) as threads:
        list(threads.map(work, parts))


def _grouped(submissions: Iterator[_Judged], kernel: Kernel) -> Iterator[list[_Judged]]:
    """As many submissions as a batch holds, in order."""
    group: list[_Judged] = []
    size, count = 0, 0
    for each in submissions:
        size, count = size + len(each.data) + 4, count + each.count
        if group and (size > BATCH_ROOM or count > kernel.genesis.limits.batch_transactions_max):
            yield group
            group, size, count = [], len(each.data) + 4, each.count
        group.append(each)
    if group:
        yield group


def _settle(kernel: Kernel, submissions: Iterator[_Judged], report: Report, stage: str, total: int) -> Measurement:
    watch, done = Stopwatch(), 0
    for group in _grouped(submissions, kernel):
        with watch.step():
            _apply(kernel, batch_of(kernel, [each.data for each in group]), group)
        done += sum(each.count for each in group)
        report(stage, done, total)
    return watch.measured(done)


def _apply(kernel: Kernel, batch: bytes, group: Sequence[_Judged]) -> None:
    applied = kernel.apply(batch, judged=[each.judged for each in group], judged_by=kernel.rules)
    if applied.verdicts[32::34].strip(b"\0") or applied.verdicts[33::34].strip(b"\0"):
        raise InvariantError("the bench's own transaction is refused")


def settle_unsigned(kernel: Kernel, handed: Sequence[Handed], report: Report) -> Measurement:
    """Settle without verifying a signature and without a journal: a step is a batch, formed and applied."""
    ready = (_Judged(each.data, len(each.ids), None) for each in handed)
    return _settle(kernel, ready, report, "settle_unsigned", len(handed) * PER_SUBMISSION)


def settle_signed(kernel: Kernel, handed: Sequence[Handed], report: Report) -> Measurement:
    """Judge on all cores and apply what is judged, without a journal: a step is a batch, formed and applied."""
    if not kernel.judges_in_threads:
        ready = (_judged(kernel, each) for each in handed)
        return _settle(kernel, ready, report, "settle_signed", len(handed) * PER_SUBMISSION)
    with ThreadPoolExecutor(cores()) as threads:
        judged = _some_ahead(threads, kernel, handed)
        return _settle(kernel, judged, report, "settle_signed", len(handed) * PER_SUBMISSION)


def _some_ahead(threads: ThreadPoolExecutor, kernel: Kernel, handed: Sequence[Handed]) -> Iterator[_Judged]:
    """Judged in order; what is judged and waits stays bounded, as in a centre."""
    rest = iter(handed)
    waiting = [threads.submit(_judged, kernel, each) for each in islice(rest, 16 * cores())]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [threads.submit(_judged, kernel, each) for each in islice(rest, 1)]


def _judged(kernel: Kernel, handed: Handed) -> _Judged:
    [verdict] = kernel.judge_many([handed.data], kernel.judging)
    if isinstance(verdict, Refusal):
        raise InvariantError(f"the bench's own submission is refused: {verdict.status.name}")
    return _Judged(handed.data, len(handed.ids), verdict)


async def settle_journaled(
    kernel: Kernel, handed: Sequence[Handed], directory: Path, report: Report
) -> tuple[Measurement, float]:
    """Settle unsigned with the journal: a step is a batch, from its forming until it is durable and applied.

    One batch is written while the one before is applied, as in a centre. Also returns the journal's bytes for each
    transaction.
    """
    disk = FileDisk()
    network_id = kernel.domain.network_id
    journal = await FileJournal.open(disk, str(directory), network_id=network_id, entropy=SystemEntropy().bytes)
    try:
        await journal.append(0, [kernel.genesis.encode()])
        before = _bytes_in(directory)
        measured = await _settle_and_write(kernel, handed, journal, report)
        written = _bytes_in(directory) - before
    finally:
        await journal.close()
        disk.close()
    return measured, written / measured.transactions


async def _settle_and_write(
    kernel: Kernel, handed: Sequence[Handed], journal: FileJournal, report: Report
) -> Measurement:
    watch, done, tip = Stopwatch(), 0, _Tip.of(kernel)
    durable: tuple[bytes, list[_Judged], float] | None = None

    def apply() -> None:
        if durable is not None:
            _apply(kernel, *durable[:2])
            watch.steps_s.append(time.perf_counter() - durable[2])

    groups = _grouped((_Judged(each.data, len(each.ids), None) for each in handed), kernel)
    for sequence, group in enumerate(groups, 1):
        started_s = time.perf_counter()
        batch, tip = _batch_after(tip, kernel, [each.data for each in group])
        writing = asyncio.create_task(journal.append(sequence, [batch]))
        await asyncio.sleep(0)  # the write begins
        apply()
        await writing
        durable = (batch, group, started_s)
        done += sum(each.count for each in group)
        report("settle_journaled", done, len(handed) * PER_SUBMISSION)
    apply()
    return watch.measured(done)


def _bytes_in(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("*.segment"))
