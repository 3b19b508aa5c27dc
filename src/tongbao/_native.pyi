"""The native kernel as Rust exports it (crates/settlement-py); `tongbao.kernel.native` makes a `Kernel` of it."""

from collections.abc import Sequence
from typing import final

INTERFACE: int
"""Counts what this module offers; `tongbao.kernel.native` says which one it was written for."""

class BatchInvalidError(RuntimeError):
    """A batch that cannot follow: nothing changed."""

class SnapshotDamagedError(RuntimeError):
    """Bytes that are no whole snapshot of this network."""

class KernelFailedError(RuntimeError):
    """A mistake in this software, which a panic has found: the kernel must not go on."""

@final
class Judging:
    """What judging depends on besides the bytes; `limits` are those of genesis in the order of its layout."""

    def __new__(
        cls, network_id: bytes, hash_kind: int, rules: int, limits: tuple[int, int, int, int, int, int]
    ) -> Judging: ...

@final
class Judged:
    """A submission that passed, with its bytes."""

    @property
    def home(self) -> int: ...
    @property
    def rules(self) -> int: ...
    @property
    def controls(self) -> int: ...
    @property
    def ids(self) -> list[bytes]: ...

@final
class Formed:
    """A batch with its hashes."""

    @property
    def data(self) -> bytes: ...
    @property
    def chain_head(self) -> bytes: ...

@final
class Applied:
    """What a batch did (rows as in `tongbao.kernel.applied`), and where the kernel stands after it."""

    @property
    def sequence(self) -> int: ...
    @property
    def time_ms(self) -> int: ...
    @property
    def rules(self) -> int: ...
    @property
    def chain_head(self) -> bytes: ...
    @property
    def verdicts(self) -> bytes: ...
    @property
    def created(self) -> bytes: ...
    @property
    def spent(self) -> bytes: ...
    @property
    def by_central_bank(self) -> bool:
        """Whether the central bank endorsed any of it: nobody else changes what control has set."""

@final
class SnapshotWriter:
    """Writes one snapshot, for `Kernel.next_part` and `Kernel.last_part`."""

@final
class Kernel:
    """A kernel behind a lock. Every method lets other threads run meanwhile; all raise `KernelFailedError`."""

    def __new__(cls, genesis: bytes) -> Kernel:
        """A kernel at sequence 0; raises ValueError where genesis is malformed or its rules are unknown."""
    @staticmethod
    def from_snapshot(genesis: bytes, snapshot: bytes) -> Kernel:
        """Raises `SnapshotDamagedError`."""
    def sequence(self) -> int: ...
    def time_ms(self) -> int: ...
    def rules(self) -> int: ...
    def chain_head(self) -> bytes: ...
    def applied_statuses(self, sequence: int) -> bytes:
        """Raises KeyError where the batch is not recent."""
    def control_encoding(self) -> bytes:
        """Totals and everything that control has set, as `tongbao.kernel.digest.control_encoding`."""
    def totals(self) -> list[tuple[tuple[int, int], tuple[int, int, int, int]]]:
        """Asset and home; issued, redeemed, inflow, outflow."""
    def unspent_by_asset_and_home(self) -> dict[tuple[int, int], int]: ...
    def unspent_count(self) -> int:
        """How many coins are unspent."""
    def unspent_bytes(self) -> int:
        """Bytes that the table of unspent coins has allocated."""
    def are_unspent(self, coin_ids: Sequence[bytes]) -> list[bool]: ...
    def is_fresh(self, judged: Judged) -> bool:
        """Whether every transaction spends something, and all of it is unspent."""
    def state_digest(self) -> bytes: ...
    def snapshot(self) -> bytes: ...
    def begin_snapshot(self) -> SnapshotWriter:
        """Of the state as it is now; one that had begun before cannot be finished any more."""
    def next_part(self, writer: SnapshotWriter, coins_max: int) -> bytes | None:
        """The next bytes of the snapshot, about so many coins; None after all of them."""
    def last_part(self, writer: SnapshotWriter) -> tuple[bytes, bytes]:
        """The bytes that end the snapshot, and the digest of the state that it is of."""
    def apply(self, batch: bytes | Formed, judged: Sequence[Judged | None], judged_by: int | None) -> Applied:
        """Raises `BatchInvalidError`."""

def judge(submission: bytes, judging: Judging) -> Judged | tuple[int, int, str]:
    """The submission, or status, place and wording of its refusal."""

def judge_many(submissions: Sequence[bytes], judging: Judging) -> list[Judged | tuple[int, int, str]]:
    """What `judge` says of each, with their signatures verified together."""

def open_many(submissions: Sequence[bytes], judging: Judging) -> list[Judged | None]:
    """Submissions that were judged before by these rules, opened; None for what cannot have been."""

def form(start: bytes, submissions: Sequence[bytes], hash_kind: int) -> Formed:
    """The batch of the submissions; `start` is its header without the body's hash, the last field."""

def receipt_levels(verdicts: bytes, sequence: int, hash_kind: int) -> list[bytes]:
    """The levels of the tree over a batch's verdicts, leaves first, the hashes of each joined."""

def entries_of(sequence: int, verdicts: bytes, created: bytes) -> bytes:
    """As in `tongbao.kernel.rows`."""

def merged(pieces: Sequence[bytes]) -> bytes:
    """As in `tongbao.kernel.rows`."""

def places_of(key: bytes, pieces: Sequence[bytes]) -> list[int]:
    """As in `tongbao.kernel.rows`."""

def supply_tree(rows: bytes, asset: int, secret: bytes) -> list[bytes]:
    """Leaves, first hashes and nodes of the tree over an asset's coins, as `tongbao.evidence.supply_tree` has them."""

def backend_name(suite: int) -> str | None:
    """Which code verifies the suite on this machine; None for a suite that this build lacks."""

def verify_batch(items: Sequence[tuple[int, bytes, bytes, bytes]]) -> list[bool]:
    """Whether each signature (suite, key, signature, message) is valid, verified together."""
