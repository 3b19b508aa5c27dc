"""A shop that asks its payers before it gives money back, and what became of its offers."""

import pytest

from tests.wallets_at_home import Residents
from tongbao.institutions.events.event_log import read_events
from tongbao.institutions.refunds.waiting import LOOK_S
from tongbao.protocol.order import Order
from tongbao.protocol.refund import Refund, RefundBox, RefundPolicy, RefundSilence, RefundState
from tongbao.wallets import Wallet

across_and_within = pytest.mark.parametrize("home", [1, 2], ids=["within a home", "across homes"])

HOUR_S = 3_600
ASKED = RefundPolicy(answer_within_s=HOUR_S, unanswered=RefundSilence.RETURNS)
ASKED_OR_NOT = RefundPolicy(answer_within_s=HOUR_S, unanswered=RefundSilence.LAPSES)


async def sold(
    residents: Residents, *, home: int, policy: RefundPolicy = ASKED, amount_fen: int = 300
) -> tuple[Wallet, Wallet, Order]:
    """Alice has paid a shop whose policy this is."""
    alice, shop = await residents.open("alice", 1_000), await residents.shop(home=home)
    await shop.refunds.set_policy(policy)
    order = await shop.sales.create_order(amount_fen, "1")
    await alice.pay_order(order)
    await heard(residents, shop)
    return alice, shop, await shop.sales.order(order.order_id)


async def heard(residents: Residents, *wallets: Wallet) -> None:
    await residents.world.catch_up()
    for wallet in wallets:
        await wallet.sync()


async def offered_to(alice: Wallet) -> Refund:
    return (await alice.refunds.received()).refunds[0]


async def in_state(residents: Residents, wallet: Wallet, refund: Refund, state: RefundState) -> Refund:
    """The refund once the payer's home knows that it is so."""

    async def ask() -> Refund:
        await residents.world.clock.advance(int(LOOK_S * 1000))
        return await wallet.refunds.named(refund.refund_id, box=RefundBox.RECEIVED)

    return await residents.world.eventually(ask, lambda each: each.state is state)


async def told(residents: Residents, wallet: Wallet) -> list[str]:
    """The kinds of events about refunds that the wallet's holder is told of."""
    store = residents.world.stores[wallet.address.home]
    found = await store.read(lambda connection: read_events(connection, wallet.wallet_id, after=0, count=50))
    return [each.kind.value for each in found if each.kind.value.startswith("refund.")]
