"""The reconciliation agrees with honest books, also while money is on its way, and names each break that is planted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_people import Holder, deposited, exchange, refusal
from tests.institution_world import InstitutionWorld
from tongbao.adapters.database_copy import copy_database
from tongbao.protocol.banking import RequestRedemption
from tongbao.protocol.payment import Payee
from tongbao.protocol.reconciliation import BreakKind, Reconciliation
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER

PLANTED = {
    BreakKind.ENTRY_UNBALANCED: "UPDATE postings SET amount_fen = amount_fen + 7 WHERE entry_id = 1 AND line = 0",
    BreakKind.ACCOUNT_DIFFERS: "UPDATE accounts SET balance_fen = balance_fen + 7 WHERE kind = 'deposit'",
    BreakKind.VAULT_DIFFERS: "UPDATE accounts SET balance_fen = balance_fen + 7 WHERE name = 'vault'",
    BreakKind.TRANSIT_DIFFERS: "UPDATE accounts SET balance_fen = balance_fen + 7 WHERE name = 'exchange in transit'",
    BreakKind.RESERVES_DIFFER: "UPDATE accounts SET balance_fen = balance_fen + 7 WHERE name = 'reserves'",
    BreakKind.WALLET_DIFFERS: "UPDATE wallets SET balance_fen = balance_fen + 7",
    BreakKind.ORDER_UNPROVEN: (
        "UPDATE orders SET paid_ms = 1, paid_transaction_id = x'00' WHERE order_number = 'open'"
    ),
    BreakKind.REFUNDS_DIFFER: "UPDATE orders SET refunded_fen = refunded_fen + 7 WHERE order_number = 'paid'",
    BreakKind.COIN_UNKNOWN_HERE: "DELETE FROM coins WHERE number = 1",
    BreakKind.COIN_UNKNOWN_TO_LEDGER: (
        "INSERT INTO coins SELECT 9999, x'ff', origin, output_index, asset, value, home, lock_id, owner, wallet_id, "
        "salt, sequence, 1 FROM coins WHERE number = 1"
    ),
    BreakKind.SPENT_ON_LEDGER: "UPDATE coins SET spent = 0 WHERE spent = 1",
    BreakKind.SPENT_HERE_ONLY: "UPDATE coins SET spent = 1 WHERE spent = 0 AND owner = 'vault'",
    BreakKind.COIN_WITHOUT_OWNER: "UPDATE coins SET owner = 'unknown', wallet_id = NULL WHERE spent = 0",
}
"""What somebody does to the database past the institution, by the break that must be named for it."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[InstitutionWorld]:
    opened = await InstitutionWorld.open(tmp_path)
    yield opened
    await opened.close()


async def live(world: InstitutionWorld) -> tuple[Holder, Holder]:
    """Issuance, redemption, cash, exchange, an order paid across homes, a refund, and an order that nobody pays."""
    for home in (1, 2):
        await world.fill_vault(1_000_000, home=home)
    await world.bank_operation("redemption", RequestRedemption(amount_fen=300))
    shop = await Holder.open(world, 101, stock=8)
    await shop.become_merchant()
    bob = await Holder.open(world, 102, home=2, stock=8)
    await bob.fund(5_000)
    await deposited(world, shop, 900)
    await exchange(shop, 400)
    await bob.pay_order(await shop.order(700, "paid"))
    order = await shop.order(30, "open")
    paid = await shop.order(200, "refunded")
    await bob.pay_order(paid)
    await shop.pay(await shop.prepare(Payee(refund_of=paid.order_id), amount_fen=50))
    assert order.amount_fen == 30
    await world.catch_up()
    return shop, bob


async def reconciled(world: InstitutionWorld, home: int = 1) -> Reconciliation:
    """The report as a teller gets it."""
    headers = {MINIMUM_SEQUENCE_HEADER: str((await world.centre.status()).sequence)}
    return await world.teller(home).get("/v1/bank/reconciliation", Reconciliation, headers=headers)


async def plant(world: InstitutionWorld, statement: str) -> None:
    """Change the first home's database past it; something must change."""
    changed = await world.stores[1].write(lambda connection: connection.exec_driver_sql(statement).rowcount)
    assert changed


async def test_honest_books_agree_with_themselves_and_with_the_ledger(world: InstitutionWorld) -> None:
    await live(world)

    for report in (await reconciled(world, 1), await reconciled(world, 2)):
        assert (report.reconciles, report.breaks, report.more_breaks) == (True, [], 0)
        assert [line.name for line in report.lines] == [
            "vault",
            "exchange in transit",
            "wallets",
            "pockets",
            "reserves",
        ]
        assert all(line.books_fen == line.other_fen for line in report.lines)
        assert report.coins > 3


def test_every_kind_of_break_is_planted() -> None:
    assert set(PLANTED) == set(BreakKind)


@pytest.mark.parametrize("kind", PLANTED)
async def test_a_planted_break_is_named_and_explained(world: InstitutionWorld, kind: BreakKind) -> None:
    await live(world)
    await plant(world, PLANTED[kind])

    report = await reconciled(world)

    found = {each.kind for each in report.breaks}
    assert kind in found
    assert report.explanations[kind] == kind.explanation
    assert not report.reconciles


async def test_money_under_a_lock_that_nobody_handed_out_is_told_and_is_no_fault(world: InstitutionWorld) -> None:
    await live(world)
    await plant(world, "UPDATE coins SET owner = 'unknown', wallet_id = NULL WHERE spent = 0 AND owner = 'wallet'")
    await plant(world, "UPDATE wallets SET balance_fen = 0")

    report = await reconciled(world)

    assert {each.kind for each in report.breaks} == {BreakKind.COIN_WITHOUT_OWNER}
    assert report.reconciles


async def test_what_is_on_its_way_is_no_break(world: InstitutionWorld) -> None:
    shop, _ = await live(world)
    before = await reconciled(world)
    world.network.troubled, world.network.lose_answers = "/v1/submissions", 1_000
    preparation = await shop.prepare(Payee(deposit=True), amount_fen=100)
    payment = asyncio.ensure_future(shop.pay(preparation))
    await world.until(lambda: world.network.lose_answers < 1_000)

    report = await reconciled(world)

    assert (report.reconciles, report.breaks) == (True, [])
    assert report.on_the_way > before.on_the_way
    world.network.lose_answers = 0
    await world.clock.advance(10_000)
    await payment


async def test_what_has_settled_and_was_not_read_yet_is_no_break(world: InstitutionWorld) -> None:
    shop, bob = await live(world)
    # The feed's reader gathers for a moment after the first.
    for number in ("one", "two"):
        await bob.pay_order(await shop.order(10, number))

    report = await world.teller().get("/v1/bank/reconciliation", Reconciliation)

    assert (report.reconciles, report.breaks) == (True, [])


async def test_an_old_copy_without_its_log_is_seen_by_what_the_ledger_has_settled_since(
    world: InstitutionWorld,
) -> None:
    shop, bob = await live(world)
    copy_database(world.directory / "home1.sqlite", world.directory / "old.sqlite")
    await shop.pay(await shop.prepare(Payee(deposit=True), amount_fen=150))
    await deposited(world, shop, 60)
    await bob.pay_order(await shop.order(40, "since the copy"))
    await world.kill(1)
    copy_database(world.directory / "old.sqlite", world.directory / "home1.sqlite")

    await world.start(1)
    report = await reconciled(world)

    found = {each.kind for each in report.breaks}
    assert not report.reconciles
    assert found == {BreakKind.SPENT_ON_LEDGER, BreakKind.COIN_WITHOUT_OWNER}
    assert "redo log was lost" in report.explanations[BreakKind.SPENT_ON_LEDGER]
    # Cash that a teller took since stands in no ledger: nothing can tell of it.
    assert not any("deposit" in each.subject for each in report.breaks)


async def test_only_tellers_may_ask(world: InstitutionWorld) -> None:
    shop, _ = await live(world)

    assert await refusal(shop.client.get("/v1/bank/reconciliation", Reconciliation)) == "FORBIDDEN"
