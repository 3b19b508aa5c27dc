"""A till at a real institution makes orders with its own key, and a payer pays them."""

import pytest

from tests.institution_world import home_url
from tests.wallets_at_home import Residents
from tongbao.adapters.entropy import SeededEntropy
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.order import OrderAmendment, OrderRequest, OrderState
from tongbao.wallets import HomeAddress, OrderDesk, TillPlace, Wallet

KEY = SigningKey(bytes(31) + b"9")


def desk_of(residents: Residents, shop: Wallet, *, key: SigningKey = KEY) -> OrderDesk:
    world = residents.world
    place = TillPlace(HomeAddress(1, home_url(1)), shop.wallet_id, world.genesis.domain())
    return OrderDesk(key, place, network=world.network, clock=world.clock, entropy=SeededEntropy("till"))


async def test_a_till_asks_for_money_and_sees_it_come(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice", 1_000)
    await shop.tills.open("till 1", KEY.public_key)
    desk = desk_of(residents, shop)
    order = await desk.create_order(OrderRequest(amount_fen=300, order_number="1", tip_fen_max=20))

    await alice.pay_order(await alice.order(order.link), tip_fen=20)

    paid = await desk.order(order.order_id)
    assert (paid.state, paid.tip_fen, paid.till_id) == (OrderState.PAID, 20, desk.till_id)
    assert [each.order_id for each in (await desk.orders()).orders] == [order.order_id]
    assert await shop.sync()
    assert (alice.balance_fen, shop.balance_fen) == (680, 320)


async def test_a_till_amends_and_cancels_what_it_made(residents: Residents) -> None:
    shop = await residents.shop()
    await shop.tills.open("till 1", KEY.public_key)
    desk = desk_of(residents, shop)
    order = await desk.create_order(OrderRequest(amount_fen=300, order_number="1"))

    amended = await desk.amend_order(order.order_id, OrderAmendment(amount_fen=250))
    cancelled = await desk.cancel_order(order.order_id)

    assert (amended.amount_fen, cancelled.state) == (250, OrderState.CANCELLED)


async def test_a_closed_till_is_told_so(residents: Residents) -> None:
    shop = await residents.shop()
    till = await shop.tills.open("till 1", KEY.public_key)
    desk = desk_of(residents, shop)

    await shop.tills.close(till.till_id)

    with pytest.raises(RequestError, match="closed"):
        await desk.create_order(OrderRequest(amount_fen=300, order_number="1"))
    assert (await desk.till()).closed_at_ms is not None
    assert [each.name for each in (await shop.tills.page()).tills] == ["till 1"]


async def test_an_order_that_is_not_the_tills_is_not_believed(residents: Residents) -> None:
    shop = await residents.shop()
    await shop.tills.open("till 1", KEY.public_key)
    desk = desk_of(residents, shop)
    desk.till_id = bytes(16)

    with pytest.raises(PeerError):
        await desk.create_order(OrderRequest(amount_fen=300, order_number="1"))
