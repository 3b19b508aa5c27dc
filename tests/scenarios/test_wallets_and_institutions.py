"""Wallets at two real institutions: the whole life of some money, with answers that get lost on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_town import Town, demand_agreement, open_town
from tongbao.errors import NetworkError, RefusedError
from tongbao.protocol.order import Order, OrderState
from tongbao.protocol.wallet import (
    ExchangeBatchAnswer,
    ExchangeBatchRequest,
    ExchangeItem,
)
from tongbao.wallets import (
    Wallet,
    WalletPaymentState,
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def test_money_goes_round_between_two_institutions(town: Town) -> None:
    alice, bob = await town.open("alice", 10_000), await town.open("bob", home=2)
    shop = await town.shop(home=2)
    link = (await shop.sales.create_order(4_000, "1", description="tea")).link

    order = await alice.order(link)
    paid = await alice.pay_order(order)
    await town.world.catch_up()
    await shop.refund(order.order_id, 1_500)
    await town.world.catch_up()
    await alice.pay_person(str(bob.address), 7_000)
    await town.world.catch_up()
    await bob.sync()
    await bob.deposit(2_000)

    assert paid.state is WalletPaymentState.SETTLED
    await demand_agreement(town, alice, bob, shop)
    assert [wallet.balance_fen for wallet in (alice, bob, shop)] == [500, 5_000, 2_500]
    assert (await bob.account()).deposit_fen == 2_000
    assert (await shop.sales.order(order.order_id)).refunded_fen == 1_500


async def test_a_person_without_locks_left_is_paid_and_pays(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", stock=1)
    for amount_fen in (100, 200, 300):
        await alice.pay_person(str(bob.address), amount_fen)
    await town.world.catch_up()
    await bob.sync()

    await bob.pay_person(str(alice.address), 600)

    await demand_agreement(town, alice, bob)
    assert (alice.balance_fen, bob.balance_fen) == (1_000, 0)


async def test_a_double_click_and_a_restart_pay_an_order_once(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1")

    first, second = await asyncio.gather(alice.pay_order(order), alice.pay_order(order))
    third = await (await town.restarted("alice")).pay_order(order)

    assert first == second == third
    await demand_agreement(town, alice, shop)
    assert shop.balance_fen == 300


@pytest.mark.parametrize("path", ["/v1/payments/prepare", "/v1/payments"])
async def test_a_crash_at_any_answer_pays_an_order_once(town: Town, path: str) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1")
    town.cut_off(path)
    with pytest.raises(NetworkError):
        await alice.pay_order(order)
    town.restore()

    again = await town.restarted("alice")
    await again.resume()
    payment = await again.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    await demand_agreement(town, again, shop)
    assert (again.balance_fen, shop.balance_fen) == (700, 300)


async def test_a_home_that_is_killed_while_it_is_asked_to_pay_pays_once(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1")
    town.cut_off("/v1/payments")
    with pytest.raises(NetworkError):
        await alice.pay_order(order)
    await town.world.kill(1)
    town.restore()
    await town.world.start(1)

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    await demand_agreement(town, alice, shop)
    assert shop.balance_fen == 300


async def test_what_was_signed_and_never_sent_is_replaced_by_its_own_coins_once_it_has_expired(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1")
    town.cut_off("/v1/payments/prepare", before_answer=False)
    with pytest.raises(NetworkError):
        await alice.pay_order(order)
    town.restore()
    await town.world.pass_time(130_000)

    payment = await alice.pay_order(order)

    first, second = await alice.payments()
    assert (first.state, second) == (WalletPaymentState.NEVER, payment)
    await demand_agreement(town, alice, shop)
    assert shop.balance_fen == 300


async def test_a_wallet_comes_back_from_its_keys_alone(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    await alice.pay_order(await shop.sales.create_order(300, "1"))
    second = await shop.sales.create_order(700, "2")
    await town.move_out()

    again = await town.recovered("alice")
    await again.pay_order(second)

    assert again.balance_fen == 0


async def test_a_tellers_exchange_for_many_is_taken_in_by_each(town: Town) -> None:
    people = [await town.open(name) for name in ("alice", "bob", "carol")]
    items = [ExchangeItem(wallet_id=each.wallet_id, amount_fen=100, deposit_fen=100) for each in people]

    answer = await town.world.teller().post(
        "/v1/exchanges", ExchangeBatchRequest(items=items), ExchangeBatchAnswer, idempotency_key="many"
    )
    for wallet, exchange in zip(people, answer.exchanges, strict=True):
        await wallet.receive(exchange)

    assert [wallet.balance_fen for wallet in people] == [100, 100, 100]
    await demand_agreement(town, *people)


async def test_refusals_of_the_home_come_by_name_and_nothing_is_lost(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1", expires_in_s=60)
    paid = await shop.sales.create_order(100, "2")
    await alice.pay_order(paid)
    await town.world.pass_time(61_000)

    refusals = []
    for attempt in (alice.pay_order(order), shop.refund(paid.order_id, 101), alice.exchange(10**9)):
        with pytest.raises(RefusedError) as caught:
            await attempt
        refusals.append(caught.value.code)

    assert refusals[0] == "ORDER_EXPIRED"
    assert refusals[2] == "DEPOSIT_TOO_SMALL"
    assert await _state(alice, order) is OrderState.EXPIRED
    await demand_agreement(town, alice, shop)
    assert (alice.balance_fen, shop.balance_fen, refusals[1]) == (900, 100, "REFUND_TOO_MUCH")


async def _state(wallet: Wallet, order: Order) -> OrderState:
    return (await wallet.order(order.link)).state
