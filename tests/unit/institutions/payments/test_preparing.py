import pytest

from tests.institution_people import Holder, refusal
from tongbao.coin.address import Address
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.protocol.payment import Payee
from tongbao.protocol.wallet import WalletClass

ALICE, BOB = 101, 103


@pytest.fixture
async def alice(shop: Holder) -> Holder:
    """A payer of the same home with coins of 500 and 400 fen."""
    alice = await Holder.open(shop.world, ALICE)
    await alice.fund(500, 400)
    return alice


async def test_a_preparation_says_what_the_payment_must_carry(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)

    preparation = await alice.prepare(Payee(order_id=order.order_id, home=1))

    assert (preparation.amount_fen, preparation.payee_home) == (300, 1)
    assert preparation.payee_wallet_id == shop.wallet_id
    assert preparation.expiry_ms == shop.world.now_ms + PREPARATION_MS
    assert preparation.acceptance is None
    preparation.proof.verify(shop.world.genesis.domain(), wallet_id=shop.wallet_id)


async def test_asked_again_with_the_same_anchor_the_answer_is_the_same(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)

    first, again = [await alice.prepare(Payee(order_id=order.order_id)) for _ in range(2)]

    assert again == first


async def test_a_second_preparation_waits_until_the_first_can_no_longer_settle(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)
    first, second = [each.coin.coin_id for each in await alice.coins()]
    await alice.prepare(Payee(order_id=order.order_id), anchor=first)
    at_once = await refusal(alice.prepare(Payee(order_id=order.order_id), anchor=second))
    await shop.world.pass_time(PREPARATION_MS)
    at_expiry = await refusal(alice.prepare(Payee(order_id=order.order_id), anchor=second))

    await shop.world.pass_time(1)
    later = await refusal(alice.prepare(Payee(order_id=order.order_id), anchor=second))

    assert (at_once, at_expiry, later) == ("ORDER_RESERVED", "ORDER_RESERVED", "")


async def test_after_its_expiry_the_same_anchor_gets_a_later_preparation(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)
    first = await alice.prepare(Payee(order_id=order.order_id))
    await shop.world.pass_time(PREPARATION_MS + 1)

    second = await alice.prepare(Payee(order_id=order.order_id))

    assert second.expiry_ms > first.expiry_ms
    assert second.proof == first.proof


async def test_a_preparation_ends_with_its_order(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300, expires_in_s=5)

    preparation = await alice.prepare(Payee(order_id=order.order_id))

    assert preparation.expiry_ms == order.expires_at_ms


async def test_an_expired_order_is_not_payable(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300, expires_in_s=5)
    await shop.world.pass_time(5_001)

    assert await refusal(alice.prepare(Payee(order_id=order.order_id))) == "ORDER_EXPIRED"


async def test_a_paid_order_is_not_payable_again(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)
    first, second = await alice.coins()
    payee = Payee(order_id=order.order_id)
    await alice.pay(await alice.prepare(payee, anchor=first.coin.coin_id), [first])

    assert await refusal(alice.prepare(payee, anchor=second.coin.coin_id)) == "ORDER_PAID"


async def test_an_anchor_must_be_the_payers_own_and_unspent(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)
    bob = await Holder.open(shop.world, BOB)
    spent = (await alice.coins())[0].coin.coin_id
    await alice.pay_order(await shop.order(900, "all"))
    payee = Payee(order_id=order.order_id)

    refused = [
        await refusal(bob.prepare(payee, anchor=spent)),
        await refusal(alice.prepare(payee, anchor=bytes(32))),
        await refusal(alice.prepare(payee, anchor=spent)),
    ]

    assert refused == ["ANCHOR_UNKNOWN", "ANCHOR_UNKNOWN", "ANCHOR_SPENT"]


async def test_an_order_is_paid_with_its_own_amount(shop: Holder, alice: Holder) -> None:
    order = await shop.order(300)

    refused = await refusal(alice.prepare(Payee(order_id=order.order_id), amount_fen=299))

    assert refused == "INVALID_FIELD"


@pytest.mark.parametrize(
    "payee",
    [
        Payee(),
        Payee(deposit=True, order_id="0" * 32),
        Payee(home=2, deposit=True),
        Payee(home=9, order_id="0" * 32),
        Payee(deposit=True),
    ],
)
async def test_a_payee_is_named_in_just_one_way(alice: Holder, payee: Payee) -> None:
    assert await refusal(alice.prepare(payee)) == "INVALID_FIELD"


async def test_a_person_is_paid_by_address(shop: Holder, alice: Holder) -> None:
    address = str(Address(1, shop.wallet_id, test_network=True))

    first, again = [await alice.prepare(Payee(address=address), amount_fen=200) for _ in range(2)]

    assert first == again
    first.proof.verify(shop.world.genesis.domain(), wallet_id=shop.wallet_id)
    assert (await shop.account()).locks_left == 3


async def test_an_address_of_another_network_is_refused(shop: Holder, alice: Holder) -> None:
    address = str(Address(1, shop.wallet_id, test_network=False))

    assert await refusal(alice.prepare(Payee(address=address), amount_fen=200)) == "INVALID_FIELD"


async def test_an_address_with_a_wrong_character_is_refused(shop: Holder, alice: Holder) -> None:
    address = str(Address(1, shop.wallet_id, test_network=True))[:-1] + "b"

    assert await refusal(alice.prepare(Payee(address=address), amount_fen=200)) == "ADDRESS_INVALID"


async def test_an_unknown_wallet_is_not_paid(alice: Holder) -> None:
    address = str(Address(1, bytes(16), test_network=True))

    assert await refusal(alice.prepare(Payee(address=address), amount_fen=200)) == "WALLET_UNKNOWN"


async def test_what_a_limit_refuses_reserves_nothing(shop: Holder, alice: Holder) -> None:
    poor = await Holder.open(shop.world, BOB, wallet_class=WalletClass.IV)
    await poor.fund(100)
    order = await shop.order(200_001)

    refused = await refusal(poor.prepare(Payee(order_id=order.order_id)))

    assert refused == "LIMIT_SINGLE"
    assert await refusal(alice.prepare(Payee(order_id=order.order_id))) == ""


async def test_a_payee_may_not_be_paid_more_than_it_may_hold(alice: Holder) -> None:
    bob = await Holder.open(alice.world, BOB, wallet_class=WalletClass.IV)
    coins = await alice.fund(999_900, 100, 1)
    address = str(Address(1, bob.wallet_id, test_network=True))
    first, second, third = [each.coin.coin_id for each in coins]
    await alice.pay(await alice.prepare(Payee(address=address), amount_fen=999_900, anchor=first), [coins[0]])

    promised = await refusal(alice.prepare(Payee(address=address), amount_fen=100, anchor=second))
    too_much = await refusal(alice.prepare(Payee(address=address), amount_fen=1, anchor=third))
    await alice.world.pass_time(PREPARATION_MS + 1)
    forgotten = await refusal(alice.prepare(Payee(address=address), amount_fen=1, anchor=third))

    assert (promised, too_much, forgotten) == ("", "LIMIT_BALANCE", "")
