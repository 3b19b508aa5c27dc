"""The rows of pockets: who made them and for whom, and how they end."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RequestError
from tongbao.institutions.customers.coin_book import COIN_COLUMNS, Owner
from tongbao.institutions.pockets.tables import pockets, received_pockets
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, coins
from tongbao.protocol.pocket import Pocket, PocketDelivery, PocketParty, PocketState
from tongbao.protocol.registration import CoinRecord

__all__ = ["POCKET", "PocketBook", "fill", "has_filled", "pocket_unknown", "take"]

POCKET: Final = "pocket"
"""What a lock is for whose money two wallets can open."""

_ONE = sa.select(pockets).where(pockets.c.pocket_id == sa.bindparam("pocket"))
_OPEN = (
    sa.select(sa.func.count())
    .select_from(pockets)
    .where(pockets.c.wallet_id == sa.bindparam("wallet"), pockets.c.taken_ms.is_(None))
)
_FILLED = (
    sa.select(pockets.c.pocket_id)
    .where(
        pockets.c.wallet_id == sa.bindparam("wallet"), pockets.c.filled_ms.is_not(None), pockets.c.taken_ms.is_(None)
    )
    .limit(1)
)
_COIN = sa.select(*COIN_COLUMNS).where(
    coins.c.lock_id == sa.bindparam("pocket"),
    coins.c.owner == Owner.WALLET.value,
    coins.c.wallet_id.is_(None),
    coins.c.spent == 0,
)
_FILL = (
    sa.update(pockets)
    .where(pockets.c.pocket_id == sa.bindparam("pocket"), pockets.c.filled_ms.is_(None))
    .values(filled_ms=sa.bindparam("at_ms"))
)
_TAKE = (
    sa.update(pockets)
    .where(pockets.c.pocket_id == sa.bindparam("pocket"))
    .values(taken_ms=sa.bindparam("at_ms"), taken_by=sa.bindparam("by"), transaction_id=sa.bindparam("identity"))
)
_UNTOLD = (
    sa.select(pockets)
    .where(pockets.c.told == 0, pockets.c.filled_ms.is_not(None))
    .order_by(pockets.c.number)
    .limit(sa.bindparam("count"))
)
_TOLD = sa.update(pockets).where(pockets.c.pocket_id == sa.bindparam("pocket")).values(told=1)
_RECEIVED = sa.select(received_pockets).where(
    received_pockets.c.home == sa.bindparam("at"), received_pockets.c.pocket_id == sa.bindparam("pocket")
)
_RECEIVED_TAKEN = (
    sa.update(received_pockets)
    .where(received_pockets.c.home == sa.bindparam("at"), received_pockets.c.pocket_id == sa.bindparam("pocket"))
    .values(taken_ms=sa.bindparam("at_ms"), taken_by=sa.bindparam("by"), transaction_id=sa.bindparam("identity"))
)


class PocketBook:
    """Reads and writes the rows; everything here runs inside a read or write of the store."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._own = premises.settings.home

    # --- of this home -------------------------------------------------------------------------------------------------

    def find(self, connection: sa.Connection, pocket_id: bytes) -> AnyRow | None:
        """A pocket that a wallet of this home made."""
        return connection.execute(_ONE, {"pocket": pocket_id}).one_or_none()

    def demand(self, connection: sa.Connection, pocket_id: bytes) -> AnyRow:
        """A pocket that a wallet of this home made; raises NOT_FOUND."""
        row = self.find(connection, pocket_id)
        if row is None:
            raise pocket_unknown()
        return row

    def open_count(self, connection: sa.Connection, wallet_id: bytes) -> int:
        """How many pockets of the wallet nobody has taken the money out of."""
        return int(connection.execute(_OPEN, {"wallet": wallet_id}).scalar_one())

    def insert(self, connection: sa.Connection, row: dict[str, object]) -> None:
        """Keep a pocket that is still empty."""
        unfilled = {"filled_ms": None, "told": 0, "taken_ms": None, "taken_by": "", "transaction_id": None}
        connection.execute(sa.insert(pockets), {**row, **unfilled})

    def coin(self, connection: sa.Connection, pocket_id: bytes) -> AnyRow | None:
        """The coin that lies in the pocket, if nobody has taken it."""
        return connection.execute(_COIN, {"pocket": pocket_id}).first()

    def untold(self, connection: sa.Connection, *, count: int) -> Sequence[AnyRow]:
        """Pockets that are filled and of which the other wallet's home has not been told."""
        return connection.execute(_UNTOLD, {"count": count}).all()

    def told(self, connection: sa.Connection, pocket_id: bytes) -> None:
        """The other wallet's home knows."""
        connection.execute(_TOLD, {"pocket": pocket_id})

    # --- for wallets of this home -------------------------------------------------------------------------------------

    def received(self, connection: sa.Connection, home: int, pocket_id: bytes) -> AnyRow | None:
        """A pocket that was made for a wallet of this home."""
        return connection.execute(_RECEIVED, {"at": home, "pocket": pocket_id}).one_or_none()

    def insert_received(self, connection: sa.Connection, delivery: PocketDelivery, wallet_id: bytes) -> None:
        """Keep a pocket that was made for a wallet of this home."""
        row = {
            "home": delivery.maker_home,
            "pocket_id": delivery.pocket_id,
            "wallet_id": wallet_id,
            "maker_address": delivery.maker_address,
            "amount_fen": delivery.amount_fen,
            "sealed": delivery.sealed,
            "since_ms": delivery.since_ms,
            "taken_ms": None,
            "taken_by": "",
            "transaction_id": None,
        }
        connection.execute(sa.insert(received_pockets), row)

    def received_ended(self, connection: sa.Connection, ended: Pocket) -> None:
        """What the pocket's home says of its end."""
        row = {"at": ended.home, "pocket": ended.pocket_id, "at_ms": ended.taken_ms, "identity": ended.transaction_id}
        connection.execute(_RECEIVED_TAKEN, {**row, "by": ended.taken_by.value if ended.taken_by else ""})

    # --- as messages --------------------------------------------------------------------------------------------------

    def address(self, wallet_id: bytes, home: int | None = None) -> str:
        """Where a wallet is paid, at this home or at another one."""
        at = self._own if home is None else home
        return str(Address(at, wallet_id, self._premises.genesis.test_network))

    def describe(self, connection: sa.Connection, row: AnyRow, party: PocketParty) -> Pocket:
        """A pocket of this home, with what is sealed for one of its parties."""
        coin = None if row.taken_ms is not None else self.coin(connection, row.pocket_id)
        return Pocket(
            pocket_id=row.pocket_id,
            home=self._own,
            maker_address=self.address(row.wallet_id),
            other_address=self.address(row.other_wallet_id, row.other_home),
            amount_fen=row.amount_fen,
            state=_state(row, filled=coin is not None),
            taken_by=PocketParty(row.taken_by) if row.taken_by else None,
            sealed=row.sealed if party is PocketParty.MAKER else row.sealed_for_other,
            coin=None if coin is None else _record(coin),
            transaction_id=row.transaction_id,
            since_ms=row.since_ms,
            taken_ms=row.taken_ms,
            sequence=self._premises.ledger.sequence,
            time_ms=self._premises.ledger.time_ms,
        )

    def describe_received(self, row: AnyRow) -> Pocket:
        """A pocket for a wallet of this home, as it is known here."""
        return Pocket(
            pocket_id=row.pocket_id,
            home=row.home,
            maker_address=row.maker_address,
            other_address=self.address(row.wallet_id),
            amount_fen=row.amount_fen,
            state=_state(row, filled=True),
            taken_by=PocketParty(row.taken_by) if row.taken_by else None,
            sealed=row.sealed,
            coin=None,
            transaction_id=row.transaction_id,
            since_ms=row.since_ms,
            taken_ms=row.taken_ms,
            sequence=self._premises.ledger.sequence,
            time_ms=self._premises.ledger.time_ms,
        )


def fill(connection: sa.Connection, pocket_ids: Sequence[bytes], *, at_ms: int) -> None:
    """Money has come into these pockets."""
    for pocket_id in pocket_ids:
        connection.execute(_FILL, {"pocket": pocket_id, "at_ms": at_ms})


def take(connection: sa.Connection, pocket_id: bytes, *, by: PocketParty, transaction_id: bytes, at_ms: int) -> None:
    """The money has gone to one of the two."""
    row = {"pocket": pocket_id, "by": by.value, "identity": transaction_id, "at_ms": at_ms}
    connection.execute(_TAKE, row)


def has_filled(connection: sa.Connection, wallet_id: bytes) -> bool:
    """Whether money of the wallet lies in a pocket."""
    return connection.execute(_FILLED, {"wallet": wallet_id}).first() is not None


def _state(row: AnyRow, *, filled: bool) -> PocketState:
    if row.taken_ms is not None:
        return PocketState.TAKEN
    return PocketState.FILLED if filled else PocketState.EMPTY


def _record(row: AnyRow) -> CoinRecord:
    return CoinRecord(
        coin_id=row.coin_id,
        origin=row.origin,
        index=row.output_index,
        asset=row.asset,
        value=row.value,
        home=row.home,
        lock_id=row.lock_id,
        sequence=row.sequence,
        spent=False,
    )


def pocket_unknown() -> RequestError:
    """There is no such pocket, or none of the wallet's."""
    return RequestError(
        "there is no such pocket, or it is another wallet's",
        code="NOT_FOUND",
        field="pocket_id",
        cure="list the wallet's pockets",
    )
