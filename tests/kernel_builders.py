"""A ledger for tests: a kernel, the batches that it was given, and money to start with.

ledger = Ledger()
funds = ledger.fund(500, owner=ALICE)
payment = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=BOB)])
assert ledger.settle(payment) == [Status.SETTLED]
"""

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.builders import (
    CAROL,
    CENTRAL_BANK,
    DOMAIN,
    GENESIS,
    INSTITUTIONS,
    batch,
    coin,
    genesis,
    issue,
    public_key,
    signer,
    submission,
)
from tongbao.coin import Batch, BatchHeader, Coin, Domain, Genesis, HashKind, Limits, Submission, Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.kernel import AppliedBatch, Kernel, Status, has_native_kernel, select_kernel
from tongbao.kernel.control import subject_serial
from tongbao.kernel.snapshot import Snapshot
from tongbao.kernel.state import State

SETTLED = Status.SETTLED
STEP_MS = 1_000

KERNEL_CHOICE = os.environ.get("TONGBAO_KERNEL", "auto")
KERNEL: type[Kernel] = select_kernel(KERNEL_CHOICE)
"""The kernel of ledgers that do not say which; tests that run with each kernel change it (tests/unit/kernel)."""

EACH_KERNEL = ["reference", "native"] if KERNEL_CHOICE == "auto" and has_native_kernel() else [KERNEL.name]
"""The kernels that there are to be tested, by name."""

only_reference = pytest.mark.skipif(KERNEL.name != "reference", reason="the native kernel judges nothing slowly")
"""For tests of rationed slow judgements, which CI runs with TONGBAO_KERNEL=reference."""


class Ledger:
    """A kernel with its history.

    Attributes:
        kernel: the kernel.
        batches: every batch that it applied, encoded.
        statuses: what each of them was answered with.
    """

    def __init__(self, genesis: Genesis = GENESIS, *, kernel: Kernel | None = None) -> None:
        self.kernel = kernel or KERNEL(genesis)
        self.batches: list[bytes] = []
        self.statuses: list[list[int]] = []

    @property
    def domain(self) -> Domain:
        """Of the network."""
        return self.kernel.domain

    @property
    def state(self) -> State:
        """All that the kernel remembers, as its snapshot says."""
        return Snapshot.decode(self.kernel.snapshot(), self.domain).state

    @property
    def now_ms(self) -> int:
        """Ledger time."""
        return self.kernel.time_ms

    def next_batch(self, submissions: Sequence[Submission] = (), *, time_ms: int | None = None) -> Batch:
        """The batch that may follow, by default a second later; a heartbeat where there are no submissions."""
        kernel = self.kernel
        return batch(
            submissions,
            sequence=kernel.sequence + 1,
            previous=kernel.chain_head,
            time_ms=kernel.time_ms + STEP_MS if time_ms is None else time_ms,
            rules=kernel.rules,
            applied_sequence=kernel.sequence,
            applied_statuses=kernel.applied_statuses(kernel.sequence),
            domain=kernel.domain,
        )

    def apply(self, following: Batch, *, judged_by: int | None = None) -> AppliedBatch:
        """Apply the batch and remember it."""
        applied = self.kernel.apply(following.encode(), judged_by=judged_by)
        self.batches.append(following.encode())
        self.statuses.append(applied.statuses)
        return applied

    def submit(self, *submissions: Submission, time_ms: int | None = None) -> list[Status]:
        """The statuses of the submissions' transactions, in one batch of their own."""
        applied = self.apply(self.next_batch(submissions, time_ms=time_ms))
        return [each.status for each in applied.transactions]

    def settle(
        self, *transactions: Transaction, home: int = 1, key: int | None = None, time_ms: int | None = None
    ) -> list[Status]:
        """The statuses of the transactions, endorsed by `home` in one submission and one batch."""
        return self.submit(submission(transactions, home=home, key=key, domain=self.kernel.domain), time_ms=time_ms)

    def control(self, *transactions: Transaction, time_ms: int | None = None) -> list[Status]:
        """The statuses of transactions that the central bank endorses."""
        return self.settle(*transactions, home=0, time_ms=time_ms)

    def heartbeat(self, *, time_ms: int) -> None:
        """Let ledger time go on."""
        self.apply(self.next_batch(time_ms=time_ms))

    def issue(self, *coins: Coin) -> Transaction:
        """Issue the coins, all of one asset and home, and demand that this settles."""
        first = coins[0]
        subject = b"issue" + first.asset.to_bytes(4, "big") + first.home.to_bytes(4, "big")
        serial = subject_serial(self.kernel.control, AuthorityKind.ISSUANCE, subject) + 1
        issued = issue(coins, serial=serial, expiry_ms=self.now_ms + 120_000, domain=self.kernel.domain)
        assert self.control(issued) == [SETTLED]
        return issued

    def fund(self, *values: int, owner: int, home: int = 1) -> Transaction:
        """Issue one coin of each value to the owner; their salts are their places."""
        return self.issue(*[coin(value, owner=owner, home=home, salt=salt) for salt, value in enumerate(values)])


def reheaded(original: Batch, **changes: object) -> Batch:
    """The batch with another header."""
    header: BatchHeader = replace(original.header, **changes)  # type: ignore[arg-type]
    return Batch(header, original.submissions)


TIGHT = genesis(name="tight", limits=Limits(inputs_max=2, outputs_max=3, batch_transactions_max=4))
"""A network of narrow limits, so that what exceeds them is short."""

REAL = replace(genesis(name="real"), test_network=False)
"""A network that is no test: its heartbeats step by a day at most."""

SM3 = genesis(name="sample-sm3", hash_kind=HashKind.SM3)
"""A network with the other hash."""

SUITES = replace(genesis(name="suites"), rules=2)
"""A network whose rules verify more than Ed25519."""

NETWORKS = {"sample": GENESIS, "tight": TIGHT, "real": REAL, "sm3": SM3, "suites": SUITES}


def endorsed(*transactions: bytes, home: int = 1, key: int | None = None, domain: Domain = DOMAIN) -> Submission:
    """A submission of encoded transactions, which may be no transactions at all."""
    number = {0: CENTRAL_BANK, **INSTITUTIONS}[home] if key is None else key
    return Submission.sign(domain, transactions, home=home, key=public_key(number), sign=signer(number).sign)


def unsigned(transaction: Transaction, place: int = 0) -> Transaction:
    """The transaction with a signature that does not hold in the witness at `place`."""
    witnesses = list(transaction.witnesses)
    witnesses[place] = replace(witnesses[place], signature=signer(CAROL).sign(b"something else"))
    return replace(transaction, witnesses=tuple(witnesses))


def worthless(transaction: Transaction, place: int = 0) -> bytes:
    """The encoded transaction with the value 0 in the output at `place`, which no coin can be made with."""
    output = transaction.body.outputs[place].encode()
    before, after = transaction.encode().split(output)
    return before + output[:4] + bytes(8) + output[12:] + after
