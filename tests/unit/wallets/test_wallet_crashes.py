"""A wallet that crashes or loses its store at any moment of a payment goes on where it stopped."""

import asyncio
from collections.abc import Callable

import pytest

from tests.wallet_people import (
    People,
    lose_all_after_preparing,
    pay_and_hear_nothing,
    restore_network,
    sent_payments,
)
from tongbao.errors import NetworkError, StorageError
from tongbao.wallets import WalletPaymentState


async def test_after_a_crash_between_keeping_and_sending_the_kept_bytes_are_sent(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    order = await people.order(300)
    arrived = len(people.world.asked)
    lose_all_after_preparing(people.world)
    with pytest.raises(NetworkError):
        await alice.pay_order(order)
    assert people.world.asked[arrived:] == ["POST /v1/payments/prepare"]
    restore_network(people.world)

    again = await people.restarted("alice")
    resumed = await again.resume()

    assert [payment.state for payment in resumed] == [WalletPaymentState.SETTLED]
    assert len(sent_payments(people.world)) == 1
    assert (again.balance_fen, people.paid(order)) == (700, 300)


async def test_after_a_crash_between_sending_and_the_answer_the_payment_is_found_settled_with_its_change(
    people: People,
) -> None:
    await pay_and_hear_nothing(await people.open("alice", 500), await people.order(300), people)

    again = await people.restarted("alice")
    before_fen = again.free_fen
    resumed = await again.resume()

    assert before_fen == 0
    assert [payment.state for payment in resumed] == [WalletPaymentState.SETTLED]
    assert again.balance_fen == 200
    assert await again.resume() == []
    assert (await people.restarted("alice")).free_fen == 200


async def test_after_a_crash_the_order_can_simply_be_paid_again(people: People) -> None:
    await pay_and_hear_nothing(await people.open("alice", 500, 500), await people.order(300), people)

    again = await people.restarted("alice")
    payment = await again.pay_order(await people.order(300))

    assert payment.state is WalletPaymentState.SETTLED
    assert again.balance_fen == 700


async def test_after_a_crash_change_is_found_also_where_the_listing_came_first(people: People) -> None:
    await pay_and_hear_nothing(await people.open("alice", 500), await people.order(300), people)

    again = await people.restarted("alice")
    await again.sync()
    await again.resume()

    assert again.free_fen == 200
    assert (await people.restarted("alice")).balance_fen == 200


async def test_coins_that_came_while_a_caller_gave_up_are_kept(people: People) -> None:
    alice = await people.open("alice")
    order = await people.order(300)
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = 300
    await alice.receive(people.world.homes[1].exchange(alice.wallet_id, 300, key="a"))
    write = people.store.write

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    people.store.write = hang  # type: ignore[method-assign, assignment]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(alice.pay_order(order), 0.2)
    people.store.write = write  # type: ignore[method-assign]
    await alice.sync()

    assert (await people.restarted("alice")).balance_fen == 300


async def test_no_lock_is_used_again_after_a_crash(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)

    again = await people.restarted("alice")
    await again.pay_order(await people.order(100, number="2"))

    change = [payment.change for payment in await again.payments()]
    assert len({coin.source.index for coin in change if coin}) == len(change) == 2


async def test_a_store_that_fails_before_the_bytes_are_kept_sends_nothing(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    write = people.store.write

    async def fail(*_: object) -> None:
        raise StorageError("the disk is gone")

    people.store.write = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(StorageError):
        await alice.pay_order(order)
    people.store.write = write  # type: ignore[method-assign]

    assert sent_payments(people.world) == set()
    assert alice.free_fen == 500
    assert (await alice.pay_order(order)).state is WalletPaymentState.SETTLED


async def test_a_store_that_fails_after_the_settlement_hears_of_it_again(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    write, left = people.store.write, [1]

    async def fail(operation: Callable[..., object]) -> object:
        if not left:
            raise StorageError("the disk is gone")
        left.pop()
        return await write(operation)

    people.store.write = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(StorageError):
        await alice.pay_order(order)
    people.store.write = write  # type: ignore[method-assign]

    payment = await alice.pay_order(order)
    again = await people.restarted("alice")
    assert payment.state is WalletPaymentState.SETTLED
    assert (alice.balance_fen, again.balance_fen, people.paid(order)) == (200, 200, 300)


async def test_a_caller_who_gives_up_while_it_is_sent_leaves_a_payment_that_can_be_ended(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    order = await people.order(300)
    people.world.homes[1].hold_back = 1000
    never = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await never.wait()

    people.clock.sleep = sleep  # type: ignore[method-assign, assignment]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(alice.pay_order(order), 0.2)
    people.world.homes[1].hold_back = 0

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    assert (alice.balance_fen, people.paid(order)) == (700, 300)
