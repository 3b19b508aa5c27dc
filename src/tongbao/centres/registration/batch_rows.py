"""The index's row of each batch: its signed head, its verdicts and the coins that it made."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.centres.registration import tables
from tongbao.coin import Coin
from tongbao.errors import InvariantError
from tongbao.kernel.applied import CREATED, VERDICT
from tongbao.kernel.rows import PLACE_BITS

__all__ = ["BatchRow", "BatchRows", "FoundCoin", "homes_in"]

ROW_BYTES_KEPT = 16 * 1024 * 1024
"""Some forty of the largest batches, or the last hour of a quiet ledger: what feeds and repeats ask for."""

_HOME_AT, _HOME_BYTES, _ID_BYTES = 78, 4, 32


@dataclass(frozen=True, slots=True)
class FoundCoin:
    """A coin that the index knows.

    Attributes:
        place: where it stands among all coins ever made: the batch's sequence * 2**20 + its number in the batch.
        coin_id: 32 bytes.
        origin: the id of the transaction that made it.
        output: which of that transaction's outputs it is.
        coin: the coin.
    """

    place: int
    coin_id: bytes
    origin: bytes
    output: int
    coin: Coin

    @property
    def sequence(self) -> int:
        """The batch that made it."""
        return self.place >> PLACE_BITS


def homes_in(created: bytes) -> list[int]:
    """The homes at which a batch made coins, ascending."""
    found = {created[at : at + _HOME_BYTES] for at in range(_HOME_AT, len(created), CREATED.size)}
    return sorted(int.from_bytes(home, "big") for home in found)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch.

    Attributes:
        sequence: of the batch.
        head: its signed head, encoded.
        verdicts: rows of `VERDICT`.
        created: rows of `CREATED`.
    """

    sequence: int
    head: bytes
    verdicts: bytes
    created: bytes

    def columns(self) -> dict[str, object]:
        """The row as a database takes it."""
        return {"sequence": self.sequence, "head": self.head, "verdicts": self.verdicts, "created": self.created}

    def has_transaction(self, number: int, transaction_id: bytes) -> bool:
        """Whether its transaction of that number is this one."""
        at = VERDICT.size * number
        return self.verdicts[at : at + _ID_BYTES] == transaction_id

    def coin(self, number: int) -> FoundCoin:
        """Its coin of that number."""
        coin_id, origin, output, asset, value, home, lock_id = CREATED.unpack_from(self.created, CREATED.size * number)
        place = (self.sequence << PLACE_BITS) + number
        return FoundCoin(place, coin_id, origin, output, Coin(asset, value, home, lock_id))

    def coins_at(self, home: int, *, after: int) -> Iterator[FoundCoin]:
        """Its coins at the home whose place is behind `after`, in order."""
        wanted, start = home.to_bytes(_HOME_BYTES, "big"), self.sequence << PLACE_BITS
        for number, at in enumerate(range(_HOME_AT, len(self.created), CREATED.size)):
            if self.created[at : at + _HOME_BYTES] == wanted and start + number > after:
                yield self.coin(number)


class BatchRows:
    """Reads rows, and keeps those that were written or asked for lately."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, BatchRow] = OrderedDict()
        self._bytes = 0

    def keep(self, row: BatchRow) -> None:
        """Remember a row for a while."""
        self._kept[row.sequence] = row
        self._bytes += _size(row)
        while self._bytes > ROW_BYTES_KEPT and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])

    def read(self, connection: sa.Connection, sequence: int) -> BatchRow | None:
        """The row of a batch; None where there is none."""
        found = self._kept.get(sequence)
        if found is None:
            row = tables.SELECT_BATCH.first(connection, {"sequence": sequence})
            if row is None:
                return None
            found = BatchRow(sequence, row.head, row.verdicts, row.created)
            self.keep(found)
        return found

    def demand(self, connection: sa.Connection, sequence: int) -> BatchRow:
        """The row of a batch that another part of the index names."""
        row = self.read(connection, sequence)
        if row is None:
            raise InvariantError(f"the index names batch {sequence} and has no row of it: delete it, it is built anew")
        return row


def _size(row: BatchRow) -> int:
    return len(row.head) + len(row.verdicts) + len(row.created)
