"""How fast the ledger is: judging, applying and journaling, each by itself, on seeded transactions."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.coin import (
    CURRENCY,
    Approval,
    Batch,
    BatchHeader,
    BatchKind,
    Body,
    Coin,
    Domain,
    Genesis,
    GenesisInstitution,
    HashKind,
    Input,
    KeyLock,
    Kind,
    Limits,
    PublicKey,
    Submission,
    Transaction,
    Witness,
    approve_digest,
    spend_digest,
)
from tongbao.coin import (
    Path as LockPath,
)
from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import InvariantError
from tongbao.kernel import Kernel, Refusal

__all__ = ["LedgerBench", "Measurement", "bench_ledger"]

START_MS = 1_767_225_600_000  # 2026-01-01 00:00 UTC; any time does
COIN_FEN = 1_000
PER_SUBMISSION = 64  # what an institution hands over at once under load
PER_BATCH = 16  # submissions
HOME = 1

Report = Callable[[str, int, int], None]
"""Told of progress: the stage, how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One stage.

    Attributes:
        transactions: how many went through.
        seconds: how long they took together.
        latencies_ms: of each step (a submission or a batch), ascending.
    """

    transactions: int
    seconds: float
    latencies_ms: Sequence[float]

    def summary(self) -> dict[str, float | int]:
        """Rate, cost and latencies for the report."""
        return {
            "transactions": self.transactions,
            "per_second": round(self.transactions / self.seconds, 1),
            "microseconds_each": round(self.seconds / self.transactions * 1e6, 2),
            "latency_ms_p50": round(self._at(0.50), 3),
            "latency_ms_p99": round(self._at(0.99), 3),
        }

    def _at(self, share: float) -> float:
        """The latency that this share of the steps does not exceed."""
        return self.latencies_ms[math.ceil(share * len(self.latencies_ms)) - 1]


@dataclass(frozen=True, slots=True)
class LedgerBench:
    """All stages of one run.

    Attributes:
        judging: per submission of 64 transactions with one input and two outputs, on one core.
        applying: per batch of 16 such submissions, judged before.
        journaling: per batch, until it is durable.
        state_digest: in hexadecimal; the same seed gives the same.
    """

    judging: Measurement
    applying: Measurement
    journaling: Measurement
    state_digest: str


class _Workload:
    """Seeded money: an institution with `count` coins, and one transfer of each."""

    def __init__(self, *, seed: int, count: int) -> None:
        self._seed = seed
        self._endorser = self._key("endorser")
        self._central_bank = self._key("central bank")
        self._officer = self._key("officer")
        self._owner = self._key("owner")
        self.genesis = self._genesis(count)
        self.domain: Domain = self.genesis.domain()
        self._locks = [KeyLock(_public(self._owner), self._digest(f"salt {n}")) for n in range(count)]

    def _digest(self, purpose: str) -> bytes:
        return hashlib.sha256(f"tongbao bench {self._seed} {purpose}".encode()).digest()

    def _key(self, purpose: str) -> SigningKey:
        return SigningKey(self._digest(purpose))

    def _genesis(self, count: int) -> Genesis:
        officers = tuple(Officers(authority, 1, (_public(self._officer),)) for authority in AuthorityKind)
        return Genesis(
            name="bench",
            hash_kind=HashKind.SHA256,
            test_network=True,
            time_ms=START_MS,
            rules=1,
            asset_code="CNY",
            limits=Limits(),
            authorities=officers,
            central_bank_key=_public(self._central_bank),
            institutions=(GenesisInstitution(HOME, _public(self._endorser), count * COIN_FEN),),
            receipt_keys=(_public(self._key("receipts")),),
        )

    def issues(self) -> Iterator[bytes]:
        """Submissions that make the coins, a thousand a transaction."""
        outputs_max = self.genesis.limits.outputs_max
        for serial, start in enumerate(range(0, len(self._locks), outputs_max), 1):
            yield self._submit(self._central_bank, 0, [self._issue(serial, start, outputs_max)])

    def _issue(self, serial: int, start: int, count: int) -> Transaction:
        body = self._issue_body(serial, start, count)
        digest = approve_digest(body.transaction_id(self.domain), self.domain)
        return Transaction(body, (), (Approval(_public(self._officer), self._officer.sign(digest)),))

    def _issue_body(self, serial: int, start: int, count: int) -> Body:
        coins = [Coin(CURRENCY, COIN_FEN, HOME, lock.id(self.domain)) for lock in self._locks[start : start + count]]
        return Body(Kind.ISSUE, START_MS + 60_000, self._digest(f"issue {serial}"), (), tuple(coins), (), serial)

    def transfers(self) -> Iterator[bytes]:
        """Submissions of 64 transfers, each of one coin to a payee and back as change."""
        outputs_max = self.genesis.limits.outputs_max
        waiting: list[Transaction] = []
        for serial, start in enumerate(range(0, len(self._locks), outputs_max), 1):
            body = self._issue_body(serial, start, outputs_max)
            origin = body.transaction_id(self.domain)
            for index, coin in enumerate(body.outputs):
                waiting.append(self._transfer(Input(origin, index, coin), self._locks[start + index]))
                if len(waiting) == PER_SUBMISSION:
                    yield self._submit(self._endorser, HOME, waiting)
                    waiting = []
        if waiting:
            yield self._submit(self._endorser, HOME, waiting)

    def _transfer(self, spent: Input, lock: KeyLock) -> Transaction:
        payee, change = self._digest(f"payee {lock.salt.hex()}"), self._digest(f"change {lock.salt.hex()}")
        outputs = (Coin(CURRENCY, COIN_FEN * 3 // 4, HOME, payee), Coin(CURRENCY, COIN_FEN // 4, HOME, change))
        body = Body(Kind.TRANSFER, START_MS + 60_000, self._digest(f"order {lock.salt.hex()}"), (spent,), outputs)
        digest = spend_digest(body.transaction_id(self.domain), self.domain)
        return Transaction(body, (Witness(lock, LockPath.A, self._owner.sign(digest)),))

    def _submit(self, key: SigningKey, home: int, transactions: Sequence[Transaction]) -> bytes:
        encoded = tuple(transaction.encode() for transaction in transactions)
        return Submission.sign(self.domain, encoded, home=home, key=_public(key), sign=key.sign).encode()


def _public(key: SigningKey) -> PublicKey:
    return PublicKey.ed25519(key.public_key)


async def bench_ledger(
    kernel_class: type[Kernel], *, transactions: int, seed: int, directory: Path, report: Report
) -> LedgerBench:
    """Measure the stages one after another; the journal is written in `directory`, which must be empty."""
    workload = _Workload(seed=seed, count=transactions)
    kernel = kernel_class(workload.genesis)
    for submission in workload.issues():
        kernel.apply(_batch(kernel, [submission]), judged_by=kernel.rules)
    submissions = []
    for submission in workload.transfers():
        submissions.append(submission)
        report("preparing", len(submissions) * PER_SUBMISSION, transactions)
    judging = _judge(kernel, submissions, transactions, report)
    applying, batches = _apply(kernel, submissions, transactions, report)
    journaling = await _journal(workload.genesis, batches, transactions, directory, report)
    return LedgerBench(judging, applying, journaling, kernel.state_digest().hex())


def _judge(kernel: Kernel, submissions: Sequence[bytes], count: int, report: Report) -> Measurement:
    latencies = []
    for done, submission in enumerate(submissions, 1):
        before = time.perf_counter()
        verdict = kernel.judge(submission, kernel.judging)
        latencies.append(time.perf_counter() - before)
        if isinstance(verdict, Refusal):
            raise InvariantError(f"the bench's own submission is refused: {verdict.status.name}")
        report("judging", done * PER_SUBMISSION, count)
    return _measured(count, latencies)


def _apply(kernel: Kernel, submissions: Sequence[bytes], count: int, report: Report) -> tuple[Measurement, list[bytes]]:
    latencies, batches = [], []
    for start in range(0, len(submissions), PER_BATCH):
        batch = _batch(kernel, submissions[start : start + PER_BATCH])
        before = time.perf_counter()
        applied = kernel.apply(batch, judged_by=kernel.rules)
        latencies.append(time.perf_counter() - before)
        if any(applied.statuses):
            raise InvariantError("the bench's own transaction is refused")
        batches.append(batch)
        report("applying", (start + PER_BATCH) * PER_SUBMISSION, count)
    return _measured(count, latencies), batches


async def _journal(
    genesis: Genesis, batches: Sequence[bytes], count: int, directory: Path, report: Report
) -> Measurement:
    disk = FileDisk()
    network_id = genesis.domain().network_id
    journal = await FileJournal.open(disk, str(directory), network_id=network_id, entropy=SystemEntropy().bytes)
    latencies = []
    try:
        await journal.append(0, [genesis.encode()])
        for sequence, batch in enumerate(batches, 1):
            before = time.perf_counter()
            await journal.append(sequence, [batch])
            latencies.append(time.perf_counter() - before)
            report("journaling", sequence * PER_BATCH * PER_SUBMISSION, count)
    finally:
        await journal.close()
        disk.close()
    return _measured(count, latencies)


def _batch(kernel: Kernel, submissions: Sequence[bytes]) -> bytes:
    listed = tuple(submissions)
    header = BatchHeader(
        kind=BatchKind.MONEY,
        network_id=kernel.domain.network_id,
        sequence=kernel.sequence + 1,
        previous=kernel.chain_head,
        time_ms=kernel.time_ms,
        rules=kernel.rules,
        applied_sequence=kernel.sequence,
        applied_statuses=kernel.applied_statuses(kernel.sequence),
        body_hash=Batch.body_hash(listed, kernel.domain),
    )
    return Batch(header, listed).encode()


def _measured(transactions: int, latencies_s: list[float]) -> Measurement:
    ascending = sorted(latency * 1000 for latency in latencies_s)
    return Measurement(transactions, sum(latencies_s), ascending)
