"""Cash over the counter, into deposit accounts and out of them."""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.books.bank_ledger import Account, Entry, balances, book
from tongbao.institutions.premises import Premises, WalletFacts, key_reused
from tongbao.institutions.tables import teller_requests
from tongbao.protocol.wallet import Deposit, DepositRequest, PayoutRequest

__all__ = ["Depositing"]

_KNOWN = sa.select(teller_requests.c.request_hash).where(teller_requests.c.request_id == sa.bindparam("request"))
_INSERT = sa.insert(teller_requests)


@dataclass(frozen=True, slots=True)
class _Cash:
    """Cash over the counter: what it is called, whose, how much (negative where it is paid out), by which request."""

    kind: str
    wallet_id: bytes
    amount_fen: int
    request_id: bytes
    request_hash: bytes


class Depositing:
    """Takes cash and pays it out."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def deposit(self, request: DepositRequest, *, request_id: bytes, request_hash: bytes) -> Deposit:
        """Book cash that a teller took; a repeated request is booked once."""
        cash = _Cash("cash deposit", request.wallet_id, request.amount_fen, request_id, request_hash)
        return await self._premises.ports.store.write(lambda connection: self._book(connection, cash))

    async def pay_out(self, request: PayoutRequest, *, request_id: bytes, request_hash: bytes) -> Deposit:
        """Book cash that a teller paid out; a repeated request is booked once.

        Raises:
            RefusedError: DEPOSIT_TOO_SMALL.
        """
        cash = _Cash("cash payout", request.wallet_id, -request.amount_fen, request_id, request_hash)
        return await self._premises.ports.store.write(lambda connection: self._book(connection, cash))

    def _book(self, connection: sa.Connection, cash: _Cash) -> Deposit:
        facts = self._premises.wallets.find(connection, cash.wallet_id)
        known = connection.execute(_KNOWN, {"request": cash.request_id}).scalar_one_or_none()
        if known is None:
            self._demand_possible(connection, cash, facts)
            lines = ((Account.CASH, -cash.amount_fen), (facts.account_id, cash.amount_fen))
            entry = Entry(cash.kind, cash.request_id, self._premises.ledger.time_ms, lines)
            (number,) = book(connection, [entry])
            row = {"request_id": cash.request_id, "request_hash": cash.request_hash, "entry_id": number}
            connection.execute(_INSERT, row)
        elif known != cash.request_hash:
            raise key_reused()
        deposit_fen = balances(connection, [facts.account_id])[facts.account_id]
        return Deposit(wallet_id=cash.wallet_id, deposit_fen=deposit_fen)

    @staticmethod
    def _demand_possible(connection: sa.Connection, cash: _Cash, facts: WalletFacts) -> None:
        if cash.amount_fen > 0:
            facts.demand_payable()
            return
        deposit_fen = balances(connection, [facts.account_id])[facts.account_id]
        if deposit_fen + cash.amount_fen < 0:
            raise RefusedError(
                f"the deposit is {deposit_fen} fen, less than {-cash.amount_fen} fen",
                code="DEPOSIT_TOO_SMALL",
                field="amount_fen",
                cure="pay out at most what there is; coins must become deposit first",
            )
