"""Many small coins become one, and nothing of the money is lost whenever that stops halfway."""

import pytest

from tests.wallet_people import People, bend, cut_off, lose_all_after_preparing, restore_network
from tongbao.errors import NetworkError, PeerError
from tongbao.protocol.payment import Preparation
from tongbao.wallets import PaymentKind, WalletPaymentState


async def test_the_smallest_coins_become_one_and_the_largest_stay(people: People) -> None:
    alice = await people.open("alice", *range(1, 11), stock=10)

    merged = await alice.tidy(many=4, keep=3)

    assert [each.kind for each in merged] == [PaymentKind.OWN]
    assert sorted(coin.value for coin in alice._coins.purse) == [9, 10, 36]
    assert (await alice.account()).balance_fen == alice.free_fen == 55


async def test_few_coins_are_left_alone(people: People) -> None:
    alice = await people.open("alice", 1, 2, 3)
    people.world.asked.clear()

    assert await alice.tidy(many=3, keep=1) == []
    assert people.world.asked == []


async def test_more_coins_than_one_transaction_may_spend_take_several(people: People) -> None:
    alice = await people.open("alice", *[2] * 9, stock=9)
    alice._payments.merging._inputs_max = 4

    merged = await alice.tidy(many=2, keep=1)

    assert [each.amount_fen for each in merged] == [8, 8, 18]
    assert [coin.value for coin in alice._coins.purse] == [18]


async def test_a_merged_coin_is_spent_next_and_outlives_a_restart_and_the_loss_of_the_machine(people: People) -> None:
    alice = await people.open("alice", 10, 20, 30)
    await alice.tidy(many=1, keep=1)

    restarted, elsewhere = await people.restarted("alice"), await people.elsewhere("alice")
    await restarted.pay_order(await people.order(60))

    assert (restarted.balance_fen, elsewhere.balance_fen) == (0, 60)


@pytest.mark.parametrize("sent", [False, True])
async def test_a_merge_that_stops_halfway_is_brought_to_its_end(people: People, *, sent: bool) -> None:
    alice = await people.open("alice", 10, 20, 30)
    if sent:
        cut_off(people.world, "/v1/payments")
    else:
        lose_all_after_preparing(people.world)
    with pytest.raises(NetworkError):
        await alice.tidy(many=1, keep=1)
    restore_network(people.world)

    again = await people.restarted("alice")
    resumed = await again.resume()

    assert [each.state for each in resumed] == [WalletPaymentState.SETTLED]
    assert [coin.value for coin in again._coins.purse] == [60]


async def test_coins_are_not_moved_to_a_lock_that_the_home_names_instead(people: People) -> None:
    alice, bob = await people.open("alice", 10, 20), await people.open("bob")
    other = people.world.homes[1].lock_for(bob.wallet_id)
    bend(people.world, Preparation, proof=other)

    with pytest.raises(PeerError, match="to another lock"):
        await alice.tidy(many=1, keep=1)

    assert await alice.payments() == []
