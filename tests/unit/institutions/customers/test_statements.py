import asyncio

import pytest

from tests.institution_people import Holder, deposited, exchange
from tests.institution_world import InstitutionWorld
from tongbao.errors import RequestError
from tongbao.protocol.payment import Payee
from tongbao.protocol.statement import Movement, Statement, StatementAccount

FOR_EVER = 2**62
DAY = 86_400_000


async def statement(
    holder: Holder,
    account: StatementAccount = StatementAccount.WALLET,
    *,
    from_ms: int = 0,
    until_ms: int = FOR_EVER,
    after: str = "",
    limit: int = 200,
) -> Statement:
    query: dict[str, str | int] = {"account": account.value, "from_ms": from_ms, "until_ms": until_ms}
    return await holder.client.get(
        f"{holder.path}/statement",
        Statement,
        query={**query, "after": after, "limit": limit},
        headers=await holder.headers(),
    )


def moved(movements: list[Movement]) -> list[tuple[str, int, int]]:
    return [(each.kind, each.amount_fen, each.balance_fen) for each in movements]


async def test_a_statement_leads_from_the_opening_to_the_closing_balance(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(500)
    begins_ms = shop.world.now_ms + DAY
    await shop.world.pass_time(DAY)
    await alice.pay_order(await shop.order(120))
    await alice.fund(30)
    ends_ms = shop.world.now_ms + DAY
    await shop.world.pass_time(DAY)
    await alice.fund(7)

    shown = await statement(alice, from_ms=begins_ms, until_ms=ends_ms)

    assert (shown.opening_fen, shown.closing_fen, shown.final) == (500, 410, True)
    assert moved(shown.movements) == [("payment", -120, 380), ("exchange", 30, 410)]


async def test_a_statement_up_to_now_closes_with_the_balance_and_holds_the_settled_history(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(500)
    await alice.pay_order(await shop.order(120))

    shown = await statement(alice)

    history = [each for each in (await alice.history()).entries if each.state == "settled"]
    assert shown.closing_fen == (await alice.account()).balance_fen == 380
    assert [each.amount_fen for each in shown.movements] == [each.amount_fen for each in reversed(history)]
    assert not shown.final


async def test_what_comes_from_another_home_is_in_the_statement_of_the_payee(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 202, home=2)
    coins = await alice.fund(500)
    await alice.pay(
        await alice.prepare(Payee(address=(await bob.account()).address), amount_fen=80, anchor=coins[0].coin.coin_id)
    )

    shown = await statement(bob)

    assert moved(shown.movements) == [("received", 80, 80)]
    assert (shown.home, shown.closing_fen) == (2, 80)


async def test_the_deposit_account_has_a_statement_of_its_own(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)
    await deposited(rich, alice, 900)
    await exchange(alice, 250)

    shown = await statement(alice, StatementAccount.DEPOSIT)

    assert moved(shown.movements) == [("cash deposit", 900, 900), ("exchange begun", -250, 650)]
    assert shown.closing_fen == (await alice.account()).deposit_fen


async def test_pages_carry_the_balance_on(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)
    for amount_fen in (1, 2, 4, 8):
        await alice.fund(amount_fen)
    first = await statement(alice, limit=3)

    second = await statement(alice, after=first.next, limit=3)

    assert [each.balance_fen for each in first.movements] == [1, 3, 7]
    assert moved(second.movements) == [("exchange", 8, 15)]
    assert (second.opening_fen, second.closing_fen, second.next) == (0, 15, "")


async def test_a_movement_that_the_books_lost_shows_as_a_difference(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)
    await alice.fund(100)
    await alice.fund(5)
    await rich.stores[1].write(
        lambda connection: connection.exec_driver_sql("DELETE FROM history WHERE amount_fen = 5").rowcount
    )

    shown = await statement(alice)

    assert shown.opening_fen + sum(each.amount_fen for each in shown.movements) == shown.closing_fen - 5


async def test_a_period_is_not_final_while_something_that_was_sent_in_it_has_no_outcome(shop: Holder) -> None:
    world, alice = shop.world, await Holder.open(shop.world, 101)
    coins = await alice.fund(500)
    preparation = await alice.prepare(Payee(order_id=(await shop.order(120)).order_id, home=1))
    world.network.troubled, world.network.lose_requests = "centre/v1/submissions", 1_000
    paying = asyncio.create_task(alice.pay(preparation, coins))
    await world.until(lambda: world.network.lose_requests < 1_000)
    ends_ms = world.now_ms + 1
    await world.pass_time(60_000)

    before = await statement(alice, until_ms=ends_ms)
    world.network.lose_requests = 0
    await world.until_settled(1)
    after = await statement(alice, until_ms=world.now_ms)

    assert (before.final, after.final) == (False, True)
    paying.cancel()


async def test_a_period_that_ends_before_it_begins_is_refused(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)

    with pytest.raises(RequestError) as refused:
        await statement(alice, from_ms=10, until_ms=10)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "until_ms")


async def test_nobody_reads_anothers_statement(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)

    with pytest.raises(RequestError) as refused:
        await bob.client.get(f"{alice.path}/statement", Statement, query={"from_ms": 0, "until_ms": 1})

    assert refused.value.code == "FORBIDDEN"
