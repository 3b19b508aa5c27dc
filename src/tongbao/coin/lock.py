"""Locks: what must be shown to spend a coin. A coin carries only the hash; the spender reveals the rest.

Kinds (the byte is permanent, the table grows):

====  ==============================================================================================
kind  opens with
====  ==============================================================================================
1     one key
2     key A at any time, or key B from a ledger time on; optional restrictions bind both paths
====  ==============================================================================================
"""

import enum
from dataclasses import dataclass

from tongbao.coin.coin import Coin
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u8, demand_bytes, demand_unsigned, u8, u32, u64
from tongbao.coin.suites import PublicKey
from tongbao.errors import RequestError

__all__ = ["KeyLock", "Lock", "Path", "TimedLock", "read_lock"]

SALT_BYTES = 32
RESTRICTIONS_MAX = 16  # homes or locks named by one lock: a witness stays under 1 KiB, as one tap of a card carries


class Path(enum.IntEnum):
    """Which way a lock was opened: A (the only one of kind 1) or B."""

    A = 0
    B = 1


@dataclass(frozen=True, slots=True)
class KeyLock:
    """Kind 1: opens with one key.

    Attributes:
        key: whose signature opens it.
        salt: 32 bytes that make the lock's id unlinkable to the key until it is spent.
    """

    key: PublicKey
    salt: bytes

    KIND = 1

    def __post_init__(self) -> None:
        demand_bytes("salt", self.salt, length=SALT_BYTES)

    def encode(self) -> bytes:
        """Kind, key, salt."""
        return u8(self.KIND) + self.key.encode() + self.salt

    def id(self, domain: Domain) -> bytes:
        """The lock_id that coins carry, 32 bytes."""
        return domain.hash("tongbao/lock/1", self.encode())

    def key_for(self, path: int) -> PublicKey | None:
        """The key whose signature opens the lock by `path`, or None where there is no such path."""
        return self.key if path == Path.A else None

    def opens_at_ms(self, path: int) -> int:
        """The ledger time from which `path` is open: always."""
        del path
        return 0

    @property
    def is_restricted(self) -> bool:
        """Whether some outputs are not permitted: no."""
        return False

    def permits(self, output: Coin, *, lock_id: bytes) -> bool:
        """Whether a coin under this lock may become `output`: any."""
        del output, lock_id
        return True


@dataclass(frozen=True, slots=True)
class TimedLock:
    """Kind 2: opens with key A at any time, or with key B from a ledger time on (after it either; first ordered wins).

    Used for recovery, for expiry back to a sponsor, for sub-wallets and for purpose.

    Attributes:
        key: key A.
        later_key: key B.
        later_from_ms: ledger time in milliseconds from which key B opens.
        homes: ascending homes to which outputs may go; empty together with `locks` means no restriction.
        locks: ascending lock ids to which outputs may go.
        salt: 32 bytes.
    """

    key: PublicKey
    later_key: PublicKey
    later_from_ms: int
    homes: tuple[int, ...]
    locks: tuple[bytes, ...]
    salt: bytes

    KIND = 2

    def __post_init__(self) -> None:
        demand_unsigned("later_from_ms", self.later_from_ms, bits=64)
        demand_bytes("salt", self.salt, length=SALT_BYTES)
        for home in self.homes:
            demand_unsigned("homes", home, bits=32)
        for lock_id in self.locks:
            demand_bytes("locks", lock_id, length=HASH_BYTES)
        _demand_restrictions("homes", len(self.homes), ascending=list(self.homes) == sorted(set(self.homes)))
        _demand_restrictions("locks", len(self.locks), ascending=list(self.locks) == sorted(set(self.locks)))

    def encode(self) -> bytes:
        """Kind, both keys, the time, the restrictions, salt."""
        return b"".join(
            (
                u8(self.KIND),
                self.key.encode(),
                self.later_key.encode(),
                u64(self.later_from_ms),
                count_u8([u32(home) for home in self.homes]),
                count_u8(list(self.locks)),
                self.salt,
            )
        )

    def id(self, domain: Domain) -> bytes:
        """The lock_id that coins carry, 32 bytes."""
        return domain.hash("tongbao/lock/1", self.encode())

    def key_for(self, path: int) -> PublicKey | None:
        """The key whose signature opens the lock by `path`, or None where there is no such path."""
        keys: dict[int, PublicKey] = {Path.A: self.key, Path.B: self.later_key}
        return keys.get(path)

    def opens_at_ms(self, path: int) -> int:
        """The ledger time from which `path` is open."""
        return self.later_from_ms if path == Path.B else 0

    @property
    def is_restricted(self) -> bool:
        """Whether some outputs are not permitted."""
        return bool(self.homes or self.locks)

    def permits(self, output: Coin, *, lock_id: bytes) -> bool:
        """Whether a coin under this lock may become `output`: to a named home or lock, or back as change."""
        if not self.is_restricted:
            return True
        return output.home in self.homes or output.lock_id in self.locks or output.lock_id == lock_id


Lock = KeyLock | TimedLock


def read_lock(reader: Reader) -> Lock:
    """The lock that starts at the reader's place."""
    kind = reader.u8()
    if kind == KeyLock.KIND:
        return KeyLock(PublicKey.read(reader), reader.take(SALT_BYTES))
    if kind == TimedLock.KIND:
        return _read_timed_lock(reader)
    raise reader.error(f"lock kind {kind} is unknown")


def _read_timed_lock(reader: Reader) -> TimedLock:
    key, later_key, later_from_ms = PublicKey.read(reader), PublicKey.read(reader), reader.u64()
    homes = tuple(reader.u32() for _ in range(reader.u8()))
    locks = tuple(reader.take(HASH_BYTES) for _ in range(reader.u8()))
    return reader.build(TimedLock, key, later_key, later_from_ms, homes, locks, reader.take(SALT_BYTES))


def _demand_restrictions(name: str, count: int, *, ascending: bool) -> None:
    if count > RESTRICTIONS_MAX:
        raise RequestError(f"a lock names at most {RESTRICTIONS_MAX} {name}, this one {count}", field=name)
    if not ascending:
        raise RequestError(f"{name} of a lock must ascend without repeats", field=name)
