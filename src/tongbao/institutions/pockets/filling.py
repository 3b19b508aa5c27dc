"""Paying into a pocket: only its maker, only once, and just what was said."""

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.customers.lock_book import GivenLock
from tongbao.institutions.pockets.pocket_book import POCKET, PocketBook, pocket_unknown
from tongbao.institutions.premises import Premises

__all__ = ["Filling"]


class Filling:
    """Says whether a wallet may pay into a pocket."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._book = PocketBook(premises)

    def demand_fillable(
        self, connection: sa.Connection, wallet_id: bytes, pocket_id: bytes, amount_fen: int | None
    ) -> str:
        """Return the address of who else can open it; from now on its lock means this pocket, whoever pays to it.

        Raises:
            RequestError: NOT_FOUND, INVALID_FIELD.
            RefusedError: POCKET_FILLED.
        """
        row = self._book.find(connection, pocket_id)
        if row is None or row.wallet_id != wallet_id:
            raise pocket_unknown()
        if row.filled_ms is not None:
            raise RefusedError(
                "the pocket has been filled", code="POCKET_FILLED", field="payee.pocket_id", cure="make another one"
            )
        if amount_fen != row.amount_fen:
            raise RequestError(
                f"the pocket was described with {row.amount_fen} fen",
                code="INVALID_FIELD",
                field="amount_fen",
                cure="pay what was described",
            )
        lock = GivenLock(pocket_id, None, None)
        known = self._premises.locks.remember(connection, lock, wallet_id=None, purpose=POCKET, subject=pocket_id)
        if not known:
            raise pocket_unknown()
        return self._book.address(row.other_wallet_id, row.other_home)
