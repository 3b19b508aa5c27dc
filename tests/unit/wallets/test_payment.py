"""A wallet signs what its holder wants to pay, and nothing else that a home may prepare."""

from collections.abc import Callable

import pytest

from tests.builders import bytes32, key_lock
from tests.home_desk import open_proof
from tests.wallet_people import (
    People,
    bend,
    sent_payments,
)
from tests.wallet_world import World
from tongbao.errors import PeerError
from tongbao.protocol.payment import Preparation
from tongbao.protocol.wire import Message
from tongbao.wallets import Wallet


async def demand_refused(people: People, wallet: Wallet, message: str) -> None:
    """Pay an order of 300 and see that nothing is signed, kept, sent or held."""
    free_fen = wallet.free_fen
    order = await people.order(300)
    with pytest.raises(PeerError, match=message):
        await wallet.pay_order(order)
    assert await wallet.payments() == []
    assert sent_payments(people.world) == set()
    assert wallet.free_fen == free_fen


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount_fen": 301}, "301 fen instead of 300"),
        ({"payee_home": 2}, "to home 2 instead of 1"),
        ({"payee_wallet_id": bytes(16)}, "to another wallet"),
        ({"payee_wallet_id": None}, "to another wallet"),
        ({"expiry_ms": 0}, "until 0"),
        ({"expiry_ms": 2**62}, "until 4611686018427387904"),
        ({"acceptance": b"x"}, "with an acceptance"),
        ({"payment_id": "../wallets"}, "its id is none"),
    ],
)
async def test_a_preparation_of_another_payment_is_not_signed(
    people: People, changes: dict[str, object], message: str
) -> None:
    alice = await people.open("alice", 500)
    bend(people.world, Preparation, **changes)

    await demand_refused(people, alice, message)


async def test_a_lock_that_is_not_the_payees_is_not_paid(people: People) -> None:
    alice = await people.open("alice", 500)
    bend(people.world, Preparation, proof=open_proof(key_lock(999)))

    await demand_refused(people, alice, "a lock that is not the payee's")


async def test_a_lock_beside_the_payees_stock_is_not_paid(people: People) -> None:
    alice = await people.open("alice", 500)

    def bent(_path: str, answer: Message) -> Message:
        if not isinstance(answer, Preparation):
            return answer
        forged = answer.proof.model_copy(update={"lock_id": bytes32(5)})
        return answer.model_copy(update={"proof": forged})

    people.world.bend = bent

    await demand_refused(people, alice, "a lock that is not the payee's")


@pytest.mark.parametrize(
    ("acceptance", "message"),
    [
        (lambda _world, _preparation: None, "without the other home's acceptance"),
        (lambda _world, _preparation: b"x", "cannot be read"),
        (
            lambda world, preparation: world.homes[2].accept(bytes32(1), preparation.proof.lock_id, 300),
            "the acceptance is for another one",
        ),
    ],
)
async def test_a_payment_to_another_home_is_not_signed_without_its_acceptance(
    people: People, acceptance: Callable[[World, Preparation], bytes | None], message: str
) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300, home=2)

    def bent(_path: str, answer: Message) -> Message:
        if not isinstance(answer, Preparation):
            return answer
        return answer.model_copy(update={"acceptance": acceptance(people.world, answer)})

    people.world.bend = bent
    with pytest.raises(PeerError, match=message):
        await alice.pay_order(order)

    assert await alice.payments() == []


@pytest.mark.parametrize(("lock_id", "value_max"), [(bytes32(9), 300), (None, 299)])
async def test_an_acceptance_for_less_or_for_another_lock_is_none(
    people: People, lock_id: bytes | None, value_max: int
) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300, home=2)
    anchor = next(coin.coin_id for coin in people.world.coins)

    def bent(_path: str, answer: Message) -> Message:
        if not isinstance(answer, Preparation):
            return answer
        acceptance = people.world.homes[2].accept(anchor, lock_id or answer.proof.lock_id, value_max)
        return answer.model_copy(update={"acceptance": acceptance})

    people.world.bend = bent
    with pytest.raises(PeerError, match="for less, or for another lock"):
        await alice.pay_order(order)


async def test_a_refund_and_a_deposit_cannot_be_prepared_under_a_key_that_cannot_be_read(people: People) -> None:
    alice = await people.open("alice", 500)

    def bent(_path: str, answer: Message) -> Message:
        if not isinstance(answer, Preparation):
            return answer
        return answer.model_copy(update={"proof": answer.proof.model_copy(update={"key": b""})})

    people.world.bend = bent
    with pytest.raises(PeerError, match="no readable key"):
        await alice.deposit(100)
