"""A wallet from its phrase alone."""

import pytest

from tests.builders import bytes32
from tests.wallet_people import People
from tongbao.coin import CURRENCY, Coin
from tongbao.protocol.stock import STOCK_LOCKS_MAX
from tongbao.protocol.wallet import WalletClass
from tongbao.wallets import WalletPaymentState
from tongbao.wallets.stock import LOCKS_GAP


async def test_every_coin_is_found_again_and_can_be_spent(people: People) -> None:
    alice = await people.open("alice", 100, 200, stock=2)
    people.world.homes[1].credit(alice.wallet_id, 400)  # the stock has run out: over the main key
    await alice.sync()
    await alice.pay_order(await people.order(150))

    again = await people.elsewhere("alice")
    payment = await again.pay_order(await people.order(550, number="2"))

    assert payment.state is WalletPaymentState.SETTLED
    assert again.balance_fen == 0


async def test_coins_far_along_the_locks_are_found(people: People) -> None:
    alice = await people.open("alice")
    await alice.add_locks(3 * LOCKS_GAP)
    last = people.world.homes[1].customers[alice.wallet_id].stocks[-1].lock_ids[-1]
    people.world.issue(Coin(CURRENCY, 500, 1, last))

    again = await people.elsewhere("alice")

    assert again.balance_fen == 500


async def test_no_lock_of_the_old_stock_is_used_for_change_or_handed_over_again(people: People) -> None:
    alice = await people.open("alice", 500)
    await alice.add_locks(STOCK_LOCKS_MAX)
    old = {lock for stock in people.world.homes[1].customers[alice.wallet_id].stocks for lock in stock.lock_ids}

    again = await people.elsewhere("alice")
    payment = await again.pay_order(await people.order(100))
    await again.add_locks(4)

    new = people.world.homes[1].customers[alice.wallet_id].stocks[-1].lock_ids
    assert payment.change is not None
    assert payment.change.held.opening.coin.lock_id not in old
    assert old.isdisjoint(new)


async def test_money_that_comes_later_to_the_old_stock_is_found(people: People) -> None:
    alice = await people.open("alice", 500, stock=8)
    again = await people.elsewhere("alice")

    people.world.homes[1].credit(alice.wallet_id, 70)

    assert [coin.held.value for coin in await again.sync()] == [70]


async def test_opening_a_wallet_that_is_open_already_recovers_it(people: People) -> None:
    await people.open("alice", 500)
    twin = people.wallet("alice", store=await people.empty_store())

    await twin.open(holder_name="alice", wallet_class=WalletClass.I, stock=8)

    assert twin.balance_fen == 500


async def test_a_home_that_lists_a_foreign_coin_does_not_stop_recovery(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.wallets.recovery.LOCKS_SEARCHED_MAX", 2 * LOCKS_GAP)
    await people.open("alice", 500)
    desk = people.world.homes[1]
    desk.owners[bytes32(5)] = people.wallet("alice").wallet_id
    people.world.issue(Coin(CURRENCY, 10, 1, bytes32(5)))

    assert (await people.elsewhere("alice")).balance_fen == 500
