"""Control by the offices: freezing, and the ordered move of what is frozen."""

import enum
from dataclasses import dataclass

from tongbao.coin.control.operation import AuthorityKind
from tongbao.coin.domain import HASH_BYTES
from tongbao.coin.encoding import Reader, demand_bytes, u8

__all__ = ["Freeze", "FreezeTarget", "OrderedMove", "Unfreeze", "read_target"]


class FreezeTarget(enum.IntEnum):
    """What an id named by freezing is the id of."""

    LOCK = 1
    COIN = 2


@dataclass(frozen=True, slots=True)
class Freeze:
    """Stop a coin, or every coin under a lock, until it is unfrozen.

    Attributes:
        target: whether `id` names a lock or a coin.
        id: 32 bytes.
    """

    target: FreezeTarget
    id: bytes
    NUMBER = 8
    AUTHORITY = AuthorityKind.OFFICES

    def __post_init__(self) -> None:
        demand_bytes("id", self.id, length=HASH_BYTES)

    def subject(self) -> bytes:
        """The lock or the coin."""
        return b"frozen" + u8(self.target) + self.id

    def payload(self) -> bytes:
        """Target kind, id."""
        return u8(self.target) + self.id


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """Lift a freeze.

    Attributes:
        target: whether `id` names a lock or a coin.
        id: 32 bytes.
    """

    target: FreezeTarget
    id: bytes
    NUMBER = 9
    AUTHORITY = AuthorityKind.OFFICES

    def __post_init__(self) -> None:
        demand_bytes("id", self.id, length=HASH_BYTES)

    def subject(self) -> bytes:
        """The lock or the coin."""
        return b"frozen" + u8(self.target) + self.id

    def payload(self) -> bytes:
        """Target kind, id."""
        return u8(self.target) + self.id


@dataclass(frozen=True, slots=True)
class OrderedMove:
    """Move one frozen coin by order, without its owner, once it has been frozen for the delay that genesis fixes.

    The transaction carries the coin as its only input and the coins that replace it as outputs.

    Attributes:
        coin_id: the coin that moves, 32 bytes; equal to the input's id.
    """

    coin_id: bytes
    NUMBER = 10
    AUTHORITY = AuthorityKind.OFFICES

    def __post_init__(self) -> None:
        demand_bytes("coin_id", self.coin_id, length=HASH_BYTES)

    def subject(self) -> bytes:
        """The coin."""
        return b"move" + self.coin_id

    def payload(self) -> bytes:
        """The coin's id."""
        return self.coin_id


def read_target(reader: Reader) -> FreezeTarget:
    """What a freeze names, whose number starts at the reader's place."""
    number = reader.u8()
    if number not in set(FreezeTarget):
        raise reader.error(f"what is frozen is a lock (1) or a coin (2), not {number}")
    return FreezeTarget(number)
