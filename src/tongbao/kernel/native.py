"""The native kernel: the same answers as the reference kernel, computed by `tongbao._native` in Rust.

Only this module knows of it; importing it fails where it was not built.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Self

from tongbao import _native
from tongbao.coin.batch import BatchHeader
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.encoding import Reader
from tongbao.coin.genesis import Genesis
from tongbao.errors import ConfigurationError, DamageError, InvariantError
from tongbao.kernel.applied import AppliedBatch, BatchInvalidError
from tongbao.kernel.interface import Check, FormedBatch, Judged
from tongbao.kernel.judge import Judging, Refusal
from tongbao.kernel.rows import Rows
from tongbao.kernel.rules import RULES
from tongbao.kernel.snapshot import read_control
from tongbao.kernel.state import ControlState, Totals
from tongbao.kernel.status import Status

__all__ = ["NativeKernel", "NativeSnapshot"]

INTERFACE = 2
"""What `tongbao._native` must offer; crates/settlement-py/src/lib.rs has the same number."""

if getattr(_native, "INTERFACE", 1) != INTERFACE:  # what came before had no number
    raise ImportError("it was built from other sources than these: build it again")

PART_COINS = 8192  # copying, sorting and hashing them takes a few milliseconds, which other work waits for


@dataclass(frozen=True, slots=True)
class _NativeJudging(Judging):
    """What `judge` depends on, and the same as Rust knows it."""

    native: _native.Judging = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        limits = (
            self.limits.inputs_max,
            self.limits.outputs_max,
            self.limits.batch_transactions_max,
            self.limits.expiry_ahead_max_ms,
            self.limits.ordered_move_delay_ms,
            self.limits.snapshot_every,
        )
        native = _native.Judging(self.domain.network_id, self.domain.hash_kind, self.rules.version, limits)
        object.__setattr__(self, "native", native)


def _crypto() -> str:
    backends = {suite.name.lower(): _native.backend_name(suite) for suite in sorted(RULES[max(RULES)].suites)}
    return ", ".join(f"{suite} by {backend}" for suite, backend in backends.items())


class _NativeRows:
    """See `Rows`."""

    def receipt_levels(self, verdicts: bytes, sequence: int, domain: Domain) -> list[bytes]:
        with _failures():
            return _native.receipt_levels(verdicts, sequence, domain.hash_kind)

    def entries_of(self, sequence: int, verdicts: bytes, created: bytes) -> bytes:
        with _failures():
            return _native.entries_of(sequence, verdicts, created)

    def merged(self, pieces: Sequence[bytes]) -> bytes:
        with _failures():
            return _native.merged(pieces)

    def places_of(self, key: bytes, pieces: Sequence[bytes]) -> list[int]:
        with _failures():
            return _native.places_of(key, pieces)


class NativeKernel:
    """The settlement kernel in Rust; see `Kernel` for what it offers.

    Attributes:
        genesis: of the network.
        domain: of the network.
        sequence: the last batch applied; 0 is genesis.
        time_ms: ledger time.
        chain_head: 32 bytes.
        rules: the rules version in force.
    """

    name: ClassVar[str] = "native"
    crypto: ClassVar[str] = _crypto()
    judges_in_threads: ClassVar[bool] = True
    rows: ClassVar[Rows] = _NativeRows()

    def __init__(self, genesis: Genesis, snapshot: bytes | None = None) -> None:
        """A kernel at sequence 0, or where the snapshot was taken.

        Raises:
            ConfigurationError: this software does not know the rules that genesis names.
            DamageError: the bytes are not a whole snapshot of this network.
        """
        if genesis.rules not in RULES:
            raise ConfigurationError(
                f"genesis names rules {genesis.rules}, which this version lacks: install a newer one"
            )
        encoded = genesis.encode()
        with _failures():
            native = _native.Kernel(encoded) if snapshot is None else _native.Kernel.from_snapshot(encoded, snapshot)
            self.sequence, self.time_ms = native.sequence(), native.time_ms()
            self.chain_head, self.rules = native.chain_head(), native.rules()
        self.genesis = genesis
        self.domain: Domain = genesis.domain()
        self._native = native
        self._control: ControlState | None = None
        self._judging: Judging | None = None

    @classmethod
    def from_snapshot(cls, genesis: Genesis, data: bytes) -> Self:
        """The kernel as it was when `snapshot`, of this or another kernel, made `data`.

        Raises:
            DamageError: the bytes are not a whole snapshot of this network; nothing is lost, the journal has it all.
        """
        return cls(genesis, data)

    # --- what it remembers --------------------------------------------------------------------------------------------

    def applied_statuses(self, sequence: int) -> bytes:
        """The statuses hash of a recently applied batch, for the header of the next."""
        with _failures():
            return self._native.applied_statuses(sequence)

    @property
    def control(self) -> ControlState:
        """What control has set; read anew after the central bank has endorsed something."""
        if self._control is None:
            with _failures():
                self._control = read_control(self._native.control_encoding())
        return self._control

    def totals(self) -> Mapping[tuple[int, int], Totals]:
        """Totals by asset and home."""
        with _failures():
            return {where: Totals(*counted) for where, counted in self._native.totals()}

    def unspent_by_asset_and_home(self) -> Mapping[tuple[int, int], int]:
        """Value of the unspent coins, counted from the coins themselves."""
        with _failures():
            return self._native.unspent_by_asset_and_home()

    def are_unspent(self, coin_ids: Sequence[bytes]) -> list[bool]:
        """Whether each of the coins exists and is unspent."""
        with _failures():
            return self._native.are_unspent(coin_ids)

    def is_fresh(self, judged: Judged) -> bool:
        """Whether all that every transaction spends, and each spends something, is unspent."""
        with _failures():
            return isinstance(judged, _native.Judged) and self._native.is_fresh(judged)

    def unspent_size(self) -> tuple[int, int]:
        """How many coins are unspent, and how many bytes the table of them takes."""
        with _failures():
            return self._native.unspent_count(), self._native.unspent_bytes()

    def state_digest(self) -> bytes:
        """The hash of unspent coins, totals and control state, 32 bytes."""
        with _failures():
            return self._native.state_digest()

    def snapshot(self) -> bytes:
        """Everything that the kernel remembers, canonical."""
        with _failures():
            return self._native.snapshot()

    def begin_snapshot(self) -> "NativeSnapshot":
        """A snapshot of the state as it is now, while batches are applied."""
        with _failures():
            return NativeSnapshot(self._native, self._native.begin_snapshot())

    # --- judge and apply ----------------------------------------------------------------------------------------------

    @property
    def judging(self) -> Judging:
        """What `judge` depends on now; the same object until the rules change."""
        if self._judging is None or self._judging.rules.version != self.rules:
            self._judging = _NativeJudging(self.domain, self.genesis.limits, RULES[self.rules])
        return self._judging

    @staticmethod
    def judge(
        submission: bytes,
        judging: Judging,
        *,
        budget: SlowBudget | None = None,  # noqa: ARG004 - no judgement is slow here
    ) -> Judged | Refusal:
        """The submission, or the first reason why it is refused whole."""
        with _failures():
            return _verdict(_native.judge(submission, _with_native(judging).native))

    @staticmethod
    def judge_many(submissions: Sequence[bytes], judging: Judging) -> list[Judged | Refusal]:
        """What `judge` says of each of them; their signatures are verified together."""
        with _failures():
            return [_verdict(each) for each in _native.judge_many(submissions, _with_native(judging).native)]

    @staticmethod
    def open_many(submissions: Sequence[bytes], judging: Judging) -> Sequence[Judged | None]:
        """Submissions that were judged before by these rules, opened for `apply`; None for what cannot have been."""
        with _failures():
            return _native.open_many(submissions, _with_native(judging).native)

    @staticmethod
    def form(header: BatchHeader, submissions: Sequence[bytes], domain: Domain) -> FormedBatch:
        """The batch of the submissions under the header, of which only the body's hash is computed here."""
        with _failures():
            return _native.form(header.encode_start(), submissions, domain.hash_kind)

    @staticmethod
    def are_valid(checks: Sequence[Check]) -> bool:
        """Whether every signature is valid; they are verified together."""
        with _failures():
            return all(
                _native.verify_batch([(key.suite, key.key, signature, message) for key, signature, message in checks])
            )

    def apply(
        self, batch: bytes | FormedBatch, *, judged: Sequence[Judged | None] = (), judged_by: int | None = None
    ) -> AppliedBatch:
        """Apply the batch; see `Kernel.apply`.

        Raises:
            BatchInvalidError: the batch cannot follow; nothing was changed.
        """
        handed = [each if isinstance(each, _native.Judged) else None for each in judged]
        written = batch if isinstance(batch, bytes | _native.Formed) else batch.data
        with _failures():
            applied = self._native.apply(written, handed, judged_by)
        self.sequence, self.time_ms = applied.sequence, applied.time_ms
        self.chain_head, self.rules = applied.chain_head, applied.rules
        if applied.by_central_bank:
            self._control = None
        header = BatchHeader.decode(Reader(batch if isinstance(batch, bytes) else batch.data, "batch").sized_u16())
        return AppliedBatch(header, applied.chain_head, applied.verdicts, applied.created, applied.spent)


class NativeSnapshot:
    """A snapshot in parts; see `BegunSnapshot`.

    Attributes:
        state_digest: known after the last part.
    """

    def __init__(self, native: _native.Kernel, writer: _native.SnapshotWriter) -> None:
        self._native = native
        self._writer = writer
        self.state_digest = b""

    def __iter__(self) -> Iterator[bytes]:
        with _failures():
            while (part := self._native.next_part(self._writer, PART_COINS)) is not None:
                yield part
            last, self.state_digest = self._native.last_part(self._writer)
        yield last


@contextmanager
def _failures() -> Iterator[None]:
    """What Rust raises, as the rest of the program knows it."""
    try:
        yield
    except _native.BatchInvalidError as error:
        raise BatchInvalidError(str(error), field="batch") from None
    except _native.SnapshotDamagedError as error:
        raise DamageError(str(error)) from None
    except _native.KernelFailedError as error:
        raise InvariantError(f"the native kernel failed: {error}") from error


def _with_native(judging: Judging) -> _NativeJudging:
    if isinstance(judging, _NativeJudging):
        return judging
    return _NativeJudging(judging.domain, judging.limits, judging.rules)


def _verdict(told: _native.Judged | tuple[int, int, str]) -> Judged | Refusal:
    if isinstance(told, tuple):
        status, index, detail = told
        return Refusal(Status(status), index, detail)
    return told
