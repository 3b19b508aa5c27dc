"""How the vectors of the second stage are told: a ledger lives through some batches, and the last one is the point."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.builders import ALICE, BOB, EXPIRY_MS, Spend, acceptance, coin, control, spend_of, submission, transfer
from tests.kernel_builders import NETWORKS, SETTLED, Ledger
from tongbao.coin import Acceptance, Coin, Submission, Transaction
from tongbao.coin.control import ControlOperation
from tongbao.kernel import ReferenceKernel, Status


@dataclass(frozen=True)
class ApplyCase:
    """A history and what its last batch is answered with.

    Attributes:
        status: what the case is about.
        name: what is special about it.
        ledger: after its last batch.
        statuses: the expected answers to the last batch.
        beats: a later status that it has as well, and that is found once the earlier reason is gone.
        network: a name of `NETWORKS`.
    """

    status: Status
    name: str
    ledger: Ledger = field(repr=False)
    statuses: tuple[Status, ...]
    beats: Status | None = None
    network: str = "sample"

    def __post_init__(self) -> None:
        found = tuple(Status(each) for each in self.ledger.statuses[-1])
        if found != self.statuses:
            raise AssertionError(f"{self.status.name}: {self.name}: found {found}, expected {self.statuses}")


class Story:
    """A ledger on its way to the batch that a case is about."""

    def __init__(self, network: str = "sample") -> None:
        self.network = network
        self.kernel = ReferenceKernel(NETWORKS[network])
        self.ledger = Ledger(kernel=self.kernel)

    def given(self, *transactions: Transaction, home: int = 1, time_ms: int | None = None) -> "Story":
        """Let the transactions settle in a batch of their own."""
        found = self.ledger.settle(*transactions, home=home, time_ms=time_ms)
        assert found == [SETTLED] * len(transactions), found
        return self

    def ordered(self, *transactions: Transaction, time_ms: int | None = None) -> "Story":
        """Let the central bank's transactions settle in a batch of their own."""
        return self.given(*transactions, home=0, time_ms=time_ms)

    def at(self, time_ms: int) -> "Story":
        """Let ledger time go on."""
        self.ledger.heartbeat(time_ms=time_ms)
        return self

    def then(
        self,
        name: str,
        *transactions: Transaction,
        found: Status | Sequence[Status] = SETTLED,
        home: int = 1,
        key: int | None = None,
        time_ms: int | None = None,
        beats: Status | None = None,
    ) -> ApplyCase:
        """The case whose last batch is one submission with these transactions; `found` is about all or the last."""
        endorsed = submission(transactions, home=home, key=key, domain=self.ledger.domain)
        return self.then_submitted(name, endorsed, found=found, time_ms=time_ms, beats=beats)

    def then_submitted(
        self,
        name: str,
        *submissions: Submission,
        found: Status | Sequence[Status] = SETTLED,
        time_ms: int | None = None,
        beats: Status | None = None,
    ) -> ApplyCase:
        """The case whose last batch has these submissions."""
        statuses = self.ledger.submit(*submissions, time_ms=time_ms)
        expected = tuple([found] * len(statuses)) if isinstance(found, Status) else tuple(found)
        return ApplyCase(expected[-1], name, self.ledger, expected, beats, self.network)


def funded(*values: int, home: int = 1, network: str = "sample") -> tuple[Story, Transaction]:
    """A story in which Alice has a coin of each value (5 unless named), and the issue that made them."""
    story = Story(network)
    return story, story.ledger.fund(*(values or (5,)), owner=ALICE, home=home)


def alices(funds: Transaction, place: int = 0) -> Spend:
    """The spending of one of Alice's coins."""
    return spend_of(funds, place, owner=ALICE, salt=place)


def to_bob(funds: Transaction, *, expiry_ms: int = EXPIRY_MS) -> Transaction:
    """Alice's first coin of 5, paid to Bob."""
    return transfer([alices(funds)], [coin(5, owner=BOB)], expiry_ms=expiry_ms)


def named_for(
    funds: Transaction, *coins: Coin, home: int = 2, key: int | None = None, expiry_ms: int = EXPIRY_MS
) -> Acceptance:
    """The word of a home that it takes the coins from a transfer of Alice's first coin."""
    return acceptance(alices(funds).input, coins, home=home, key=key, expiry_ms=expiry_ms)


def ordered_alone(name: str, operation: ControlOperation, status: Status, *before: ControlOperation) -> ApplyCase:
    """One operation after others, which count within subjects of their own."""
    story = Story()
    for each in before:
        story.ordered(control(each, serial=_serial(story, each)))
    return story.then(name, control(operation, serial=_serial(story, operation)), home=0, found=status)


def _serial(story: Story, operation: ControlOperation) -> int:
    return story.kernel.state.serials.get((operation.AUTHORITY, operation.subject()), 0) + 1
