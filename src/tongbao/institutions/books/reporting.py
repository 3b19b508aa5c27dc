"""The institution's books and vault at one moment, for its tellers and auditors."""

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY
from tongbao.institutions.books.bank_ledger import Account
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import accounts, coins, entries, postings, wallets
from tongbao.protocol.banking import AccountBalance, AccountKind, BankReport

__all__ = ["Reporting"]

_ACCOUNTS = sa.select(accounts.c.account_id, accounts.c.name, accounts.c.kind, accounts.c.balance_fen)
_OWN = _ACCOUNTS.where(accounts.c.kind != "deposit").order_by(accounts.c.account_id)
_DEPOSITS = sa.select(sa.func.coalesce(sa.func.sum(accounts.c.balance_fen), 0)).where(accounts.c.kind == "deposit")
_COINS = (
    sa.select(coins.c.owner, sa.func.count(), sa.func.sum(coins.c.value))
    .where(coins.c.spent == 0, coins.c.asset == CURRENCY)
    .group_by(coins.c.owner)
)
_WALLETS = sa.select(sa.func.count()).select_from(wallets)
# Balances are kept beside the postings that they follow from; here they are held against each other.
_UNBALANCED = (
    sa.select(entries.c.entry_id)
    .outerjoin(postings, postings.c.entry_id == entries.c.entry_id)
    .group_by(entries.c.entry_id)
    .having(sa.func.coalesce(sa.func.sum(postings.c.amount_fen), 1) != 0)
    .limit(1)
)
_DIFFERING = (
    sa.select(accounts.c.account_id)
    .outerjoin(postings, postings.c.account_id == accounts.c.account_id)
    .group_by(accounts.c.account_id, accounts.c.balance_fen)
    .having(accounts.c.balance_fen != sa.func.coalesce(sa.func.sum(postings.c.amount_fen), 0))
    .limit(1)
)


class Reporting:
    """Adds up."""

    def __init__(self, premises: Premises, submitter: Submitter) -> None:
        self._premises = premises
        self._submitter = submitter

    async def report(self) -> BankReport:
        """The report, from one state of the database."""
        return await self._premises.ports.store.read(self._report)

    def _report(self, connection: sa.Connection) -> BankReport:
        premises = self._premises
        own = connection.execute(_OWN).all()
        deposits = int(connection.execute(_DEPOSITS).scalar_one())
        lines = [_line(row.name, Account(row.account_id).kind, row.balance_fen) for row in own]
        lines.append(_line("deposits", AccountKind.LIABILITY, deposits))
        by_owner = {owner: (count, int(value)) for owner, count, value in connection.execute(_COINS)}
        vault_coins, vault_fen = by_owner.get("vault", (0, 0))
        balance = {row.account_id: row.balance_fen for row in own}
        sums = (connection.execute(_UNBALANCED).first(), connection.execute(_DIFFERING).first())
        total = sum(line.balance_fen for line in lines)
        return BankReport(
            home=premises.settings.home,
            name=premises.settings.name,
            policy=str(premises.settings.policy),
            accounts=lines,
            balanced=sums == (None, None) and total == 0 and balance[Account.VAULT] == -vault_fen,
            deposits_fen=deposits,
            reserves_fen=balance[Account.RESERVES],
            vault_fen=vault_fen,
            vault_coins=vault_coins,
            circulating_fen=by_owner.get("wallet", (0, 0))[1],
            wallets=int(connection.execute(_WALLETS).scalar_one()),
            in_flight=self._submitter.in_flight,
            feed_sequence=premises.ledger.seen_sequence,
            sequence=premises.ledger.sequence,
            time_ms=premises.ledger.time_ms,
        )


def _line(account: str, kind: AccountKind, balance_fen: int) -> AccountBalance:
    normal_fen = -balance_fen if kind is AccountKind.ASSET else balance_fen
    return AccountBalance(account=account, kind=kind, balance_fen=balance_fen, normal_balance_fen=normal_fen)
