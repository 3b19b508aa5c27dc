"""What must hold of a simulated currency once everything is quiet, whatever went wrong before.

1. What was answered as settled stands in the journal as settled.
2. Nothing settled twice, and nothing that was wanted once was paid twice.
3. The supply, counted again from the journal, is what was issued less what was redeemed, to the fen.
4. Each institution's books balance, and its vault and wallets hold what the journal says that its home holds.
5. Each wallet holds what its home says, and with the deposit beside it what its holder brought, was paid and paid.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from tongbao.adapters.journal_verify import verify_journal
from tongbao.errors import InvariantError
from tongbao.kernel.applied import VERDICT
from tongbao.protocol.banking import BankReport
from tongbao.protocol.wallet import WalletAccount
from tongbao.service.chain_check import ChainCheck
from tongbao.service.supply_recount import Supply, SupplyRecount
from tongbao.simulation.boots import JOURNAL
from tongbao.simulation.told import Told
from tongbao.simulation.world import Role
from tongbao.wallets import PaymentKind, WalletPayment, WalletPaymentState

__all__ = [
    "History",
    "LawBrokenError",
    "Purse",
    "demand",
    "judge_banks",
    "judge_payments",
    "judge_purses",
    "read_history",
    "read_verdicts",
]

SETTLED: Final = 0


class LawBrokenError(InvariantError):
    """Money was lost, made, or paid twice."""


def demand(holds: bool, complaint: str) -> None:  # noqa: FBT001  # reads as a sentence
    """Raise the complaint unless it holds."""
    if not holds:
        raise LawBrokenError(complaint)


@dataclass(frozen=True, slots=True)
class Purse:
    """One wallet at the end.

    Attributes:
        name: of its holder.
        home: where it is.
        balance_fen: of the coins that the wallet knows.
        free_fen: what of it no payment holds.
        account: the wallet as its home keeps it.
        payments: everything that the wallet signed.
    """

    name: str
    home: int
    balance_fen: int
    free_fen: int
    account: WalletAccount
    payments: list[WalletPayment]


@dataclass(frozen=True, slots=True)
class History:
    """What the journal says.

    Attributes:
        supply: counted from it.
        settled: ids of the transactions that settled.
    """

    supply: Supply
    settled: frozenset[bytes]


async def read_history(centre: Role) -> History:
    """Read the journal as its disk has it; raises `LawBrokenError` where it does not add up."""
    verdicts = read_verdicts(centre)
    recount, chain = SupplyRecount(lambda sequence: verdicts.get(sequence, ())), ChainCheck()

    def check(sequence: int, record: bytes) -> None:
        chain(sequence, record)
        recount(sequence, record)

    report = await verify_journal(centre.platter.mount(), JOURNAL, check=check)
    demand(report.damage is None, f"the journal does not add up: {report.damage}")
    ids = [identity for batch in verdicts.values() for identity, status in batch if status == SETTLED]
    twice = [identity.hex() for identity, count in Counter(ids).items() if count > 1]
    demand(not twice, f"settled twice: {', '.join(twice)}")
    return History(recount.supply(), frozenset(ids))


def read_verdicts(centre: Role) -> dict[int, list[tuple[bytes, int]]]:
    """What the centre's index says of each batch; the recount holds it against the journal."""
    with centre.database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("batches"):
            return {}
        rows = connection.execute(sa.text("SELECT sequence, verdicts FROM batches ORDER BY sequence")).all()
    return {sequence: list(VERDICT.iter_unpack(joined)) for sequence, joined in rows}


def judge_payments(history: History, told: Told, purses: list[Purse]) -> None:
    """Laws 1 and 2, and that each wallet knows how everything that it signed has ended."""
    for identity, what in told.settled.items():
        demand(identity in history.settled, f"{what} was answered as settled, and is not: {identity.hex()}")
    for purse in purses:
        by_name = Counter(each.name for each in purse.payments if each.transaction_id in history.settled)
        twice = [name for name, count in by_name.items() if count > 1]
        demand(not twice, f"{purse.name} paid twice: {', '.join(twice)}")
        for payment in purse.payments:
            believed = payment.state is WalletPaymentState.SETTLED
            settled = payment.transaction_id in history.settled
            demand(payment.state is not WalletPaymentState.SIGNED, f"{purse.name}: {payment.name} has no end")
            demand(believed == settled, f"{purse.name}: {payment.name} is {payment.state}, settled is {settled}")


def judge_banks(history: History, told: Told, reports: list[BankReport]) -> None:
    """Laws 3 and 4."""
    supply = history.supply
    demand(supply.holds, f"unspent {supply.unspent} fen, outstanding {supply.outstanding} fen")
    figures = (supply.issued, supply.redeemed)
    answered = (told.issued_fen.total(), told.redeemed_fen.total())
    demand(figures == answered, f"issued and redeemed {figures} in the journal, {answered} by what was answered")
    for report in reports:
        home = report.home
        demand(report.balanced, f"the books of home {home} do not balance: {report.accounts}")
        demand(not report.in_flight, f"home {home} has {report.in_flight} transactions on their way")
        held, counted = report.vault_fen + report.circulating_fen, supply.by_home.get(home, 0)
        demand(held == counted, f"home {home} knows of {held} fen, the journal has {counted}")
        net = told.issued_fen[home] - told.redeemed_fen[home]
        demand(report.reserves_fen == net, f"home {home} has reserves of {report.reserves_fen} fen for {net}")


def judge_purses(history: History, told: Told, purses: list[Purse], reports: list[BankReport]) -> None:
    """Law 5."""
    wanted = Counter(told.cash_fen)
    for purse in purses:
        for payment in purse.payments:
            if payment.transaction_id not in history.settled or payment.kind is PaymentKind.DEPOSIT:
                continue
            wanted[purse.name] -= payment.amount_fen
            wanted[told.payees[purse.name, payment.name]] += payment.amount_fen
    for purse in purses:
        account, name = purse.account, purse.name
        same = purse.balance_fen == purse.free_fen == account.balance_fen
        demand(same, f"{name}: {purse.balance_fen} fen, {purse.free_fen} free, {account.balance_fen} by its home")
        has = account.balance_fen + account.deposit_fen
        demand(has == wanted[name], f"{name} has {has} fen and must have {wanted[name]}")
    for report in reports:
        mine = [purse.account for purse in purses if purse.home == report.home]
        demand(sum(each.balance_fen for each in mine) == report.circulating_fen, f"home {report.home} counts wallets")
        demand(sum(each.deposit_fen for each in mine) == report.deposits_fen, f"home {report.home} counts deposits")
