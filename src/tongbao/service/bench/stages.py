"""The stages that need no network: verifying, and settling without and with signatures and journal."""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.centres.registration.journal import Journal
from tongbao.coin import BatchHeader, BatchKind, Submission, Transaction, spend_digest
from tongbao.coin.batch import BATCH_BYTES_MAX, BODY_UNHASHED
from tongbao.errors import InvariantError
from tongbao.kernel import FormedBatch, Judged, Kernel, Refusal
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


def _form_after(tip: _Tip, kernel: Kernel, submissions: Sequence[bytes]) -> Callable[[], FormedBatch]:
    """What forms the batch that follows `tip`, on any thread."""
    header = BatchHeader(
        kind=BatchKind.MONEY,
        network_id=kernel.domain.network_id,
        sequence=tip.sequence + 1,
        previous=tip.chain_head,
        time_ms=kernel.time_ms,
        rules=kernel.rules,
        applied_sequence=kernel.sequence,
        applied_statuses=kernel.applied_statuses(kernel.sequence),
        body_hash=BODY_UNHASHED,
    )
    return partial(kernel.form, header, submissions, kernel.domain)


def batch_of(kernel: Kernel, submissions: Sequence[bytes]) -> bytes:
    """The batch of money that follows what the kernel has applied."""
    return _form_after(_Tip.of(kernel), kernel, submissions)().data


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


async def _settle(
    kernel: Kernel, submissions: Iterator[_Judged], report: Report, stage: str, *, total: int, journal: Journal | None
) -> Measurement:
    """Form one batch, and have it written where there is a journal, while the one before is applied, as in a centre."""
    gc.collect()
    gc.freeze()  # a centre does not hold a million transactions that are still to come
    watch, done, tip = Stopwatch(), 0, _Tip.of(kernel)
    durable: tuple[FormedBatch, list[_Judged], float] | None = None

    def apply() -> None:
        if durable is not None:
            _apply(kernel, *durable[:2])
            watch.steps_s.append(time.perf_counter() - durable[2])

    async def written(form: Callable[[], FormedBatch], sequence: int) -> FormedBatch:
        formed = await asyncio.to_thread(form)
        if journal is not None:
            await journal.append(sequence, [formed.data])
        return formed

    for sequence, group in enumerate(_grouped(submissions, kernel), 1):
        started_s = time.perf_counter()
        form = _form_after(tip, kernel, [each.data for each in group])
        _, formed = await asyncio.gather(asyncio.to_thread(apply), written(form, sequence))
        durable, tip = (formed, group, started_s), _Tip(tip.sequence + 1, formed.chain_head)
        done += sum(each.count for each in group)
        report(stage, done, total)
    apply()
    return watch.measured(done)


def _apply(kernel: Kernel, batch: FormedBatch, group: Sequence[_Judged]) -> None:
    applied = kernel.apply(batch, judged=[each.judged for each in group], judged_by=kernel.rules)
    if applied.verdicts[32::34].strip(b"\0") or applied.verdicts[33::34].strip(b"\0"):
        raise InvariantError("the bench's own transaction is refused")


async def settle_unsigned(
    kernel: Kernel, handed: Sequence[Handed], report: Report, *, journal: Journal | None = None
) -> Measurement:
    """Settle without verifying a signature: a step is a batch, from its forming until it is applied.

    Submissions are opened on all cores; with a journal each batch is durable before it is applied.
    """
    stage = "settle_unsigned" if journal is None else "settle_journaled"
    with ThreadPoolExecutor(_judging_threads(kernel)) as threads:
        opened = _some_ahead(threads, partial(_opened, kernel), handed)
        return await _settle(kernel, opened, report, stage, total=len(handed) * PER_SUBMISSION, journal=journal)


async def settle_signed(kernel: Kernel, handed: Sequence[Handed], report: Report) -> Measurement:
    """Judge on all cores and apply what is judged, without a journal: a step is a batch, formed and applied."""
    with ThreadPoolExecutor(_judging_threads(kernel)) as threads:
        judged = _some_ahead(threads, partial(_judged, kernel), handed)
        total = len(handed) * PER_SUBMISSION
        return await _settle(kernel, judged, report, "settle_signed", total=total, journal=None)


def _judging_threads(kernel: Kernel) -> int:
    return cores() if kernel.judges_in_threads else 1


def _some_ahead(
    threads: ThreadPoolExecutor, ready: Callable[[Handed], _Judged], handed: Sequence[Handed]
) -> Iterator[_Judged]:
    """What was made ready in order; what is ready and waits stays bounded, as in a centre."""
    rest = iter(handed)
    waiting = deque(threads.submit(ready, each) for each in islice(rest, 16 * cores()))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(threads.submit(ready, each) for each in islice(rest, 1))


def _opened(kernel: Kernel, handed: Handed) -> _Judged:
    [opened] = kernel.open_many([handed.data], kernel.judging)
    return _Judged(handed.data, len(handed.ids), opened)


def _judged(kernel: Kernel, handed: Handed) -> _Judged:
    [verdict] = kernel.judge_many([handed.data], kernel.judging)
    if isinstance(verdict, Refusal):
        raise InvariantError(f"the bench's own submission is refused: {verdict.status.name}")
    return _Judged(handed.data, len(handed.ids), verdict)


async def settle_journaled(
    kernel: Kernel, handed: Sequence[Handed], directory: Path, report: Report
) -> tuple[Measurement, float]:
    """Settle unsigned with the journal: a step is a batch, from its forming until it is durable and applied.

    Also returns the journal's bytes for each
    transaction.
    """
    disk = FileDisk()
    network_id = kernel.domain.network_id
    journal = await FileJournal.open(disk, str(directory), network_id=network_id, entropy=SystemEntropy().bytes)
    try:
        await journal.append(0, [kernel.genesis.encode()])
        before = _bytes_in(directory)
        measured = await settle_unsigned(kernel, handed, report, journal=journal)
        written = _bytes_in(directory) - before
    finally:
        await journal.close()
        disk.close()
    return measured, written / measured.transactions


def _bytes_in(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("*.segment"))
