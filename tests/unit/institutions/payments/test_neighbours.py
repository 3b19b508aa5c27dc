from collections.abc import Callable, Mapping

import pytest

from tests.builders import DOMAIN, INSTITUTIONS, bytes32, public_key, signer
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.adapters.network import Answer
from tongbao.coin import Acceptance, AcceptedLock
from tongbao.coin.address import Address
from tongbao.errors import NetworkError, PeerError
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.protocol.order import Order
from tongbao.protocol.payment import AcceptanceAnswer, Payee, Preparation, PrepareRequest
from tongbao.protocol.registration import HeartbeatRequest
from tongbao.protocol.wire import Message

BOB = 103
AN_HOUR_MS = 3_600_000
FAR_MS = 2**62


@pytest.fixture
async def bob(shop: Holder) -> Holder:
    """A payer of the second institution with a coin of 500 fen."""
    await shop.world.fill_vault(1_000_000, home=2)
    bob = await Holder.open(shop.world, BOB, home=2)
    await bob.fund(500)
    return bob


def bend(world: InstitutionWorld, path: str, lie: Callable[[bytes], Message]) -> None:
    """Let the first institution answer a lie made of its honest answer."""
    deliver = world.network.request

    async def request(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        answer = await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)
        if path in url and url.startswith("http://home1"):
            return Answer(200, answer.headers, lie(answer.body).encode())
        return answer

    world.network.request = request  # type: ignore[method-assign]


def other_word(**changes: object) -> Callable[[bytes], Message]:
    """The acceptance signed over other terms."""

    def lie(body: bytes) -> Message:
        answer = AcceptanceAnswer.model_validate_json(body)
        word = Acceptance.decode(answer.acceptance)
        terms: dict[str, object] = {
            "home": word.home,
            "anchor": word.anchor,
            "expiry_ms": word.expiry_ms,
            "locks": word.locks,
            **changes,
        }
        unsigned = Acceptance(**terms, key=public_key(INSTITUTIONS[1]), signature=b"")  # type: ignore[arg-type]
        digest = unsigned.signing_digest(DOMAIN)
        signed = Acceptance(
            **terms,  # type: ignore[arg-type]
            key=public_key(INSTITUTIONS[1]),
            signature=signer(INSTITUTIONS[1]).sign(digest),
        )
        return answer.model_copy(update={"acceptance": signed.encode()})

    return lie


def changed(**changes: object) -> Callable[[bytes], Message]:
    return lambda body: AcceptanceAnswer.model_validate_json(body).model_copy(update=changes)


def endless(body: bytes) -> Message:
    """An acceptance, and terms, that outlive what any batch takes."""
    return changed(expiry_ms=FAR_MS)(other_word(expiry_ms=FAR_MS)(body).encode())


LIES = [
    endless,
    other_word(home=2),
    other_word(anchor=bytes32(1)),
    other_word(expiry_ms=1),
    other_word(locks=(AcceptedLock(bytes32(1), 0, 300),)),
    changed(acceptance=b"nothing"),
    changed(amount_fen=299),
    changed(payee_wallet_id=bytes(16)),
    changed(expiry_ms=2**62),
]


@pytest.mark.parametrize("lie", LIES)
async def test_a_word_that_does_not_fit_what_was_asked_is_never_signed_for(
    shop: Holder, bob: Holder, lie: Callable[[bytes], Message]
) -> None:
    order = await shop.order(300)
    bend(shop.world, "/v1/acceptances", lie)

    with pytest.raises(PeerError):
        await bob.prepare(Payee(order_id=order.order_id, home=1), amount_fen=300)

    assert (await bob.account()).balance_fen == 500


async def test_another_order_than_the_one_that_was_asked_for_is_no_answer(shop: Holder, bob: Holder) -> None:
    order = await shop.order(300)
    bend(
        shop.world,
        "/v1/orders",
        lambda body: Order.model_validate_json(body).model_copy(update={"order_id": "0" * 32}),
    )

    with pytest.raises(PeerError, match="another order"):
        await bob.client.get(f"/v1/homes/1/orders/{order.order_id}", Order)


async def test_a_neighbour_that_is_away_is_not_a_refusal(
    shop: Holder, bob: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order(300)
    await shop.world.kill(1)

    async def no_pause(_seconds: float) -> None:
        """Pauses between attempts pass at once."""

    monkeypatch.setattr(shop.world.clock, "sleep", no_pause)

    with pytest.raises(NetworkError, match="nobody answers"):
        await bob.prepare(Payee(order_id=order.order_id, home=1))


async def let_time_pass(world: InstitutionWorld, milliseconds: int) -> None:
    """Let ledger time go on, and no home hear of it."""
    await world.centre.heartbeat(HeartbeatRequest(time_ms=world.now_ms + milliseconds))


async def test_a_home_that_has_heard_nothing_for_long_judges_by_the_time_of_whoever_asks(
    shop: Holder, bob: Holder
) -> None:
    order = await shop.order(300, expires_in_s=900)
    await let_time_pass(shop.world, 900_001)

    refused = await refusal(bob.prepare(Payee(order_id=order.order_id, home=1)))
    payment = await bob.pay(await bob.prepare(Payee(address=str(address_of(shop))), amount_fen=300))

    assert (refused, payment.status) == ("ORDER_EXPIRED", "SETTLED")


async def test_a_neighbour_that_knows_no_more_is_asked_without_any_delay(shop: Holder, bob: Holder) -> None:
    order, (coin, *_) = await shop.order(300), await bob.coins()
    await shop.world.catch_up()
    shop.world.network.asked.clear()

    await bob.prepare(Payee(order_id=order.order_id, home=1), anchor=coin.coin.coin_id)

    assert [url for url in shop.world.network.asked if "/v1/status" in url] == []


async def test_terms_of_a_neighbour_that_is_hours_ahead_are_those_of_the_ledgers_time(
    shop: Holder, bob: Holder
) -> None:
    order, anchor = await shop.order(300, expires_in_s=24 * 3600), (await bob.coins())[0].coin.coin_id
    await let_time_pass(shop.world, 2 * AN_HOUR_MS)
    await shop.account()  # the shop's home alone has heard
    behind_ms = shop.world.homes[2]._parts.premises.ledger.time_ms
    request = PrepareRequest(payee=Payee(order_id=order.order_id, home=1), anchor=anchor)

    path, key = "/v1/payments/prepare", shop.world.new_key()
    preparation = await bob.client.post(path, request, Preparation, idempotency_key=key)

    assert behind_ms < preparation.time_ms == shop.world.now_ms
    assert 0 < preparation.expiry_ms - preparation.time_ms <= AN_HOUR_MS
    assert (await bob.pay(preparation)).status == "SETTLED"


@pytest.mark.parametrize("home", [1, 2])
async def test_an_order_whose_payer_has_lapsed_is_free_as_soon_as_anybody_asks(
    shop: Holder, bob: Holder, home: int
) -> None:
    """Nobody told the shop's home that the time of the first payer is over, and that nothing of him came."""
    order = await shop.order(300)
    await bob.prepare(Payee(order_id=order.order_id, home=1))
    second = await Holder.open(shop.world, 105, home=home)
    await second.fund(300)
    taken = await refusal(second.prepare(Payee(order_id=order.order_id, home=1)))
    await let_time_pass(shop.world, PREPARATION_MS + 1)

    payment = await second.pay_order(order)

    assert (taken, payment.status) == ("ORDER_RESERVED", "SETTLED")


def address_of(holder: Holder) -> Address:
    return Address(holder.home, holder.wallet_id, test_network=True)
