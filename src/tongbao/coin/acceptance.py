"""An acceptance: the payee's home says which locks it will take money for, up to how much, and until when."""

from dataclasses import dataclass

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u8, demand_bytes, demand_unsigned, sized_u16, u32, u64
from tongbao.coin.suites import PublicKey, read_signature
from tongbao.errors import RequestError

__all__ = ["Acceptance", "AcceptedLock"]

ACCEPTED_LOCKS_MAX = 16  # one payment has a payee, a sweep and perhaps a few partners; 16 is ample
ACCEPTANCE_TAG = "tongbao/acceptance/1"


@dataclass(frozen=True, slots=True)
class AcceptedLock:
    """One lock that may receive.

    Attributes:
        lock_id: 32 bytes.
        asset: of which asset.
        value_max: the most that one transaction may pay to it.
    """

    lock_id: bytes
    asset: int
    value_max: int

    def __post_init__(self) -> None:
        demand_bytes("lock_id", self.lock_id, length=HASH_BYTES)
        demand_unsigned("asset", self.asset, bits=32)
        demand_unsigned("value_max", self.value_max, bits=64)

    def encode(self) -> bytes:
        """44 bytes."""
        return self.lock_id + u32(self.asset) + u64(self.value_max)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A payee's home's word that its limits allow what a transfer from another home pays.

    It names one coin among the transfer's inputs, the anchor. A coin is spent once, so an acceptance lets at most
    one transfer settle, and nobody needs to remember which acceptances were used.

    Attributes:
        home: the payee's home, which signs.
        anchor: the id of the coin that the transfer must spend, 32 bytes.
        expiry_ms: last ledger time at which it counts.
        locks: 1..16 locks that may receive, each once per asset, so that no reader wonders which limit counts.
        key: the endorser key of `home`.
        signature: by that key.
    """

    home: int
    anchor: bytes
    expiry_ms: int
    locks: tuple[AcceptedLock, ...]
    key: PublicKey
    signature: bytes

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)
        demand_bytes("anchor", self.anchor, length=HASH_BYTES)
        demand_unsigned("expiry_ms", self.expiry_ms, bits=64)
        if not 1 <= len(self.locks) <= ACCEPTED_LOCKS_MAX:
            raise RequestError(f"locks must be 1..{ACCEPTED_LOCKS_MAX}, were {len(self.locks)}", field="locks")
        if len({(lock.lock_id, lock.asset) for lock in self.locks}) < len(self.locks):
            raise RequestError("each lock is named once per asset", field="locks")

    def _terms(self) -> bytes:
        head = u32(self.home) + self.anchor + u64(self.expiry_ms)
        return head + count_u8([lock.encode() for lock in self.locks]) + self.key.encode()

    def signing_digest(self, domain: Domain) -> bytes:
        """What the payee's home signs, 32 bytes."""
        return domain.hash(ACCEPTANCE_TAG, domain.network_id + self._terms())

    def encode(self) -> bytes:
        """Terms, key, signature."""
        return self._terms() + sized_u16(self.signature)

    @staticmethod
    def decode(data: bytes) -> "Acceptance":
        """The acceptance whose whole encoding is `data`."""
        reader = Reader(data, "acceptance")
        home, anchor, expiry_ms = reader.u32(), reader.take(HASH_BYTES), reader.u64()
        locks = tuple(AcceptedLock(reader.take(HASH_BYTES), reader.u32(), reader.u64()) for _ in range(reader.u8()))
        key, signature = PublicKey.read(reader), read_signature(reader)
        reader.finish()
        return reader.build(Acceptance, home, anchor, expiry_ms, locks, key, signature)

    def value_max(self, *, lock_id: bytes, asset: int) -> int:
        """The most that a transfer may pay to the lock in the asset; 0 where it is not named."""
        named = {(lock.lock_id, lock.asset): lock.value_max for lock in self.locks}
        return named.get((lock_id, asset), 0)
