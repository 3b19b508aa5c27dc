"""Payments of one wallet at the same time: taking turns, waiting for change, and when there is nothing to wait for."""

import asyncio

import pytest

from tests.wallet_people import (
    LONG_MS,
    People,
    lose_all_after_preparing,
    pay_and_hear_nothing,
    restore_network,
    sign_and_send_nothing,
)
from tongbao.errors import BusyError, NetworkError, RefusedError
from tongbao.vaults.purse import CoinsReservedError
from tongbao.wallets import InDoubtError, PaymentKind, WalletPaymentState


async def test_payments_in_doubt_hold_their_coins_and_others_are_told_until_when(people: People) -> None:
    alice = await people.open("alice", 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)

    with pytest.raises(CoinsReservedError, match="100 fen is asked, and payments in doubt hold") as caught:
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

    with pytest.raises(RefusedError, match="301 fen is asked, and the coins are worth 300 fen") as caught:
        await alice.pay_order(await people.order(301))

    assert (caught.value.code, caught.value.field) == ("COINS_INSUFFICIENT", "amount_fen")
    assert alice.free_fen == 300


async def test_too_many_coins_for_one_payment_become_one_first(people: People) -> None:
    alice = await people.open("alice", 100, 100, 100)
    alice._coins.purse._inputs_max = 2

    payment = await alice.pay_order(await people.order(300))

    assert payment.state is WalletPaymentState.SETTLED
    assert [each.kind for each in await alice.payments()] == [PaymentKind.OWN, PaymentKind.ORDER]


async def test_too_many_coins_that_cannot_become_one_now_are_told_with_what_one_payment_can_pay(
    people: People,
) -> None:
    alice = await people.open("alice", 100, 100, 100)
    alice._coins.purse._inputs_max = 2
    order = await people.order(300)
    people.world.homes[1].refuse = "HOME_SUSPENDED"

    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "HOME_SUSPENDED"
    assert people.paid(order) == 0


async def test_a_payment_whose_coins_were_spent_elsewhere_is_not_replaced_with_others_without_proof(
    people: People,
) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)
    await (await people.elsewhere("alice")).pay_person(str(bob.address), 300)
    await alice.resync()

    with pytest.raises(InDoubtError, match="nobody shows for what"):
        await alice.pay_order(order)

    assert people.paid(order) == 0


async def test_with_the_centres_proof_it_is_replaced_with_others(people: People, centre: str) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)
    await (await people.elsewhere("alice")).pay_person(str(bob.address), 300)
    await alice.resync()

    await alice.pay_order(order)

    assert centre
    assert (people.paid(order), alice.balance_fen) == (300, 100)


async def test_open_payments_that_share_a_coin_are_both_taken_up_again_and_one_settles(people: People) -> None:
    alice, bob = await people.open("alice", 300), await people.open("bob")
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)
    await alice.account()
    lose_all_after_preparing(people.world)
    with pytest.raises(NetworkError):
        await alice.pay_person(str(bob.address), 300, request_id="rent")
    restore_network(people.world)

    again = await people.restarted("alice")
    resumed = await again.resume()

    assert [payment.state for payment in resumed] == [WalletPaymentState.SIGNED, WalletPaymentState.SETTLED]
    assert [payment.state for payment in await again.payments()] == [
        WalletPaymentState.NEVER,
        WalletPaymentState.SETTLED,
    ]
    assert again.balance_fen == 0


async def test_a_wallet_starts_although_a_coin_of_an_open_payment_is_gone(people: People) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    await sign_and_send_nothing(alice, await people.order(300), people)
    await (await people.elsewhere("alice")).pay_person(str(bob.address), 300)
    await alice.resync()

    again = await people.restarted("alice")

    assert (again.balance_fen, again.free_fen) == (400, 400)


async def test_a_home_that_does_not_answer_leaves_everything_open(people: People) -> None:
    alice = await people.open("alice", 300)
    await sign_and_send_nothing(alice, await people.order(300), people)
    people.world.lose_requests = 1000

    resumed = await alice.resume()

    assert [payment.state for payment in resumed] == [WalletPaymentState.SIGNED]


async def test_coins_that_another_payment_took_while_time_flew_are_not_signed_for(people: People) -> None:
    alice, bob = await people.open("alice", 300), await people.open("bob")
    order = await people.order(300)
    purse = alice._coins.purse

    def fly(path: str) -> None:
        if path == "/v1/payments/prepare":
            later_ms = people.world.now_ms + LONG_MS
            purse.reserve("another payment", 300, now_ms=later_ms, until_ms=later_ms)

    people.world.before = fly
    with pytest.raises(BusyError, match="other payments took the coins"):
        await alice.pay_order(order)

    assert await alice.payments() == []
    assert purse.reservation("another payment") is not None
    assert bob.balance_fen == 0
