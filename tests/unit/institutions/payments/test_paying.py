import asyncio
from dataclasses import replace

import pytest

from tests.builders import bytes32, signer
from tests.institution_people import Holder, refusal
from tests.institution_world import home_url
from tongbao.coin import Coin, Kind, Receipt, Transaction, Witness
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.kernel import Status
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import Payee, Payment, PaymentState
from tongbao.protocol.wallet import WalletClass, WalletCoin

ALICE, BOB = 101, 103


@pytest.fixture
async def alice(shop: Holder) -> Holder:
    """A payer of the same home with coins of 500 and 400 fen."""
    alice = await Holder.open(shop.world, ALICE)
    await alice.fund(500, 400)
    return alice


async def test_a_payment_settles_with_a_receipt_that_anyone_can_check(shop: Holder, alice: Holder) -> None:
    order = await shop.order(600)

    payment = await alice.pay_order(order)

    receipt = Receipt.decode(payment.receipt or b"")
    receipt.verify(shop.world.genesis.domain(), keys=shop.world.genesis.receipt_keys)
    assert (payment.state, payment.status) == (PaymentState.SETTLED, Status.SETTLED.name)
    assert receipt.transaction_id == payment.transaction_id


async def test_payer_and_payee_see_the_money_at_once(shop: Holder, alice: Holder) -> None:
    order = await shop.order(600)

    await alice.pay_order(order)

    assert [each.coin.value for each in await alice.coins()] == [300]
    assert [each.coin.value for each in await shop.coins()] == [600]
    assert ((await alice.account()).balance_fen, (await shop.account()).balance_fen) == (300, 600)
    assert (await shop.see(order)).state is OrderState.PAID


async def test_a_payment_goes_on_where_its_payer_leaves_while_it_is_recorded(shop: Holder, alice: Holder) -> None:
    order = await shop.order(600)
    preparation, coins = await alice.prepare(Payee(order_id=order.order_id)), await alice.coins()
    disk = shop.world.slow_disk()
    asking = asyncio.ensure_future(alice.pay(preparation, coins))
    await shop.world.until(disk.is_writing)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    disk.go_on()

    seen = await shop.world.eventually(lambda: shop.see(order), lambda order: order.state is OrderState.PAID)
    assert seen.paid_at_ms is not None
    assert (await alice.account()).balance_fen == 300


async def test_both_sides_find_the_payment_in_their_histories(shop: Holder, alice: Holder) -> None:
    await alice.pay_order(await shop.order(600, "A7"))

    paid, received = (await alice.history()).entries[0], (await shop.history()).entries[0]

    assert (paid.kind, paid.amount_fen, paid.counterparty, paid.state) == ("payment", -600, "Tea", "settled")
    assert (received.kind, received.amount_fen, received.counterparty) == ("received", 600, "A7")
    assert paid.transaction_id == received.transaction_id
    assert paid.receipt == received.receipt is not None


async def test_the_same_bytes_again_have_the_same_answer(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(600)).order_id))
    coins = await alice.coins()
    transaction = alice.sign(alice.body(preparation, coins), coins)

    answers = [await alice.send(preparation, transaction) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert (await shop.account()).balance_fen == 600


async def test_a_double_click_pays_once(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(600)).order_id))
    coins = await alice.coins()
    transaction = alice.sign(alice.body(preparation, coins), coins)

    answers = await asyncio.gather(*[alice.send(preparation, transaction) for _ in range(5)])

    assert {answer.status for answer in answers} == {"SETTLED"}
    assert len({answer.transaction_id for answer in answers}) == 1
    assert (await shop.account()).balance_fen == 600


async def test_another_transaction_for_a_signed_payment_is_refused(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    first, second = await alice.coins()
    await alice.pay(preparation, [first])

    refused = await refusal(alice.pay(preparation, [first, second]))

    assert refused == "PAYMENT_SIGNED"


async def test_a_payment_of_another_wallet_is_not_found(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = await alice.coins()
    transaction = alice.sign(alice.body(preparation, coins), coins)
    bob = await Holder.open(shop.world, BOB)

    refused = await refusal(bob.send(preparation, transaction))

    assert refused == "NOT_FOUND"


@pytest.mark.parametrize("payment_id", ["0" * 32, "zz", "A" * 32])
async def test_a_payment_that_was_never_prepared_is_not_found(alice: Holder, payment_id: str) -> None:
    assert await refusal(alice.client.get(f"/v1/payments/{payment_id}", Payment)) == "NOT_FOUND"


async def test_a_payment_is_prepared_before_it_is_settled(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    path = f"/v1/payments/{preparation.payment_id}"
    before = await alice.client.get(path, Payment)

    settled = await alice.pay(preparation)

    assert (before.state, before.transaction_id) == (PaymentState.PREPARED, None)
    assert await alice.client.get(path, Payment) == settled


# --- a transaction that is not the one that was prepared --------------------------------------------------------------


async def test_a_copy_with_a_bad_signature_sent_first_consumes_nothing(shop: Holder) -> None:
    payer = await Holder.open(shop.world, ALICE, wallet_class=WalletClass.IV)
    await payer.fund(200_000)
    preparation = await payer.prepare(Payee(order_id=(await shop.order(200_000)).order_id))
    coins = await payer.coins()
    good = payer.sign(payer.body(preparation, coins), coins)
    bad = Transaction(good.body, tuple(Witness(w.lock, w.path, bytes(64)) for w in good.witnesses))

    refused = await refusal(payer.send(preparation, bad))

    assert refused == Status.SIGNATURE_INVALID.name
    assert (await payer.send(preparation, good)).status == "SETTLED"


@pytest.mark.parametrize("change", [{"expiry_ms": 1}, {"reference": bytes32(9)}])
async def test_what_was_prepared_is_what_must_be_signed(shop: Holder, alice: Holder, change: dict[str, object]) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = await alice.coins()
    body = replace(alice.body(preparation, coins), **change)  # type: ignore[arg-type]

    refused = await refusal(alice.send(preparation, alice.sign(body, coins)))

    assert refused == "PAYMENT_DIFFERS"


async def outputs_refused(alice: Holder, shop: Holder, *outputs: Coin) -> str:
    """How a payment of a 300 fen order with these outputs instead is refused."""
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = (await alice.coins())[:1]
    body = replace(alice.body(preparation, coins), outputs=outputs)
    return await refusal(alice.send(preparation, alice.sign(body, coins)))


async def test_the_payee_must_be_paid_in_full_by_one_output(shop: Holder, alice: Holder) -> None:
    order_lock = (await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))).proof.lock_id
    own = alice.new_lock()

    refused = [
        await outputs_refused(alice, shop, Coin(0, 299, 1, order_lock), Coin(0, 201, 1, own)),
        await outputs_refused(
            alice, shop, Coin(0, 150, 1, order_lock), Coin(0, 150, 1, order_lock), Coin(0, 200, 1, own)
        ),
        await outputs_refused(alice, shop, Coin(0, 500, 1, own)),
        await outputs_refused(alice, shop, Coin(0, 300, 2, order_lock), Coin(0, 200, 1, own)),
        await outputs_refused(alice, shop, Coin(0, 300, 1, order_lock), Coin(0, 200, 2, own)),
    ]

    assert refused == ["PAYMENT_DIFFERS"] * 5


async def test_the_anchor_must_be_spent(shop: Holder, alice: Holder) -> None:
    first, second = await alice.coins()
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id), anchor=first.coin.coin_id)

    assert await refusal(alice.pay(preparation, [second])) == "PAYMENT_DIFFERS"


async def test_coins_of_another_wallet_are_not_spent_even_by_their_owner(shop: Holder, alice: Holder) -> None:
    bob = await Holder.open(shop.world, BOB)
    (his,) = await bob.fund(1000)
    preparation = await alice.prepare(Payee(order_id=(await shop.order(1200)).order_id))
    mine = (await alice.coins())[0]
    body = alice.body(preparation, [mine, his])
    (own,) = alice.sign(body, [mine]).witnesses
    (foreign,) = bob.sign(body, [his]).witnesses

    refused = await refusal(alice.send(preparation, Transaction(body, (own, foreign))))

    assert refused == Status.INPUT_NOT_UNSPENT.name


async def test_change_does_not_go_to_a_lock_of_somebody_else(shop: Holder, alice: Holder) -> None:
    other_order = await alice.prepare(Payee(order_id=(await shop.order(100, "2")).order_id))
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = (await alice.coins())[:1]
    gift = Coin(0, 200, 1, other_order.proof.lock_id)

    refused = await refusal(alice.send(preparation, alice.sign(alice.body(preparation, coins, extra=[gift]), coins)))

    assert refused == "PAYMENT_DIFFERS"


async def test_what_is_no_transaction_is_refused(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))

    assert await refusal(alice.send(preparation, b"nonsense")) == Status.MALFORMED.name


async def test_only_transfers_are_payments(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = await alice.coins()
    body = replace(alice.body(preparation, coins), kind=Kind.REDEEM, outputs=())

    assert await refusal(alice.send(preparation, alice.sign(body, coins))) == "PAYMENT_DIFFERS"


async def test_an_expired_preparation_is_not_signed_any_more(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    await shop.world.pass_time(PREPARATION_MS + 1)

    assert await refusal(alice.pay(preparation)) == Status.EXPIRED.name


async def test_a_settled_payment_keeps_its_answer_after_its_expiry(shop: Holder, alice: Holder) -> None:
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = await alice.coins()
    transaction = alice.sign(alice.body(preparation, coins), coins)
    settled = await alice.send(preparation, transaction)
    await shop.world.pass_time(PREPARATION_MS + 1)

    again = await alice.send(preparation, transaction)

    assert again == settled


# --- limits -----------------------------------------------------------------------------------------------------------


async def payer_of_class_iv(shop: Holder, *amounts_fen: int) -> tuple[Holder, list[WalletCoin]]:
    payer = await Holder.open(shop.world, BOB, wallet_class=WalletClass.IV)
    return payer, await payer.fund(*amounts_fen)


async def pays(payer: Holder, shop: Holder, amount_fen: int, number: str, coins: list[WalletCoin]) -> str:
    """SETTLED, or the code of what refuses the payment of a new order with just these coins."""
    order = await shop.order(amount_fen, number)
    try:
        preparation = await payer.prepare(Payee(order_id=order.order_id), anchor=coins[0].coin.coin_id)
        return (await payer.pay(preparation, coins)).status
    except Exception as error:  # noqa: BLE001 - its code is the answer
        return str(getattr(error, "code", error))


async def test_a_day_has_so_much_room_and_a_refused_payment_uses_none_of_it(shop: Holder) -> None:
    payer, coins = await payer_of_class_iv(shop, 200_000, 200_000, 150_000, 100_000)

    answers = [
        await pays(payer, shop, amount, str(number), [coins[number]])
        for number, amount in enumerate((200_000, 200_000, 150_000, 100_000))
    ]

    assert answers == ["SETTLED", "SETTLED", "LIMIT_DAY", "SETTLED"]


async def test_the_next_day_has_new_room(shop: Holder) -> None:
    payer, coins = await payer_of_class_iv(shop, 200_000, 200_000, 200_000)
    await pays(payer, shop, 200_000, "1", coins[:1])
    await pays(payer, shop, 200_000, "2", coins[1:2])
    same_day = await pays(payer, shop, 200_000, "3", coins[2:])

    await shop.world.pass_time(86_400_000)

    assert (same_day, await pays(payer, shop, 200_000, "4", coins[2:])) == ("LIMIT_DAY", "SETTLED")


async def test_parallel_payments_of_one_wallet_do_not_slip_past_a_limit(shop: Holder) -> None:
    payer, coins = await payer_of_class_iv(shop, *[150_000] * 6)
    orders = [await shop.order(150_000, str(number)) for number in range(6)]
    preparations = [
        await payer.prepare(Payee(order_id=order.order_id), anchor=coin.coin.coin_id)
        for order, coin in zip(orders, coins, strict=True)
    ]

    async def pay(number: int) -> str:
        return await refusal(payer.pay(preparations[number], [coins[number]]))

    refused = await asyncio.gather(*[pay(number) for number in range(6)])

    assert sorted(refused) == ["", "", "", "LIMIT_DAY", "LIMIT_DAY", "LIMIT_DAY"]
    assert (await shop.account()).balance_fen == 450_000


async def test_money_to_ones_own_deposit_is_no_payment(shop: Holder) -> None:
    payer, coins = await payer_of_class_iv(shop, 400_000, 500_000)
    for coin in coins:
        preparation = await payer.prepare(Payee(deposit=True), amount_fen=coin.coin.value, anchor=coin.coin.coin_id)
        await payer.pay(preparation, [coin])

    account = await payer.account()

    assert (account.balance_fen, account.deposit_fen) == (0, 900_000)
    assert (await shop.world.report()).balanced


async def test_the_wallets_key_is_no_key_of_the_homes(shop: Holder, alice: Holder) -> None:
    """A home that signs for its customer is found out by the kernel's first stage."""
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300)).order_id))
    coins = await alice.coins()
    body = alice.body(preparation, coins)
    own = alice.sign(body, coins)
    forged = Transaction(body, tuple(replace(w, signature=signer(11).sign(b"")) for w in own.witnesses))

    client = shop.world.client(home_url(1), f"wallet:{alice.wallet_id.hex()}", 11)

    assert await refusal(client.get(alice.path, Payment)) == "SIGNATURE_INVALID"
    assert await refusal(alice.send(preparation, forged)) == Status.SIGNATURE_INVALID.name
