"""The report of an institution: which account has what, on which side, and what the coins are worth."""

import sqlalchemy as sa

from tests.institution_people import Holder, exchange
from tests.institution_world import InstitutionWorld
from tongbao.institutions.books.bank_ledger import Account
from tongbao.institutions.tables import accounts
from tongbao.protocol.banking import AccountKind, BankReport, RequestRedemption

ASSET, CONTRA_ASSET, LIABILITY = AccountKind.ASSET, AccountKind.CONTRA_ASSET, AccountKind.LIABILITY


def lines(report: BankReport) -> dict[str, tuple[AccountKind, int, int]]:
    return {each.account: (each.kind, each.balance_fen, each.normal_balance_fen) for each in report.accounts}


async def test_every_account_has_its_kind_and_what_there_is_is_positive(world: InstitutionWorld) -> None:
    await world.fill_vault(10_000)
    alice = await Holder.open(world, 101)
    await alice.fund(300)
    await alice.exchange_by_teller(100, deposit_fen=150)
    await world.bank_operation("redemption", RequestRedemption(amount_fen=1_000))

    report = await world.report()

    assert lines(report) == {
        "cash": (ASSET, -450, 450),
        "vault": (ASSET, -8_600, 8_600),
        "reserves": (CONTRA_ASSET, 9_000, 9_000),
        "exchange in transit": (LIABILITY, 0, 0),
        "deposits": (LIABILITY, 50, 50),
    }
    assert (report.vault_fen, report.circulating_fen, report.reserves_fen, report.deposits_fen) == (
        8_600,
        400,
        9_000,
        50,
    )
    assert (report.balanced, sum(each.balance_fen for each in report.accounts)) == (True, 0)


async def test_every_account_that_a_new_database_has_is_one_that_the_code_names(world: InstitutionWorld) -> None:
    found = await world.stores[1].read(
        lambda connection: connection.execute(sa.select(accounts.c.account_id)).scalars().all()
    )

    assert set(found) == set(Account)
    assert [account.kind for account in Account] == [ASSET, ASSET, CONTRA_ASSET, LIABILITY]


async def test_books_beside_which_a_balance_was_changed_do_not_balance(world: InstitutionWorld) -> None:
    await world.fill_vault(10_000)
    alice = await Holder.open(world, 101)
    await alice.exchange_by_teller(100, deposit_fen=200)
    await exchange(alice, 50)
    changed = "UPDATE accounts SET balance_fen = balance_fen + 1 WHERE name IN ('vault', 'reserves')"
    before = await world.report()

    await world.stores[1].write(lambda connection: connection.exec_driver_sql(changed).rowcount)

    assert (before.balanced, (await world.report()).balanced) == (True, False)
