"""A machine is lost in the middle of something; the phrase alone brings the wallet back with the same balance."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_town import Town, demand_agreement, open_town
from tongbao.errors import NetworkError, RefusedError
from tongbao.protocol.order import Order
from tongbao.wallets import Wallet

PREPARED, SENT = "/v1/payments/prepare", "/v1/payments"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def lose_while_paying(town: Town, wallet: Wallet, order: Order, *, at: str, heard: bool) -> None:
    """Pay, and lose the machine with the answer to that request, or else before the next one arrives."""
    town.cut_off(at, before_answer=not heard)
    with pytest.raises(NetworkError):
        await wallet.pay_order(order)
    town.restore()
    await town.move_out()


@pytest.mark.parametrize("payee_home", [1, 2])
async def test_lost_with_a_reservation_open_nothing_has_moved_and_the_order_can_be_paid(
    town: Town, payee_home: int
) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop(home=payee_home)
    order = await shop.sales.create_order(300, "1", expires_in_s=3_600)

    await lose_while_paying(town, alice, order, at=PREPARED, heard=False)
    again = await town.recovered("alice")

    assert again.balance_fen == again.free_fen == 1_000
    await again.pay_order(order)
    await demand_agreement(town, again)
    assert again.balance_fen == 700


@pytest.mark.parametrize("payee_home", [1, 2])
async def test_lost_after_a_payment_was_sent_its_change_is_found_and_it_is_not_paid_again(
    town: Town, payee_home: int
) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop(home=payee_home)
    order = await shop.sales.create_order(300, "1", expires_in_s=3_600)

    await lose_while_paying(town, alice, order, at=SENT, heard=False)
    again = await town.recovered("alice")

    assert again.balance_fen == again.free_fen == 700
    with pytest.raises(RefusedError) as caught:
        await again.pay_order(order)
    assert caught.value.code == "ORDER_PAID"
    await demand_agreement(town, again)


async def test_lost_with_a_payment_signed_and_never_sent_all_coins_are_there_and_the_order_is_paid_once(
    town: Town,
) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1", expires_in_s=3_600)

    await lose_while_paying(town, alice, order, at=PREPARED, heard=True)
    again = await town.recovered("alice")
    recovered_fen = again.balance_fen
    await again.pay_order(order)

    await demand_agreement(town, again)
    assert (recovered_fen, again.balance_fen) == (1_000, 700)


@pytest.mark.parametrize(
    ("at", "heard", "left_fen"), [(PREPARED, False, 300), (PREPARED, True, 300), (SENT, False, 200)]
)
async def test_a_shop_lost_in_the_middle_of_a_refund_comes_back_with_what_the_refund_left(
    town: Town, at: str, left_fen: int, *, heard: bool
) -> None:
    alice, shop = await town.open("alice", 1_000, home=2), await town.shop()
    order = await shop.sales.create_order(300, "1")
    await alice.pay_order(order)
    await demand_agreement(town, shop)

    town.cut_off(at, before_answer=not heard)
    with pytest.raises(NetworkError):
        await shop.refund(order.order_id, 100, request_id="broken cup")
    town.restore()
    await town.move_out()
    again = await town.recovered("shop 1")

    assert again.balance_fen == again.free_fen == left_fen
    # What was prepared holds its part of the order until it has expired. The order says how much of it was refunded:
    # whoever has forgotten looks there, and gives back what is left.
    await town.world.pass_time(130_000)
    refunded_fen = (await again.sales.order(order.order_id)).refunded_fen
    await again.refund(order.order_id, 300 - refunded_fen)
    assert (refunded_fen, again.balance_fen) == (300 - left_fen, 0)


async def test_a_payer_lost_while_a_refund_is_on_its_way_finds_it_on_the_new_machine(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop(home=2)
    order = await shop.sales.create_order(300, "1")
    await alice.pay_order(order)
    await town.world.catch_up()
    await shop.sync()
    await shop.refund(order.order_id, 120)
    await town.move_out()

    again = await town.recovered("alice")

    await demand_agreement(town, again)
    assert again.balance_fen == 820


async def test_a_wallet_lost_again_and_again_keeps_its_money(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop(home=2)
    orders = [await shop.sales.create_order(100, str(number), expires_in_s=3_600) for number in range(4)]

    wallet = alice
    for order in orders:
        await wallet.pay_order(order)
        await town.move_out()
        wallet = await town.recovered("alice")

    await demand_agreement(town, wallet)
    assert wallet.balance_fen == 600
