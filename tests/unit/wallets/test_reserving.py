"""Payments of one wallet at the same time: taking turns, waiting for change, and when there is nothing to wait for."""

import asyncio

import pytest

from tests.wallet_people import (
    People,
    pay_and_hear_nothing,
)
from tongbao.errors import RefusedError
from tongbao.vaults.purse import CoinsReservedError
from tongbao.wallets import WalletPaymentState


async def test_payments_in_doubt_hold_their_coins_and_others_are_told_until_when(people: People) -> None:
    alice = await people.open("alice", 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)

    with pytest.raises(CoinsReservedError) as caught:
        await alice.pay_order(await people.order(100, number="2"))

    assert caught.value.free_after_ms == (await alice.payments())[0].expiry_ms


async def test_a_double_click_pays_once(people: People) -> None:
    alice = await people.open("alice", 300, 300, 300)
    order = await people.order(300)

    first, second = await asyncio.gather(alice.pay_order(order), alice.pay_order(order))

    assert first == second
    assert (alice.balance_fen, people.paid(order)) == (600, 300)


async def test_payments_in_parallel_wait_for_each_others_change(people: People) -> None:
    alice = await people.open("alice", 1000)
    orders = [await people.order(100, number=str(number)) for number in range(5)]

    payments = await asyncio.gather(*(alice.pay_order(order) for order in orders))

    assert {payment.state for payment in payments} == {WalletPaymentState.SETTLED}
    assert alice.balance_fen == 500


async def test_coins_that_came_unnoticed_are_heard_of_before_a_payment_is_given_up(people: People) -> None:
    alice = await people.open("alice", 100)
    people.world.homes[1].credit(alice.wallet_id, 400)

    await alice.pay_order(await people.order(500))

    assert alice.balance_fen == 0


async def test_too_little_money_is_refused_and_nothing_is_reserved(people: People) -> None:
    alice = await people.open("alice", 100, 200)

    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(await people.order(301))

    assert caught.value.code == "COINS_INSUFFICIENT"
    assert alice.free_fen == 300
