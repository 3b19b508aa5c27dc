"""What the program needs of a kernel. The reference kernel is the specification; another must give the same answers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Protocol

from tongbao.coin.batch import BatchHeader
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.genesis import Genesis
from tongbao.coin.suites import PublicKey
from tongbao.kernel.applied import AppliedBatch
from tongbao.kernel.judge import Judging, Refusal
from tongbao.kernel.rows import Rows
from tongbao.kernel.state import ControlState, Totals

__all__ = ["BegunSnapshot", "Check", "FormedBatch", "Judged", "Kernel"]


Check = tuple[PublicKey, bytes, bytes]
"""Key, signature, message."""


class Judged(Protocol):
    """A submission that passed `Kernel.judge`, for `apply` of the same kernel; others see only this of it."""

    @property
    def home(self) -> int:
        """The home that endorsed."""
        ...

    @property
    def rules(self) -> int:
        """The version by which it was judged."""
        ...

    @property
    def controls(self) -> int:
        """How many of its transactions are control; they come first."""
        ...

    @property
    def ids(self) -> Sequence[bytes]:
        """The ids of its transactions, in order."""
        ...


class FormedBatch(Protocol):
    """A batch that `Kernel.form` made, for `apply` of the same kernel."""

    @property
    def data(self) -> bytes:
        """Its encoding."""
        ...

    @property
    def chain_head(self) -> bytes:
        """The hash by which the next batch names it, 32 bytes."""
        ...


class BegunSnapshot(Protocol):
    """A snapshot of the moment when it began; iterating it, once, gives its bytes part by part."""

    @property
    def state_digest(self) -> bytes:
        """The digest of that moment's state, 32 bytes; known after the last part."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """The parts."""
        ...


class Kernel(Protocol):
    """A settlement kernel. Whoever holds one calls it from one thread at a time, but `judge` from any.

    Attributes:
        name: `reference` or `native`.
        crypto: what verifies its signatures, for whoever reads a measured figure.
        judges_in_threads: whether judging lets other threads run meanwhile; where not, many cores want processes.
        rows: how it makes receipts and an index's entries of what batches did.
    """

    name: ClassVar[str]
    crypto: ClassVar[str]
    judges_in_threads: ClassVar[bool]
    rows: ClassVar[Rows]

    def __init__(self, genesis: Genesis) -> None:
        """A kernel at sequence 0.

        Raises:
            ConfigurationError: this software does not know the rules that genesis names.
        """
        ...

    @classmethod
    def from_snapshot(cls, genesis: Genesis, data: bytes) -> "Kernel":
        """The kernel as it was when `snapshot`, of this or another kernel, made `data`.

        Raises:
            DamageError: the bytes are not a whole snapshot of this network; nothing is lost, the journal has it all.
        """
        ...

    # --- where it stands ----------------------------------------------------------------------------------------------

    @property
    def genesis(self) -> Genesis:
        """Of the network."""
        ...

    @property
    def domain(self) -> Domain:
        """Of the network."""
        ...

    @property
    def sequence(self) -> int:
        """The last batch applied; 0 is genesis."""
        ...

    @property
    def time_ms(self) -> int:
        """Ledger time."""
        ...

    @property
    def chain_head(self) -> bytes:
        """The hash by which the next batch names the last, 32 bytes."""
        ...

    @property
    def rules(self) -> int:
        """The rules version in force."""
        ...

    def applied_statuses(self, sequence: int) -> bytes:
        """The statuses hash of a recently applied batch, for the header of the next."""
        ...

    # --- what it remembers --------------------------------------------------------------------------------------------

    @property
    def control(self) -> ControlState:
        """What control has set, as it is now: to be read only, and asked for again after the next batch."""
        ...

    def totals(self) -> Mapping[tuple[int, int], Totals]:
        """What was issued, redeemed and moved since genesis, by asset and home; to be read only."""
        ...

    def unspent_by_asset_and_home(self) -> Mapping[tuple[int, int], int]:
        """Value of the unspent coins, counted from the coins themselves; where there are none, nothing."""
        ...

    def are_unspent(self, coin_ids: Sequence[bytes]) -> list[bool]:
        """Whether each of the coins exists and is unspent."""
        ...

    def is_fresh(self, judged: Judged) -> bool:
        """Whether no transaction of the submission can have settled before, because all that they spend is unspent.

        False where one of them spends nothing, as issue and most of control, or where that is not known: then whoever
        asks looks the transactions up.
        """
        ...

    def unspent_size(self) -> tuple[int, int]:
        """How many coins are unspent, and how many bytes the table of them takes."""
        ...

    def state_digest(self) -> bytes:
        """The hash of unspent coins, totals and control state, 32 bytes; independent of how history was batched."""
        ...

    def snapshot(self) -> bytes:
        """Everything that the kernel remembers, canonical: equal memories give equal bytes, whichever kernel it is."""
        ...

    def begin_snapshot(self) -> BegunSnapshot:
        """The same in parts, which may be asked for while batches are applied: it stays that of this moment.

        One that had begun before cannot be gone on with.
        """
        ...

    # --- judge and apply ----------------------------------------------------------------------------------------------

    @property
    def judging(self) -> Judging:
        """What `judge` depends on now."""
        ...

    @staticmethod
    def judge(submission: bytes, judging: Judging, *, budget: SlowBudget | None = None) -> Judged | Refusal:
        """The encoded submission, well made, or the first reason why it is refused whole.

        `budget` rations slow judgements; a kernel that has none leaves it alone.

        Raises:
            SlowBudgetExhaustedError: nothing is known of the submission; its sender must wait.
        """
        ...

    @staticmethod
    def judge_many(submissions: Sequence[bytes], judging: Judging) -> Sequence[Judged | Refusal]:
        """What `judge` says of each of them, in their order; a fast kernel verifies their signatures together."""
        ...

    @staticmethod
    def open_many(submissions: Sequence[bytes], judging: Judging) -> Sequence[Judged | None]:
        """Submissions that were judged before by these rules, made ready for `apply`, in any thread.

        `apply` takes them only where `judged_by` says the same. None stands for what cannot have been judged.
        """
        ...

    @staticmethod
    def form(header: BatchHeader, submissions: Sequence[bytes], domain: Domain) -> FormedBatch:
        """The batch of the submissions under the header, of which only the body's hash is computed here; in any thread.

        What is computed for it is not computed again when it is applied.
        """
        ...

    @staticmethod
    def are_valid(checks: Sequence[Check]) -> bool:
        """Whether every signature is valid, each by its suite's one rule and nothing else; for measuring."""
        ...

    def apply(
        self, batch: bytes | FormedBatch, *, judged: Sequence[Judged | None] = (), judged_by: int | None = None
    ) -> AppliedBatch:
        """Apply the batch, which is encoded, or was formed by this kernel.

        `judged` holds what `judge` or `open_many` said of each of its submissions, in their order, so that nothing is
        computed twice; it may be shorter, and None stands for what is not at hand. What is of other bytes or other
        rules than those in force counts for nothing. A submission without one was judged before, by the rules
        `judged_by`, and is only decoded; where that is None or not the rules in force, it is judged here.

        Raises:
            BatchInvalidError: the batch cannot follow; nothing was changed.
        """
        ...
