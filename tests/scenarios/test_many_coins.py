"""A wallet with many small coins, at a real institution: they become one, and no limit or history tells of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_town import Town, demand_agreement, open_town
from tongbao.errors import RequestError
from tongbao.protocol.payment import Payee, Preparation, PrepareRequest
from tongbao.wallets import PaymentKind


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def test_coins_are_merged_and_paid_on_without_a_trace_in_the_history(town: Town) -> None:
    alice, shop = await town.open("alice"), await town.shop(home=2)
    for amount_fen in range(1, 13):
        await town.open("alice", amount_fen)
    await alice.sync()
    before = (await alice.history()).entries

    merged = await alice.tidy(many=4, keep=2)

    assert (await alice.history()).entries == before
    assert [each.kind for each in merged] == [PaymentKind.OWN]
    assert sorted(coin.value for coin in alice._coins.purse) == [12, 66]
    await demand_agreement(town, alice)
    await alice.pay_order(await shop.sales.create_order(70, "1"))
    await demand_agreement(town, alice, shop)
    assert (await town.recovered_beside("alice")).balance_fen == 8


async def test_no_money_is_moved_to_a_lock_of_somebody_else_in_this_way(town: Town) -> None:
    alice, bob = await town.open("alice", 100), await town.open("bob")
    await alice.pay_person(str(bob.address), 40)
    await bob.sync()
    lock_of_bob = next(iter(bob._coins.purse)).opening.coin.lock_id
    anchor = next(iter(alice._coins.purse)).coin_id
    request = PrepareRequest(payee=Payee(own_lock=lock_of_bob), amount_fen=60, anchor=anchor)

    with pytest.raises(RequestError) as caught:
        await alice._home.post("/v1/payments/prepare", request, Preparation, "key")

    assert (caught.value.code, caught.value.field) == ("INVALID_FIELD", "payee.own_lock")
