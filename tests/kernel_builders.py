"""A ledger for tests: a kernel, the batches that it was given, and money to start with.

ledger = Ledger()
funds = ledger.fund(500, owner=ALICE)
payment = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=BOB)])
assert ledger.settle(payment) == [Status.SETTLED]
"""

from collections.abc import Sequence
from dataclasses import replace

from tests.builders import DOMAIN, GENESIS, batch, coin, issue, submission
from tongbao.coin import Batch, BatchHeader, Coin, Genesis, Submission, Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.kernel import AppliedBatch, ReferenceKernel, Status
from tongbao.kernel.control import subject_serial

SETTLED = Status.SETTLED
STEP_MS = 1_000


class Ledger:
    """A kernel with its history.

    Attributes:
        kernel: the kernel.
        batches: every batch that it applied, encoded.
    """

    def __init__(self, genesis: Genesis = GENESIS, *, kernel: ReferenceKernel | None = None) -> None:
        self.kernel = kernel or ReferenceKernel(genesis)
        self.batches: list[bytes] = []

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
            rules=kernel.state.rules,
            applied_sequence=kernel.sequence,
            applied_statuses=kernel.applied_statuses(kernel.sequence),
            domain=kernel.domain,
        )

    def apply(self, following: Batch, *, judged_by: int | None = None) -> AppliedBatch:
        """Apply the batch and remember it."""
        applied = self.kernel.apply(following.encode(), judged_by=judged_by)
        self.batches.append(following.encode())
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
        serial = subject_serial(self.kernel.state, AuthorityKind.ISSUANCE, subject) + 1
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


def body_hashed(submissions: Sequence[Submission]) -> bytes:
    """What a header says of the submissions."""
    return Batch.body_hash(tuple(each.encode() for each in submissions), DOMAIN)
