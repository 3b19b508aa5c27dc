"""Refunds that the payer is asked about, within a home and across homes: taken, declined, withdrawn, and by whom."""

import pytest

from tests.institution_people import refusal
from tests.refund_offers import ASKED, ASKED_OR_NOT, HOUR_S, across_and_within, heard, in_state, offered_to, sold, told
from tests.wallets_at_home import Residents
from tongbao.coin import Address
from tongbao.protocol.order import OrderState
from tongbao.protocol.refund import (
    AT_ONCE,
    HomeRefund,
    HomeRefundAnswer,
    Refund,
    RefundDecision,
    RefundDelivery,
    RefundPolicy,
    RefundSilence,
    RefundState,
)
from tongbao.protocol.wallet import OpenWalletRequest, WalletClass

# --- the policy -------------------------------------------------------------------------------------------------------


async def test_without_a_policy_refunds_go_out_at_once_and_nobody_is_asked(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1, policy=AT_ONCE)

    await shop.refund(order.order_id, 100)

    assert (order.refund_policy, await refusal(shop.refunds.offer(order.order_id, 1))) == (AT_ONCE, "REFUND_AT_ONCE")
    assert (await alice.refunds.received()).refunds == []


async def test_a_policy_counts_for_orders_made_after_it_and_each_keeps_its_own(residents: Residents) -> None:
    shop = await residents.shop()
    policies = [AT_ONCE, ASKED, ASKED_OR_NOT]
    made = []
    for number, policy in enumerate(policies):
        await shop.refunds.set_policy(policy)
        made.append(await shop.sales.create_order(5, str(number)))

    found = [await shop.sales.order(order.order_id) for order in made]

    assert [order.refund_policy for order in made] == [order.refund_policy for order in found] == policies
    assert await shop.refunds.policy() == ASKED_OR_NOT


async def test_only_a_merchant_has_a_policy(residents: Residents) -> None:
    bob = await residents.open("bob")

    assert await refusal(bob.refunds.set_policy(ASKED)) == await refusal(bob.refunds.policy()) == "FORBIDDEN"


# --- offered and answered ---------------------------------------------------------------------------------------------


@across_and_within
async def test_a_payer_who_accepts_gets_just_what_was_offered(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    made = await shop.refunds.offer(order.order_id, 120, reason="one cup was cold")
    found = await offered_to(alice)

    accepted = await alice.refunds.accept(found)
    [paid] = await shop.refunds.carry_out()

    await heard(residents, alice)
    assert (found.amount_fen, found.reason, found.state) == (120, "one cup was cold", RefundState.OFFERED)
    assert (accepted.state, accepted.decided_by) == (RefundState.ACCEPTED, RefundDecision.PAYER)
    assert (paid.amount_fen, alice.balance_fen, shop.balance_fen) == (120, 820, 180)
    assert (await shop.refunds.find(made.refund_id)).state is RefundState.RETURNED
    assert (await shop.sales.order(order.order_id)).refunded_fen == 120
    await in_state(residents, alice, found, RefundState.RETURNED)


@across_and_within
async def test_a_payer_who_declines_keeps_what_was_bought(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    made = await shop.refunds.offer(order.order_id, 300)

    await alice.refunds.decline(await offered_to(alice))

    carried_out = await shop.refunds.carry_out()
    assert (carried_out, shop.balance_fen) == ([], 300)
    assert (await shop.refunds.find(made.refund_id)).state is RefundState.DECLINED
    assert (await offered_to(alice)).state is RefundState.DECLINED


@across_and_within
async def test_an_offer_that_is_withdrawn_is_no_longer_to_be_had(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    made = await shop.refunds.offer(order.order_id, 100)
    found = await offered_to(alice)

    withdrawn = [await shop.refunds.withdraw(made) for _ in range(2)]

    assert {each.state for each in withdrawn} == {RefundState.WITHDRAWN}
    assert await refusal(alice.refunds.accept(found)) == "REFUND_CLOSED"
    assert await told(residents, alice) == ["refund.offered", "refund.withdrawn"]


@across_and_within
async def test_what_is_accepted_is_owed_and_cannot_be_withdrawn(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    made = await shop.refunds.offer(order.order_id, 100)
    await alice.refunds.accept(await offered_to(alice))

    assert await refusal(shop.refunds.withdraw(made)) == "REFUND_CLOSED"
    assert await refusal(alice.refunds.decline(made)) == "REFUND_CLOSED"


# --- homes that lie ---------------------------------------------------------------------------------------------------


async def test_a_home_tells_of_no_refund_of_what_was_not_paid_there(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=2)
    world = residents.world
    [paid] = await alice.payments()
    honest = HomeRefund(
        refund_id="0" * 32,
        shop_home=2,
        order_id=order.order_id,
        order_number="1",
        refund_number="r",
        refund_handle=paid.transaction_id.hex(),
        merchant_wallet_id=shop.wallet_id,
        merchant_name="Tea",
        amount_fen=300,
        reason="",
        state=RefundState.OFFERED,
        decided_by=RefundDecision.NOBODY,
        unanswered=RefundSilence.RETURNS,
        answer_by_ms=world.now_ms,
    )
    home = world.homes[2]._parts.neighbours.client(1)

    codes = [
        await refusal(home.post("/v1/refunds/deliveries", each, RefundDelivery, idempotency_key=str(number)))
        for number, each in enumerate(
            [
                honest.model_copy(update={"amount_fen": 301}),
                honest.model_copy(update={"refund_handle": "0" * 64}),
                honest.model_copy(update={"shop_home": 1}),
                honest,
                honest.model_copy(update={"amount_fen": 299}),
            ]
        )
    ]

    assert codes == ["REFUND_TOO_MUCH", "NOT_FOUND", "FORBIDDEN", "", "INVALID_FIELD"]


async def test_only_the_payers_home_answers_for_the_payer(residents: Residents) -> None:
    _, shop, order = await sold(residents, home=1)
    made = await shop.refunds.offer(order.order_id, 100)
    other = residents.world.homes[2]._parts.neighbours.client(1)
    answer = HomeRefundAnswer(payer_home=2, refund_id=made.refund_id, accept=True)

    code = await refusal(other.post("/v1/refunds/answers", answer, Refund, idempotency_key="a"))

    assert (code, (await shop.refunds.find(made.refund_id)).state) == ("NOT_FOUND", RefundState.OFFERED)


async def test_nobody_answers_for_another_wallet(residents: Residents) -> None:
    _, shop, order = await sold(residents, home=1)
    made = await shop.refunds.offer(order.order_id, 100)
    bob = await residents.open("bob")

    assert await refusal(bob.refunds.accept(made)) == "NOT_FOUND"


async def test_a_refunded_order_is_refunded_in_full_by_offers_too(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1)
    await shop.refunds.offer(order.order_id)
    await alice.refunds.accept(await offered_to(alice))

    await shop.refunds.carry_out()

    assert (await shop.sales.order(order.order_id)).state is OrderState.REFUNDED


# --- payers who have gone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shop_home", [1, 2], ids=["the shop stays behind", "to the shop's home"])
@pytest.mark.parametrize("policy", [AT_ONCE, ASKED], ids=["at once", "asked"])
async def test_a_payer_who_has_moved_is_refunded_where_he_is(
    residents: Residents, shop_home: int, policy: RefundPolicy
) -> None:
    alice, shop, order = await sold(residents, home=shop_home, policy=policy)
    there = residents.wallet("alice", home=2)
    await there._home.open(
        OpenWalletRequest(wallet_class=WalletClass.I, holder_name="alice", locks=[], locks_signature=b"")
    )
    moved_to = str(Address(2, alice.wallet_id, residents.world.genesis.test_network))
    await alice.closing.ask(moved_to=moved_to)

    if policy is AT_ONCE:
        await shop.refund(order.order_id, 120)
    else:
        await shop.refunds.offer(order.order_id, 120)
        await residents.world.pass_time(HOUR_S * 1000 + 1)
        await shop.refunds.carry_out()

    await residents.world.catch_up()
    assert (await shop.sales.order(order.order_id)).refunded_fen == 120
    assert (await there.account()).balance_fen == 120


async def test_a_payer_who_has_gone_without_a_word_is_refunded_once_he_is_back(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=2, policy=AT_ONCE)
    await alice.closing.ask()

    gone = await refusal(shop.refund(order.order_id, 120))
    await alice.closing.withdraw()
    back = await refusal(shop.refund(order.order_id, 120))

    assert (gone, back) == ("WALLET_CLOSED", "")
