"""The index: what the centre looks up, beside the kernel. Outcomes by transaction, coins by lock and by home, heads.

Nothing in it is the truth. It follows the journal, is thrown away when its layout changes, and is then built anew from
the journal at the next start; so it has a version number and no migrations. `tables.py` says what it holds.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

import sqlalchemy as sa

from tongbao.centres.registration import tables
from tongbao.centres.registration.batch_rows import BatchRow, BatchRows, FoundCoin, homes_in
from tongbao.centres.registration.ports import Store
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.centres.registration.run_book import RunBook, RunWork
from tongbao.centres.registration.waiting import Place
from tongbao.coin import Domain
from tongbao.errors import ConfigurationError
from tongbao.kernel import AppliedBatch
from tongbao.kernel.rows import COIN_BIT, KEY_BYTES, PLACE_BITS, PLAIN_ROWS, Rows

__all__ = ["FoundCoin", "Index", "Standing"]

SEQUENCES_READ = 64  # of a home at a time; where batches are small, a page has its coins from as many

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


class Index:
    """The index of one network in a Store."""

    def __init__(self, store: Store, domain: Domain, making: Rows = PLAIN_ROWS) -> None:
        self._store = store
        self._domain = domain
        self._making = making
        self._rows = BatchRows()
        self._runs = RunBook(making)
        self._runs_sequence = 0

    async def open(self) -> Standing:
        """Where the index stands; an empty one, or one of another layout, is made anew and stands at 0.

        Raises:
            ConfigurationError: it belongs to another network.
        """
        return await self._store.write(self._open)

    async def standing(self) -> Standing:
        """Where an open index stands."""
        row = await self._store.read(lambda connection: connection.execute(sa.select(tables.standing)).one())
        return Standing(row.sequence, row.time_ms, row.chain_head)

    def _open(self, connection: sa.Connection) -> Standing:
        found = tables.read_version(connection)
        if found != tables.VERSION:
            tables.make_anew(connection)
            start = {"sequence": 0, "time_ms": 0, "chain_head": self._domain.network_id, "runs_sequence": 0}
            connection.execute(sa.insert(tables.standing), {"network_id": self._domain.network_id, **start})
        row = connection.execute(sa.select(tables.standing)).one()
        if row.network_id != self._domain.network_id:
            raise ConfigurationError(
                f"the index belongs to the network {row.network_id.hex()}, the journal to "
                f"{self._domain.network_id.hex()}: configure another index; an empty one is built from the journal"
            )
        self._gather_anew(connection, row.runs_sequence)
        return Standing(row.sequence, row.time_ms, row.chain_head)

    def _gather_anew(self, connection: sa.Connection, runs_sequence: int) -> None:
        self._rows, self._runs, self._runs_sequence = BatchRows(), RunBook(self._making), runs_sequence
        self._runs.open(connection)
        for row in connection.execute(tables.SELECT_BATCHES_AFTER, {"after": runs_sequence}):
            self._runs.gather(row.sequence, row.verdicts, row.created)

    async def make_anew(self) -> Standing:
        """Throw everything away."""

        def forget(connection: sa.Connection) -> Standing:
            tables.drop(connection)
            return self._open(connection)

        return await self._store.write(forget)

    async def advance(self, batches: Sequence[tuple[AppliedBatch, ReceiptTree]], standing: Standing) -> None:
        """Take in batches that were applied one after another; `standing` is the ledger's after the last."""
        rows = [_row_of(applied, tree) for applied, tree in batches]
        runs = self._runs
        work = await self._store.read(runs.work) if runs.is_due else RunWork()
        runs_sequence = rows[0].sequence - 1 if work.flushed and rows else self._runs_sequence

        def write(connection: sa.Connection) -> None:
            tables.INSERT_BATCH.run_many(connection, [row.columns() for row in rows])
            places = [{"home": home, "sequence": row.sequence} for row in rows for home in homes_in(row.created)]
            tables.INSERT_HOME.run_many(connection, places)
            work.write(connection)
            values = {
                "new_sequence": standing.sequence,
                "new_time_ms": standing.time_ms,
                "new_chain_head": standing.chain_head,
                "new_runs_sequence": runs_sequence,
            }
            tables.SET_STANDING.run(connection, values)

        try:
            await self._store.write(write)
        except BaseException:
            runs.give_up()
            raise
        runs.done(work)
        self._runs_sequence = runs_sequence
        for row in rows:
            self._rows.keep(row)
            runs.gather(row.sequence, row.verdicts, row.created)

    async def places(self, transaction_ids: Collection[bytes]) -> dict[bytes, Place]:
        """Where each of the transactions was settled; those that no batch settled are missing."""

        def read(connection: sa.Connection) -> dict[bytes, Place]:
            wanted: dict[bytes, list[bytes]] = {}
            for identity in transaction_ids:
                wanted.setdefault(identity[:KEY_BYTES], []).append(identity)
            return {
                identity: Place(row.sequence, number)
                for key, row, number in self._found(connection, wanted, coins=False)
                for identity in wanted[key]
                if row.has_transaction(number, identity)
            }

        return await self._store.read(read) if transaction_ids else {}

    def _found(
        self, connection: sa.Connection, keys: Collection[bytes], *, coins: bool
    ) -> Iterator[tuple[bytes, BatchRow, int]]:
        """What the runs have under the keys: key, batch, and place of the transaction or coin in it."""
        for key, places in self._runs.find(connection, keys).items():
            for place in places:
                if bool(place & COIN_BIT) == coins:
                    row = self._rows.demand(connection, (place & ~COIN_BIT) >> PLACE_BITS)
                    yield key, row, place & _PLACE_MASK

    async def receipts_of(self, sequence: int) -> ReceiptTree | None:
        """The receipts of a batch; None where the index does not know it."""
        row = await self._store.read(lambda connection: self._rows.read(connection, sequence))
        return None if row is None else ReceiptTree.decode(row.head, row.verdicts, self._domain, self._making)

    async def verdicts_from(self, sequence: int, *, limit: int) -> list[tuple[int, bytes]]:
        """The batches from a sequence on, in order, each with its rows of verdicts."""

        def read(connection: sa.Connection) -> list[tuple[int, bytes]]:
            found = tables.SELECT_VERDICTS_FROM.all(connection, {"from_sequence": sequence, "limit": limit})
            return [(row.sequence, row.verdicts) for row in found]

        return await self._store.read(read)

    async def coins_of(self, homes: Collection[int], *, after: int, limit: int) -> list[FoundCoin]:
        """Coins made at the homes, in the order in which they were made, from behind the place `after` on."""

        def read(connection: sa.Connection) -> list[FoundCoin]:
            found = [islice(self._coins_at(connection, home, after), limit) for home in homes]
            return list(islice(merge(*found, key=lambda coin: coin.place), limit))

        return await self._store.read(read)

    def _coins_at(self, connection: sa.Connection, home: int, after: int) -> Iterator[FoundCoin]:
        first = after >> PLACE_BITS
        while True:
            asked = {"home": home, "from_sequence": first, "limit": SEQUENCES_READ}
            sequences = [row.sequence for row in tables.SELECT_SEQUENCES_OF_HOME.all(connection, asked)]
            for sequence in sequences:
                yield from self._rows.demand(connection, sequence).coins_at(home, after=after)
            if len(sequences) < SEQUENCES_READ:
                return
            first = sequences[-1] + 1

    async def coins_under(
        self, locks: Collection[bytes], homes: Collection[int], *, after: int, limit: int
    ) -> list[FoundCoin]:
        """Coins under the locks at the homes, in the order in which they were made."""

        def read(connection: sa.Connection) -> list[FoundCoin]:
            wanted: dict[bytes, set[bytes]] = {}
            for lock in locks:
                wanted.setdefault(lock[:KEY_BYTES], set()).add(lock)
            coins = [row.coin(number) for _, row, number in self._found(connection, wanted, coins=True)]
            fitting = [
                each for each in coins if each.place > after and each.coin.home in homes and each.coin.lock_id in locks
            ]
            return sorted(fitting, key=lambda coin: coin.place)[:limit]

        return await self._store.read(read)


def _row_of(applied: AppliedBatch, tree: ReceiptTree) -> BatchRow:
    return BatchRow(applied.header.sequence, tree.encode_head(), applied.verdicts, applied.created)
