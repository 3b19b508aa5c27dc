"""Cash over the counter into deposit accounts."""

import sqlalchemy as sa

from tongbao.institutions.books.bank_ledger import Account, Entry, balances, book
from tongbao.institutions.premises import Premises, key_reused
from tongbao.institutions.tables import teller_requests
from tongbao.protocol.wallet import Deposit, DepositRequest

__all__ = ["Depositing"]

_KNOWN = sa.select(teller_requests.c.request_hash).where(teller_requests.c.request_id == sa.bindparam("request"))
_INSERT = sa.insert(teller_requests)


class Depositing:
    """Takes cash."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def deposit(self, request: DepositRequest, *, request_id: bytes, request_hash: bytes) -> Deposit:
        """Book cash that a teller took; a repeated request is booked once."""
        return await self._premises.ports.store.write(
            lambda connection: self._deposit(connection, request, request_id, request_hash)
        )

    def _deposit(
        self, connection: sa.Connection, request: DepositRequest, request_id: bytes, request_hash: bytes
    ) -> Deposit:
        account = self._premises.wallets.find(connection, request.wallet_id).account_id
        known = connection.execute(_KNOWN, {"request": request_id}).scalar_one_or_none()
        if known is None:
            lines = ((Account.CASH, -request.amount_fen), (account, request.amount_fen))
            entry = Entry("cash deposit", request_id, self._premises.ledger.time_ms, lines)
            (number,) = book(connection, [entry])
            row = {"request_id": request_id, "request_hash": request_hash, "entry_id": number}
            connection.execute(_INSERT, row)
        elif known != request_hash:
            raise key_reused()
        return Deposit(wallet_id=request.wallet_id, deposit_fen=balances(connection, [account])[account])
