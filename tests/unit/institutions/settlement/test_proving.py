"""Whoever is paid has the receipt of it, wherever the payer's home is, as soon as somebody asks."""

import base64
import json
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.institution_people import Holder
from tests.institution_world import InstitutionWorld
from tongbao.coin import Receipt
from tongbao.institutions.settlement import proving
from tongbao.kernel import Status
from tongbao.protocol.payment import Payee
from tongbao.protocol.registration import OutcomeAnswer
from tongbao.protocol.wallet import HistoryEntry

BOB = 103
OUTCOMES = "/v1/outcomes/"


@pytest.fixture
async def bob(shop: Holder) -> Holder:
    """A payer of the second institution with some coins."""
    await shop.world.fill_vault(10_000_000, home=2)
    bob = await Holder.open(shop.world, BOB, home=2)
    await bob.fund(500, 500, 500)
    return bob


async def paid(shop: Holder, payer: Holder, amount_fen: int, number: str = "1") -> bytes:
    """The shop is paid for an order with the payer's first coin; the id of the transaction."""
    order = await shop.order(amount_fen, number)
    coin = (await payer.coins())[0]
    preparation = await payer.prepare(Payee(order_id=order.order_id, home=order.home), anchor=coin.coin.coin_id)
    payment = await payer.pay(preparation, [coin])
    assert payment.status == "SETTLED"
    assert payment.transaction_id is not None
    return payment.transaction_id


def demand_proof(world: InstitutionWorld, entry: HistoryEntry, transaction_id: bytes) -> None:
    """The entry's receipt proves with nothing but genesis that the transaction settled."""
    assert entry.receipt is not None
    receipt = Receipt.decode(entry.receipt)
    receipt.verify(world.genesis.domain(), keys=world.genesis.receipt_keys)
    assert (receipt.transaction_id, receipt.status) == (transaction_id, Status.SETTLED)
    assert entry.transaction_id == transaction_id


def asked(world: InstitutionWorld) -> int:
    """How many outcomes the centre was asked for."""
    return sum(OUTCOMES in url for url in world.network.asked)


def bend_outcomes(world: InstitutionWorld, bend: Callable[[OutcomeAnswer], OutcomeAnswer]) -> ASGIApp:
    """Let the centre give out bent outcomes; returns the honest centre."""
    honest = world.network.apps["centre"]

    async def bent(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(OUTCOMES):
            await honest(scope, receive, send)
            return
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await honest(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        await send({**sent[0], "headers": [(b"content-type", b"application/json")]})
        answer = bend(OutcomeAnswer.model_validate_json(body))
        await send({"type": "http.response.body", "body": answer.encode()})

    world.network.apps["centre"] = bent
    return honest


async def test_a_payee_at_the_payers_home_has_the_receipt_of_the_verdict(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(500)
    identity = await paid(shop, alice, 300)

    entry = (await shop.history()).entries[0]

    assert (entry.kind, entry.amount_fen) == ("received", 300)
    demand_proof(shop.world, entry, identity)
    assert asked(shop.world) == 1, "for the issuance's receipt, and for nothing else"


async def test_a_payee_at_another_home_has_the_receipt_once_it_is_asked_for(shop: Holder, bob: Holder) -> None:
    before = asked(shop.world)
    identity = await paid(shop, bob, 300)
    after_payment = asked(shop.world)

    entry = (await shop.history()).entries[0]
    again = (await shop.history()).entries[0]

    assert (entry.kind, entry.amount_fen) == ("received", 300)
    demand_proof(shop.world, entry, identity)
    assert again == entry
    assert (after_payment, asked(shop.world)) == (before, before + 1), "a payment costs no question, a receipt one"


async def test_a_payer_at_another_home_has_the_receipt_of_its_refund(shop: Holder, bob: Holder) -> None:
    order = await shop.order(300)
    coin = (await bob.coins())[0]
    await bob.pay(await bob.prepare(Payee(order_id=order.order_id, home=1), anchor=coin.coin.coin_id), [coin])
    refund = await shop.pay(await shop.prepare(Payee(refund_of=order.order_id), amount_fen=100))

    entry = (await bob.history()).entries[0]

    assert (entry.kind, entry.amount_fen) == ("refund", 100)
    assert refund.transaction_id is not None
    demand_proof(shop.world, entry, refund.transaction_id)


async def test_a_kept_receipt_is_there_after_a_restart_and_without_the_centre(shop: Holder, bob: Holder) -> None:
    world = shop.world
    identity = await paid(shop, bob, 300)
    await shop.history()
    await world.kill(1)
    await world.start(1)
    await world.catch_up()
    before = asked(world)

    entry = (await shop.history()).entries[0]

    demand_proof(world, entry, identity)
    assert asked(world) == before


async def test_a_page_of_many_asks_for_each_receipt_once(shop: Holder, bob: Holder) -> None:
    await bob.fund(*[10] * 12)
    identities = [await paid(shop, bob, 5, f"{number}") for number in range(12)]
    before = asked(shop.world)

    entries = (await shop.history()).entries

    for entry, identity in zip(entries, reversed(identities), strict=True):
        demand_proof(shop.world, entry, identity)
    assert asked(shop.world) == before + 12


async def test_a_silent_centre_leaves_the_page_without_a_receipt_until_it_answers(
    shop: Holder, bob: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "RECEIPTS_WAIT_S", 0.05)
    world = shop.world
    identity = await paid(shop, bob, 300)
    await world.catch_up()
    world.network.troubled, world.network.lose_requests = OUTCOMES, 10**6

    silent = (await shop.history()).entries[0]
    world.network.lose_requests = 0
    entry = (await shop.history()).entries[0]

    assert (silent.amount_fen, silent.transaction_id, silent.receipt) == (300, identity, None)
    demand_proof(world, entry, identity)


def _of(receipt: bytes) -> Callable[[OutcomeAnswer], OutcomeAnswer]:
    return lambda answer: answer.model_copy(update={"receipt": receipt})


def _bit_flipped(answer: OutcomeAnswer) -> OutcomeAnswer:
    assert answer.receipt is not None
    return answer.model_copy(update={"receipt": answer.receipt[:-3] + bytes([answer.receipt[-3] ^ 1]) + b"\0\0"})


@pytest.mark.parametrize("forgery", ["of another", "of a bent signature", "of nothing", "none at all"])
async def test_a_forged_receipt_is_neither_shown_nor_kept(shop: Holder, bob: Holder, forgery: str) -> None:
    world = shop.world
    other = await paid(shop, bob, 200, "other")
    shown = (await shop.history()).entries[0]
    assert (shown.transaction_id, bool(shown.receipt)) == (other, True)
    identity = await paid(shop, bob, 300)
    bends = {
        "of another": _of(shown.receipt or b""),
        "of a bent signature": _bit_flipped,
        "of nothing": _of(b"receipt"),
        "none at all": lambda answer: answer.model_copy(update={"receipt": None}),
    }
    honest = bend_outcomes(world, bends[forgery])

    forged = (await shop.history()).entries
    world.network.apps["centre"] = honest
    entry = (await shop.history()).entries[0]

    assert [(each.transaction_id, each.receipt) for each in forged] == [(identity, None), (other, shown.receipt)]
    demand_proof(world, entry, identity)


async def test_what_never_settled_shows_no_receipt_of_its_refusal(shop: Holder) -> None:
    """The home keeps the receipt of a refusal, which is no receipt of the payment."""
    world = shop.world
    alice = await Holder.open(world, 101)
    await alice.fund(500)
    await paid(shop, alice, 300)
    with_state = "UPDATE history SET state = 'absent' WHERE amount_fen = -300"
    await world.stores[1].write(lambda connection: connection.exec_driver_sql(with_state).rowcount)

    entry = (await alice.history()).entries[0]

    assert (entry.state, entry.receipt) == ("absent", None)


async def test_receipts_go_over_the_wire_in_base64(shop: Holder, bob: Holder) -> None:
    await paid(shop, bob, 300)

    page = await shop.history()

    told = json.loads(page.encode())["entries"][0]["receipt"]
    assert base64.b64decode(told, validate=True) == page.entries[0].receipt
