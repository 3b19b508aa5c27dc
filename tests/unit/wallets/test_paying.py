"""Paying when something goes wrong: what was signed is sent again word for word, and nothing is ever paid twice."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.builders import DOMAIN, INSTITUTIONS, public_key, signer
from tests.wallet_people import (
    LONG_MS,
    People,
    bend,
    cut_off,
    pay_and_hear_nothing,
    sent_payments,
    sign_and_send_nothing,
)
from tests.wallet_world import HttpAnswer
from tongbao.coin import Acceptance, Transaction
from tongbao.errors import NetworkError, RefusedError, RequestError
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import Payment, PaymentState, Preparation
from tongbao.protocol.wire import Message
from tongbao.wallets import InDoubtError, RefusedForNowError, WalletPaymentState

# --- answers that are lost --------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for_again_with_the_same_bytes_and_the_order_is_paid_once(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    order = await people.order(300)
    left = [1]

    def lose_first_answer(path: str) -> None:
        if path == "/v1/payments" and left:
            people.world.lose_answers = left.pop()

    people.world.before = lose_first_answer

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    assert people.world.asked.count("POST /v1/payments") == 2
    assert len(sent_payments(people.world)) == 1
    assert (alice.balance_fen, people.paid(order)) == (700, 300)


async def test_while_in_doubt_the_coins_are_held_and_asking_again_sends_the_same_bytes(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)

    free_fen = alice.free_fen
    payment = await alice.pay_order(await people.order(300))

    assert free_fen == 500
    assert payment.state is WalletPaymentState.SETTLED
    assert len(sent_payments(people.world)) == 1
    assert alice.balance_fen == 700


async def test_what_is_in_doubt_carries_the_payment_with_its_bytes(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    cut_off(people.world, "/v1/payments")

    with pytest.raises(InDoubtError) as caught:
        await alice.pay_order(order)

    assert caught.value.payment == (await alice.payments())[0]
    assert caught.value.payment.state is WalletPaymentState.SIGNED


async def test_a_request_that_never_arrived_signs_nothing_and_holds_nothing(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    people.world.lose_requests = 2

    with pytest.raises(NetworkError):
        await alice.pay_order(order)

    assert await alice.payments() == []
    assert alice.free_fen == 500


# --- answers that do not prove what they say --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"receipt": None}, "shows no receipt"),
        ({"receipt": b"x"}, "proves nothing"),
        ({"transaction_id": bytes(32)}, "answers for another one"),
    ],
)
async def test_settled_without_proof_is_in_doubt_and_settles_once_there_is_proof(
    people: People, changes: dict[str, object], message: str
) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    bend(people.world, Payment, **changes)

    with pytest.raises(InDoubtError, match=message):
        await alice.pay_order(order)
    people.world.bend = lambda _path, answer: answer

    assert alice.free_fen == 0
    assert (await alice.pay_order(order)).state is WalletPaymentState.SETTLED
    assert alice.balance_fen == 200


async def test_a_receipt_of_another_payment_proves_nothing(people: People) -> None:
    alice = await people.open("alice", 300, 300)
    first = await alice.pay_order(await people.order(300))
    bend(people.world, Payment, receipt=first.receipt)

    with pytest.raises(InDoubtError, match="it is about something else"):
        await alice.pay_order(await people.order(300, number="2"))


async def test_an_answer_that_is_not_final_is_asked_for_again(people: People) -> None:
    alice = await people.open("alice", 500)
    people.world.homes[1].hold_back = 2

    payment = await alice.pay_order(await people.order(300))

    assert payment.state is WalletPaymentState.SETTLED
    assert people.clock.slept_s == [0.25, 0.5]


async def test_an_answer_that_never_becomes_final_is_in_doubt(people: People) -> None:
    alice = await people.open("alice", 500)
    people.world.homes[1].hold_back = 1000

    with pytest.raises(InDoubtError, match="does not know yet"):
        await alice.pay_order(await people.order(300))

    assert alice.free_fen == 0


# --- refusals, replacement, absence -----------------------------------------------------------------------------------


async def test_a_refusal_of_what_was_signed_is_not_final_and_its_coins_wait_for_the_expiry(people: People) -> None:
    alice = await people.open("alice", 500, 500)
    order = await people.order(300)
    people.world.homes[1].refuse = "LIMIT_DAY"

    for _ in range(2):
        with pytest.raises(RefusedForNowError) as caught:
            await alice.pay_order(order)
        assert caught.value.code == "LIMIT_DAY"
        assert caught.value.payment == (await alice.payments())[0]
    held_fen = alice.balance_fen - alice.free_fen
    people.world.homes[1].refuse = ""
    payment = await alice.pay_order(order)

    assert held_fen == 500
    assert payment.state is WalletPaymentState.SETTLED
    assert len(sent_payments(people.world)) == 1


async def test_a_refusal_before_anything_is_signed_leaves_nothing_in_doubt(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    people.world.homes[1].orders.clear()

    with pytest.raises(RequestError) as caught:
        await alice.pay_order(order)

    assert not isinstance(caught.value, RefusedForNowError)
    assert (await alice.payments(), alice.free_fen) == ([], 500)


async def test_a_home_that_does_not_know_what_was_signed_leaves_it_in_doubt(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.homes[1].prepared.clear()

    with pytest.raises(InDoubtError, match="there is no such thing"):
        await alice.pay_order(order)

    assert alice.free_fen == 0


async def test_a_status_of_the_kernel_is_told_by_name(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300, home=2)

    def forge(_path: str, answer: Message) -> Message:
        if not isinstance(answer, Preparation) or answer.acceptance is None:
            return answer
        # As if home 2 had said it, with the key of home 1: well-formed, and refused by the kernel.
        terms = replace(Acceptance.decode(answer.acceptance), key=public_key(INSTITUTIONS[1]), signature=b"")
        signed = replace(terms, signature=signer(INSTITUTIONS[1]).sign(terms.signing_digest(DOMAIN)))
        return answer.model_copy(update={"acceptance": signed.encode()})

    people.world.bend = forge
    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "ACCEPTANCE_KEY_NOT_CURRENT"
    assert alice.free_fen == 0


async def test_a_payment_that_replaces_an_expired_one_spends_its_coins_and_only_one_settles(people: People) -> None:
    alice = await people.open("alice", 500, 500, 500)
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)

    payment = await alice.pay_order(order)

    first, second = await alice.payments()
    assert (payment, first.state) == (second, WalletPaymentState.NEVER)
    assert set(first.coin_ids) == set(second.coin_ids)
    assert first.transaction != second.transaction
    assert (alice.balance_fen, people.paid(order)) == (1200, 300)


async def test_a_home_that_denies_a_settled_payment_does_not_get_it_paid_twice(people: People) -> None:
    alice = await people.open("alice", 500, 500, 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)
    people.world.pass_time(LONG_MS)
    desk = people.world.homes[1]
    desk.lies = True
    order = await people.order(300)
    desk.orders[order.order_id] = order.model_copy(update={"state": OrderState.OPEN})
    restarted = await people.restarted("alice")

    with pytest.raises(RefusedError) as first:
        await alice.pay_order(order)
    with pytest.raises((RefusedError, InDoubtError)):
        await restarted.pay_order(order)

    assert first.value.code == "INPUT_NOT_UNSPENT"
    assert len(sent_payments(people.world)) == 2
    assert people.paid(order) == 300


async def test_a_settled_payment_that_was_never_heard_of_is_found_long_after_its_expiry(people: People) -> None:
    alice = await people.open("alice", 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)
    people.world.pass_time(LONG_MS)

    payment = await (await people.restarted("alice")).pay_order(await people.order(300))

    assert payment.state is WalletPaymentState.SETTLED
    assert len(sent_payments(people.world)) == 1


async def test_without_proof_an_expired_payment_stays_open_and_its_coins_are_free(people: People) -> None:
    alice, bob = await people.open("alice", 500), await people.open("bob")
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)

    open_payments = await alice.resume()
    await alice.pay_person(str(bob.address), 500)

    assert [payment.state for payment in open_payments] == [WalletPaymentState.SIGNED]
    assert [payment.state for payment in await alice.payments()] == [
        WalletPaymentState.NEVER,
        WalletPaymentState.SETTLED,
    ]


async def test_two_programs_on_one_wallet_pay_an_order_once(people: People) -> None:
    alice = await people.open("alice", 300, 300, 300)
    twin = await people.restarted("alice")
    order = await people.order(300)

    first, second = await asyncio.gather(alice.pay_order(order), twin.pay_order(order))

    assert first.transaction == second.transaction
    assert people.paid(order) == 300


async def test_a_coin_that_the_same_phrase_spent_elsewhere_is_let_go_and_another_pays(people: People) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    await (await people.elsewhere("alice")).pay_person(str(bob.address), 300)

    payment = await alice.pay_order(await people.order(300))

    assert payment.state is WalletPaymentState.SETTLED
    assert alice.balance_fen == 100


async def test_a_coin_that_the_same_phrase_spends_while_a_payment_is_sent_is_let_go_and_the_payment_refused(
    people: People,
) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    twin, order = await people.elsewhere("alice"), await people.order(300)
    deliver = people.world.request

    async def request(
        method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpAnswer:
        if url.endswith("/v1/payments") and people.world.request is request:
            people.world.request = deliver  # type: ignore[method-assign]
            await twin.pay_person(str(bob.address), 300)
        return await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)

    people.world.request = request  # type: ignore[method-assign]
    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "INPUT_NOT_UNSPENT"
    assert (alice.balance_fen, people.paid(order)) == (400, 0)


async def test_an_order_that_somebody_else_paid_is_refused_by_name(people: People) -> None:
    alice, bob = await people.open("alice", 500), await people.open("bob", 500)
    order = await people.order(300)
    await bob.pay_order(order)

    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "ORDER_PAID"
    assert alice.free_fen == 500


async def test_a_payment_that_its_home_has_forgotten_can_be_replaced_after_its_expiry(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)
    people.world.homes[1].prepared.clear()

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED


async def test_every_input_is_opened_by_its_own_lock(people: People) -> None:
    alice = await people.open("alice", 100, 200, 300)

    payment = await alice.pay_order(await people.order(550))

    transaction = Transaction.decode(payment.transaction)
    opened = [witness.lock.id(DOMAIN) for witness in transaction.witnesses]
    assert opened == [spent.coin.lock_id for spent in transaction.body.inputs]
    assert len(set(opened)) == 3
    assert payment.status.lower() == PaymentState.SETTLED
