from dataclasses import replace

import pytest

from tests.builders import INSTITUTIONS
from tests.institution_people import Holder, refusal
from tests.institution_world import home_url
from tongbao.coin import Acceptance, Authorisation
from tongbao.coin.address import Address
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import AcceptanceAnswer, AcceptanceRequest, Payee
from tongbao.protocol.wallet import WalletClass

BOB, CAROL = 103, 104


@pytest.fixture
async def bob(shop: Holder) -> Holder:
    """A payer of the second institution with coins of 500 and 400 fen."""
    await shop.world.fill_vault(10_000_000, home=2)
    bob = await Holder.open(shop.world, BOB, home=2)
    await bob.fund(500, 400)
    return bob


async def test_money_reaches_another_home_by_its_word(shop: Holder, bob: Holder) -> None:
    order = await shop.order(600)

    preparation = await bob.prepare(Payee(order_id=order.order_id, home=1))
    payment = await bob.pay(preparation)

    acceptance = Acceptance.decode(preparation.acceptance or b"")
    assert (acceptance.home, acceptance.expiry_ms) == (1, preparation.expiry_ms)
    assert payment.status == "SETTLED"
    assert (await shop.see(order)).state is OrderState.PAID
    assert [each.coin.value for each in await shop.coins()] == [600]
    assert ((await bob.account()).balance_fen, (await shop.account()).balance_fen) == (300, 600)
    assert (await shop.history()).entries[0].amount_fen == 600
    assert all([(await shop.world.report(home)).balanced for home in (1, 2)])


async def test_asked_again_with_the_same_anchor_the_other_home_gives_the_same_word(shop: Holder, bob: Holder) -> None:
    order = await shop.order(600)

    first, again = [await bob.prepare(Payee(order_id=order.order_id, home=1)) for _ in range(2)]

    assert first == again


async def test_another_payer_waits_until_the_word_has_lapsed(shop: Holder, bob: Holder) -> None:
    order = await shop.order(300)
    alice = await Holder.open(shop.world, 101)
    await alice.fund(500)
    await bob.prepare(Payee(order_id=order.order_id, home=1))
    at_once = await refusal(alice.prepare(Payee(order_id=order.order_id)))

    await shop.world.pass_time(PREPARATION_MS + 1)

    assert (at_once, await refusal(alice.prepare(Payee(order_id=order.order_id)))) == ("ORDER_RESERVED", "")


async def test_reasons_of_the_payees_home_reach_the_payer(shop: Holder, bob: Holder) -> None:
    order = await shop.order(600)
    await bob.pay_order(order)
    expired = await shop.order(100, "2", expires_in_s=1)
    await shop.world.pass_time(1_001)
    (coin,) = await bob.coins()
    anchor = coin.coin.coin_id

    refused = [
        await refusal(bob.prepare(Payee(order_id=order.order_id, home=1), anchor=anchor)),
        await refusal(bob.prepare(Payee(order_id=expired.order_id, home=1), anchor=anchor)),
        await refusal(bob.prepare(Payee(order_id="0" * 32, home=1), anchor=anchor)),
        await refusal(bob.prepare(Payee(order_id="../x", home=1), anchor=anchor)),
    ]

    assert refused == ["ORDER_PAID", "ORDER_EXPIRED", "NOT_FOUND", "NOT_FOUND"]


async def test_a_person_at_another_home_is_paid_by_address(shop: Holder, bob: Holder) -> None:
    address = str(Address(1, shop.wallet_id, test_network=True))
    preparation = await bob.prepare(Payee(address=address), amount_fen=500)

    await bob.pay(preparation, (await bob.coins())[:1])

    assert (await shop.account()).balance_fen == 500
    assert (await bob.history()).entries[0].counterparty == address


async def test_the_payees_limit_is_kept_by_the_payees_home(shop: Holder, bob: Holder) -> None:
    await bob.fund(1_000_000, 1)
    carol = await Holder.open(shop.world, CAROL, wallet_class=WalletClass.IV)
    address = str(Address(1, carol.wallet_id, test_network=True))
    *_, large, small = [each.coin.coin_id for each in await bob.coins()]
    promised = await refusal(bob.prepare(Payee(address=address), amount_fen=1_000_000, anchor=large))

    too_much = await refusal(bob.prepare(Payee(address=address), amount_fen=1, anchor=small))

    assert (promised, too_much) == ("", "LIMIT_BALANCE")


async def test_an_acceptance_is_carried_as_it_was_given_or_the_payment_is_refused(shop: Holder, bob: Holder) -> None:
    preparation = await bob.prepare(Payee(order_id=(await shop.order(300)).order_id, home=1))
    coins = (await bob.coins())[:1]
    body = bob.body(preparation, coins)
    without = replace(body, authorisations=())
    twice = replace(body, authorisations=body.authorisations * 2)

    refused = [await refusal(bob.send(preparation, bob.sign(each, coins))) for each in (without, twice)]

    assert refused == ["PAYMENT_DIFFERS", "ACCEPTANCE_INVALID"]


async def test_a_payment_at_home_carries_no_acceptance(shop: Holder, bob: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    (coin,) = await alice.fund(500)
    word = Acceptance.decode(
        (await bob.prepare(Payee(order_id=(await shop.order(300)).order_id, home=1))).acceptance or b""
    )
    preparation = await alice.prepare(Payee(order_id=(await shop.order(300, "2")).order_id))
    body = replace(alice.body(preparation, [coin]), authorisations=(Authorisation.of(word),))

    assert await refusal(alice.send(preparation, alice.sign(body, [coin]))) == "ACCEPTANCE_INVALID"


async def test_a_home_asks_for_itself_alone(shop: Holder) -> None:
    request = AcceptanceRequest(order_id="0" * 32, anchor=bytes(32), payer_home=2, payer_handle="x")
    as_home_1 = shop.world.client(home_url(1), "home:1", INSTITUTIONS[1])
    as_stranger = shop.world.client(home_url(1), "home:2", INSTITUTIONS[1])

    refused = [
        await refusal(client.post("/v1/acceptances", request, AcceptanceAnswer, idempotency_key="a"))
        for client in (as_home_1, as_stranger)
    ]

    assert refused == ["FORBIDDEN", "SIGNATURE_INVALID"]


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"order_id": "0" * 32, "address": "tbt1"},
        {"address": "tbt1"},
        {"refund_handle": "00"},
    ],
)
async def test_a_home_says_whom_and_how_much(shop: Holder, named: dict[str, str]) -> None:
    request = AcceptanceRequest.model_validate({"anchor": "00" * 32, "payer_home": 2, "payer_handle": "x", **named})
    client = shop.world.client(home_url(1), "home:2", INSTITUTIONS[2])

    refused = await refusal(client.post("/v1/acceptances", request, AcceptanceAnswer, idempotency_key="a"))

    assert refused == "INVALID_FIELD"


async def test_a_refund_is_accepted_for_a_payment_to_the_asking_home_alone(shop: Holder, bob: Holder) -> None:
    preparation = await bob.prepare(Payee(order_id=(await shop.order(300)).order_id, home=1))
    await bob.pay(preparation, (await bob.coins())[:1])
    asked = {"anchor": "00" * 32, "payer_home": 1, "payer_handle": "x", "amount_fen": 1}
    client = shop.world.client(home_url(2), "home:1", INSTITUTIONS[1])

    refused = [
        await refusal(
            client.post(
                "/v1/acceptances",
                AcceptanceRequest.model_validate({**asked, **named}),
                AcceptanceAnswer,
                idempotency_key=shop.world.new_key(),
            )
        )
        for named in (
            {"refund_handle": "00" * 16},
            {"refund_handle": "zz"},
            {"refund_handle": preparation.payment_id, "amount_fen": 301},
            {"refund_handle": preparation.payment_id},
        )
    ]

    assert refused == ["NOT_FOUND", "NOT_FOUND", "REFUND_TOO_MUCH", ""]
