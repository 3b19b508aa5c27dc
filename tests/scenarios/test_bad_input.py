"""What people and programs get wrong in payments: each is a clear error, and no money moves."""

from dataclasses import dataclass, replace

import pytest

from tests.scenarios.running import LosesPayments, Town
from tongbao.adapters.clock import SystemClock
from tongbao.coin import PublicKey, Submission, Transaction
from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import Payment, PaymentRequest
from tongbao.protocol.registration import SubmissionAnswer, SubmissionRequest
from tongbao.protocol.wallet import Deposit, Exchange, ExchangeRequest
from tongbao.service.key_file import read_key
from tongbao.wallets import InDoubtError, Wallet, WalletPayment, WalletPaymentState

DAY_MS = 86_400_000
ORDER_LIFE_S = 900


@pytest.mark.parametrize("amount_fen", [0, -1, 0.5, 100.5, "1", True])
async def test_a_deposit_of_no_whole_positive_number_of_fen_is_refused(town: Town, amount_fen: object) -> None:
    alice = await town.open("alice")
    message = {"wallet_id": alice.wallet_id.hex(), "amount_fen": amount_fen}

    with pytest.raises(RequestError) as refused:
        await town.connections.as_teller(1).post("/v1/deposits", message, Deposit, idempotency_key="k1")

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "amount_fen")
    assert refused.value.cure
    assert (await alice.account()).deposit_fen == 0


@pytest.mark.parametrize("amount_fen", [0, -1])
async def test_a_wallet_pays_no_amount_that_is_none(town: Town, amount_fen: int) -> None:
    alice = await town.open("alice", 100)
    bob = await town.open("bob")

    with pytest.raises(RequestError) as refused:
        await alice.pay_person(str(bob.address), amount_fen)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "amount_fen")
    assert alice.balance_fen == 100


async def test_a_deposit_for_an_unknown_wallet_is_refused(town: Town) -> None:
    with pytest.raises(RequestError) as refused:
        await town.take_cash(bytes(16), 100)

    assert refused.value.code == "WALLET_UNKNOWN"


@pytest.mark.parametrize("home", [1, 2])
async def test_a_payment_to_an_unknown_wallet_is_refused(town: Town, home: int) -> None:
    alice = await town.open("alice", 100)
    nobody = town.wallet("nobody", home=home)

    with pytest.raises(RequestError) as refused:
        await alice.pay_person(str(nobody.address), 100)

    assert refused.value.code == "WALLET_UNKNOWN"
    assert alice.free_fen == 100


async def test_an_order_that_has_expired_is_not_paid(town: Town) -> None:
    alice = await town.open("alice", 100)
    shop = await town.shop("shop")
    order = await shop.sales.create_order(100, "1", expires_in_s=ORDER_LIFE_S)
    await town.let_time_pass(ORDER_LIFE_S * 1000 + 1)

    with pytest.raises(RequestError) as refused:
        await alice.pay_order(order)

    assert (refused.value.code, bool(refused.value.cure)) == ("ORDER_EXPIRED", True)
    assert (await shop.sales.order(order.order_id)).state is OrderState.EXPIRED
    assert alice.free_fen == 100


async def test_an_order_that_somebody_has_paid_is_not_paid_again(town: Town) -> None:
    alice, bob = await town.open("alice", 100), await town.open("bob", 100)
    shop = await town.shop("shop")
    order = await shop.sales.create_order(100, "1")
    await alice.pay_order(order)

    with pytest.raises(RequestError) as refused:
        await bob.pay_order(order)

    assert refused.value.code == "ORDER_PAID"
    assert (alice.balance_fen, bob.free_fen) == (0, 100)


async def test_a_payer_who_pays_an_order_twice_pays_once(town: Town) -> None:
    alice = await town.open("alice", 200)
    shop = await town.shop("shop")
    order = await shop.sales.create_order(100, "1")

    first, second = await alice.pay_order(order), await alice.pay_order(order)

    assert first.transaction_id == second.transaction_id
    assert alice.balance_fen == 100


async def test_no_more_is_refunded_than_was_paid(town: Town) -> None:
    alice = await town.open("alice", 100)
    shop = await town.shop("shop", 500)
    order = await shop.sales.create_order(100, "1")
    await alice.pay_order(order)
    await shop.refund(order.order_id, 40)

    with pytest.raises(RequestError) as refused:
        await shop.refund(order.order_id, 61)

    assert (refused.value.code, bool(refused.value.cure)) == ("REFUND_TOO_MUCH", True)
    assert (await shop.sales.order(order.order_id)).refunded_fen == 40


async def test_a_double_click_takes_cash_once(town: Town) -> None:
    alice = await town.open("alice")

    first = await town.take_cash(alice.wallet_id, 100, key=f"click-{alice.wallet_id.hex()}")
    second = await town.take_cash(alice.wallet_id, 100, key=f"click-{alice.wallet_id.hex()}")

    assert first == second
    assert (await alice.account()).deposit_fen == 100


async def test_a_double_click_exchanges_once(town: Town) -> None:
    alice = await town.open("alice")
    await town.take_cash(alice.wallet_id, 200)
    key, wallet_id = alice.keys.main, alice.wallet_id.hex()
    client = town.connections.client(_home_url(town), key_id=f"wallet:{wallet_id}", key=key)
    request, path = ExchangeRequest(amount_fen=100), f"/v1/wallets/{wallet_id}/exchanges"

    first = await client.post(path, request, Exchange, idempotency_key="click")
    second = await client.post(path, request, Exchange, idempotency_key="click")

    assert first.exchange_id == second.exchange_id
    assert (await alice.account()).deposit_fen == 100


async def test_one_key_for_two_requests_is_refused(town: Town) -> None:
    alice = await town.open("alice")
    key = f"click-{alice.wallet_id.hex()}"
    await town.take_cash(alice.wallet_id, 100, key=key)

    with pytest.raises(RequestError) as refused:
        await town.take_cash(alice.wallet_id, 101, key=key)

    assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert refused.value.cure
    assert (await alice.account()).deposit_fen == 100


@dataclass(frozen=True)
class Slipped(SystemClock):
    """A clock that is wrong."""

    by_ms: int

    def now_ms(self) -> int:
        return super().now_ms() + self.by_ms


@pytest.mark.parametrize("by_ms", [-DAY_MS, DAY_MS])
async def test_a_clock_that_is_off_by_a_day_is_told_so(town: Town, by_ms: int) -> None:
    connections = replace(town.connections, clock=Slipped(by_ms))

    with pytest.raises(RequestError) as refused:
        await connections.as_teller(1).get("/v1/bank/report", Deposit)

    assert refused.value.code == "SIGNATURE_STALE"
    assert refused.value.field
    assert "clock" in refused.value.cure


async def _signed_and_lost(town: Town, payee: Wallet) -> WalletPayment:
    """A payment of Alice's that only she has; others come to know its bytes."""
    network = LosesPayments()
    try:
        cut_off = town.wallet("alice", network=network)
        assert await cut_off.start()
        with pytest.raises(InDoubtError) as lost:
            await cut_off.pay_person(str(payee.address), 100)
    finally:
        await network.close()
    return lost.value.payment


def _with_a_bad_signature(encoded: bytes) -> bytes:
    transaction = Transaction.decode(encoded)
    bad = replace(transaction.witnesses[0], signature=bytes(64))
    return replace(transaction, witnesses=(bad, *transaction.witnesses[1:])).encode()


async def test_a_copy_with_a_bad_signature_does_not_spoil_a_payment_at_the_centre(town: Town) -> None:
    await town.open("alice", 100)
    bob = await town.open("bob")
    payment = await _signed_and_lost(town, bob)
    copy = _with_a_bad_signature(payment.transaction)

    with pytest.raises(RefusedError) as refused:
        await _submit_as_first_bank(town, bob, copy)
    alice = town.wallet("alice")
    await alice.start()
    resumed = await alice.resume()

    assert (refused.value.code, refused.value.field) == ("SIGNATURE_INVALID", "submission.transactions[0]")
    assert [(each.transaction_id, each.state) for each in resumed] == [
        (payment.transaction_id, WalletPaymentState.SETTLED)
    ]
    assert Transaction.decode(copy).id(alice.keys.domain) == payment.transaction_id


async def _submit_as_first_bank(town: Town, anybody: Wallet, transaction: bytes) -> None:
    endorser = read_key(town.connections.data.root / "institution-1" / "endorser.key")
    submission = Submission.sign(
        anybody.keys.domain,
        (transaction,),
        home=1,
        key=PublicKey.ed25519(endorser.public_key),
        sign=endorser.sign,
    )
    centre = town.connections.client(town.connections.data.network.registration.url, key_id="home:1", key=endorser)
    request = SubmissionRequest(submission=submission.encode())
    key = town.connections.new_key()
    await centre.post("/v1/submissions", request, SubmissionAnswer, idempotency_key=key)


async def test_a_copy_with_a_bad_signature_does_not_spoil_a_payment_at_its_home(town: Town) -> None:
    await town.open("alice", 100)
    bob = await town.open("bob")
    payment = await _signed_and_lost(town, bob)
    copy = PaymentRequest(payment_id=payment.payment_id, transaction=_with_a_bad_signature(payment.transaction))
    bobs = town.connections.client(_home_url(town), key_id=f"wallet:{bob.wallet_id.hex()}", key=bob.keys.main)

    with pytest.raises(RequestError) as refused:
        await bobs.post("/v1/payments", copy, Payment, idempotency_key="copy")
    alice = town.wallet("alice")
    await alice.start()
    resumed = await alice.resume()

    assert refused.value.code in {"NOT_FOUND", "FORBIDDEN"}
    assert [each.state for each in resumed] == [WalletPaymentState.SETTLED]


def _home_url(town: Town) -> str:
    return town.connections.data.institution(1).url
