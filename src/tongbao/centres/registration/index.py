"""The index: what the centre looks up, beside the kernel. Outcomes by transaction, coins by lock and by home, heads.

Nothing in it is the truth. It follows the journal, is thrown away when its layout changes, and is then built anew from
the journal at the next start; so it has a version number and no migrations. `tables.py` says what it holds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

import sqlalchemy as sa

from tongbao.centres.registration import tables
from tongbao.centres.registration.ports import Store
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.centres.registration.waiting import Place
from tongbao.coin import Coin, Domain
from tongbao.errors import ConfigurationError
from tongbao.kernel import AppliedBatch, Status
from tongbao.kernel.applied import CREATED, VERDICT

__all__ = ["FoundCoin", "Index", "Standing"]

PLACE_BITS = 20  # a batch of 1 MiB makes fewer than 2**15 coins; sequences up to 2**43 fit beside them into a column
_Row = dict[str, object]
_PLACE_MASK = (1 << PLACE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the ledger stands, as far as answers account for it.

    Attributes:
        sequence: the last batch.
        time_ms: ledger time.
        chain_head: 32 bytes.
    """

    sequence: int
    time_ms: int
    chain_head: bytes


@dataclass(frozen=True, slots=True)
class FoundCoin:
    """A coin that the index knows.

    Attributes:
        place: where it stands among all coins ever made.
        coin_id: 32 bytes.
        origin: the id of the transaction that made it.
        output: which of that transaction's outputs it is.
        coin: the coin.
        spent: whether it is spent.
    """

    place: int
    coin_id: bytes
    origin: bytes
    output: int
    coin: Coin
    spent: bool

    @property
    def sequence(self) -> int:
        """The batch that made it."""
        return self.place >> PLACE_BITS


class Index:
    """The index of one network in a Store."""

    def __init__(self, store: Store, domain: Domain) -> None:
        self._store = store
        self._domain = domain

    async def open(self) -> Standing:
        """Where the index stands; an empty one, or one of another layout, is made anew and stands at 0.

        Raises:
            ConfigurationError: it belongs to another network.
        """
        return await self._store.write(self._open)

    def _open(self, connection: sa.Connection) -> Standing:
        found = tables.read_version(connection)
        if found != tables.VERSION:
            tables.make_anew(connection)
            start = {"sequence": 0, "time_ms": 0, "chain_head": self._domain.network_id}
            connection.execute(sa.insert(tables.standing), {"network_id": self._domain.network_id, **start})
        row = connection.execute(sa.select(tables.standing)).one()
        if row.network_id != self._domain.network_id:
            raise ConfigurationError(
                f"the index belongs to the network {row.network_id.hex()}, the journal to "
                f"{self._domain.network_id.hex()}: configure another index; an empty one is built from the journal"
            )
        return Standing(row.sequence, row.time_ms, row.chain_head)

    async def make_anew(self) -> Standing:
        """Throw everything away."""

        def forget(connection: sa.Connection) -> Standing:
            tables.drop(connection)
            return self._open(connection)

        return await self._store.write(forget)

    async def advance(self, batches: Sequence[tuple[AppliedBatch, ReceiptTree]], standing: Standing) -> None:
        """Take in batches that were applied one after another; `standing` is the ledger's after the last."""
        heads: list[_Row] = []
        outcomes: list[_Row] = []
        coins: list[_Row] = []
        spent: list[_Row] = []
        for applied, tree in batches:
            sequence = applied.header.sequence
            head, verdicts = tree.encode()
            heads.append({"sequence": sequence, "head": head, "verdicts": verdicts})
            outcomes.extend(_outcome_rows(applied))
            coins.extend(_coin_rows(applied))
            spent.extend([{"spent_id": coin_id} for coin_id in applied.spent_ids()])

        def write(connection: sa.Connection) -> None:
            tables.INSERT_HEAD.run_many(connection, heads)
            tables.INSERT_OUTCOME.run_many(connection, outcomes)
            tables.INSERT_COIN.run_many(connection, coins)
            tables.MARK_SPENT.run_many(connection, spent)
            values = {
                "new_sequence": standing.sequence,
                "new_time_ms": standing.time_ms,
                "new_chain_head": standing.chain_head,
            }
            tables.SET_STANDING.run(connection, values)

        await self._store.write(write)

    async def places(self, transaction_ids: Collection[bytes]) -> dict[bytes, Place]:
        """Where each of the transactions was settled; those that no batch settled are missing."""

        def read(connection: sa.Connection) -> dict[bytes, Place]:
            rows = connection.execute(tables.SELECT_OUTCOMES, {"ids": list(transaction_ids)})
            return {identity: Place(place >> PLACE_BITS, place & _PLACE_MASK) for identity, place in rows}

        return await self._store.read(read) if transaction_ids else {}

    async def receipts_of(self, sequence: int) -> ReceiptTree | None:
        """The receipts of a batch; None where the index does not know it."""

        def read(connection: sa.Connection) -> tuple[bytes, bytes] | None:
            row = tables.SELECT_HEAD.first(connection, {"sequence": sequence})
            return None if row is None else (row.head, row.verdicts)

        found = await self._store.read(read)
        return None if found is None else ReceiptTree.decode(*found, self._domain)

    async def coins_of(self, homes: Collection[int], *, after: int, limit: int) -> list[FoundCoin]:
        """Coins made at the homes, in the order in which they were made, from behind the place `after` on."""

        def read(connection: sa.Connection) -> list[list[FoundCoin]]:
            bounds = {"after": after, "limit": limit}
            return [_coins(tables.SELECT_COINS_OF_HOME.all(connection, {"home": home, **bounds})) for home in homes]

        found = await self._store.read(read)
        return list(merge(*found, key=lambda coin: coin.place))[:limit]

    async def coins_under(
        self, locks: Collection[bytes], homes: Collection[int], *, after: int, limit: int
    ) -> list[FoundCoin]:
        """Coins under the locks at the homes, in the order in which they were made."""

        def read(connection: sa.Connection) -> list[FoundCoin]:
            asked = {"locks": list(locks), "homes": list(homes), "after": after, "limit": limit}
            return _coins(connection.execute(tables.SELECT_COINS_UNDER, asked))

        return await self._store.read(read)


def _outcome_rows(applied: AppliedBatch) -> Iterable[_Row]:
    start = applied.header.sequence << PLACE_BITS
    for index, (identity, status) in enumerate(VERDICT.iter_unpack(applied.verdicts)):
        if status == Status.SETTLED:
            yield {"transaction_id": identity, "place": start + index}


def _coin_rows(applied: AppliedBatch) -> Iterable[_Row]:
    start = applied.header.sequence << PLACE_BITS
    created = CREATED.iter_unpack(applied.created)
    for place, (coin_id, origin, output, asset, value, home, lock_id) in enumerate(created, start):
        yield {
            "place": place,
            "coin_id": coin_id,
            "origin": origin,
            "output": output,
            "asset": asset,
            "value": value,
            "home": home,
            "lock_id": lock_id,
            "spent": 0,
        }


def _coins(rows: Iterable[Any]) -> list[FoundCoin]:
    return [
        FoundCoin(place, coin_id, origin, output, Coin(asset, value, home, lock_id), bool(spent))
        for place, coin_id, origin, output, asset, value, home, lock_id, spent in rows
    ]
