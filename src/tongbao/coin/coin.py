"""A coin: a value with an owner's lock, served by a home, known by its id. Money exists only as unspent coins."""

import struct
from dataclasses import dataclass

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, demand_bytes, demand_unsigned
from tongbao.errors import RequestError

__all__ = ["COIN_BYTES", "CURRENCY", "INPUT_BYTES", "VALUE_MAX", "Coin", "Input"]

CURRENCY = 0
"""The asset number of the currency itself; its smallest unit is the fen."""

VALUE_MAX = 2**63 - 1
"""The largest value of one coin: what a signed 64-bit column of a database holds."""

_COIN = struct.Struct(">IQI32s")
_INPUT = struct.Struct(">32sHIQI32s")
COIN_BYTES = _COIN.size
INPUT_BYTES = _INPUT.size


@dataclass(frozen=True, slots=True)
class Coin:
    """What an output creates.

    Attributes:
        asset: which money or security; 0 is the currency.
        value: in the asset's smallest unit (the fen), 1..2**63 - 1.
        home: the operating institution that serves the owner; 0 is the central bank.
        lock_id: 32 bytes, the hash of the lock that the spender must reveal and open.
    """

    asset: int
    value: int
    home: int
    lock_id: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.value <= VALUE_MAX:
            raise RequestError(
                f"value must be 1..{VALUE_MAX}, was {self.value}",
                field="value",
                cure="send a positive whole number of the smallest unit",
                code="VALUE_OUT_OF_RANGE",
            )
        demand_unsigned("asset", self.asset, bits=32)
        demand_unsigned("home", self.home, bits=32)
        demand_bytes("lock_id", self.lock_id, length=HASH_BYTES)

    def encode(self) -> bytes:
        """The 48 bytes of the coin."""
        return _COIN.pack(self.asset, self.value, self.home, self.lock_id)

    @staticmethod
    def read(reader: Reader) -> "Coin":
        """The coin that starts at the reader's place."""
        return reader.build(Coin, *reader.unpack(_COIN))  # type: ignore[arg-type]

    def id(self, domain: Domain, *, origin: bytes, index: int) -> bytes:
        """The coin's id as output `index` of the transaction `origin`, 32 bytes."""
        return Input(origin, index, self).coin_id(domain)


@dataclass(frozen=True, slots=True)
class Input:
    """A coin to be spent, opened: everything that its id commits to.

    Carrying the opening lets anyone judge a transaction without the ledger's state: the id that is looked up
    there can only be that of a coin with this value, home and lock.

    Attributes:
        origin: the id of the transaction that made the coin, 32 bytes.
        index: which of that transaction's outputs it is.
        coin: the coin.
    """

    origin: bytes
    index: int
    coin: Coin

    def __post_init__(self) -> None:
        demand_bytes("origin", self.origin, length=HASH_BYTES)
        demand_unsigned("index", self.index, bits=16)

    def encode(self) -> bytes:
        """The 82 bytes of the opening."""
        coin = self.coin
        return _INPUT.pack(self.origin, self.index, coin.asset, coin.value, coin.home, coin.lock_id)

    @staticmethod
    def read(reader: Reader) -> "Input":
        """The opening that starts at the reader's place."""
        origin, index, asset, value, home, lock_id = reader.unpack(_INPUT)
        coin = reader.build(Coin, asset, value, home, lock_id)  # type: ignore[arg-type]
        return Input(origin, index, coin)  # type: ignore[arg-type]

    def coin_id(self, domain: Domain) -> bytes:
        """The id of the coin that this opens, 32 bytes."""
        return domain.hash("tongbao/coin/1", self.encode())
