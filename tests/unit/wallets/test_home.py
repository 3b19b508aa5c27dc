"""How a wallet speaks with its home: what it demands of answers, and which requests are repeats of each other."""

from collections.abc import Mapping

import pytest

from tests.wallet_people import People
from tests.wallet_world import HttpAnswer
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.wallet import WalletAccount, WalletClass
from tongbao.protocol.wire import Message


def record_headers(people: People) -> list[Mapping[str, str]]:
    """Every request's headers, from now on."""
    recorded: list[Mapping[str, str]] = []
    deliver = people.world.request

    async def request(
        method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpAnswer:
        recorded.append(headers)
        return await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)

    people.world.request = request  # type: ignore[method-assign]
    return recorded


async def test_an_answer_may_not_be_older_than_what_the_wallet_has_heard_of(people: People) -> None:
    alice = await people.open("alice", 500)
    await alice.pay_order(await people.order(100))
    recorded = record_headers(people)

    await alice.account()

    assert recorded[0][MINIMUM_SEQUENCE_HEADER] == str(people.world.sequence)


async def test_opening_is_repeated_as_it_was_and_bytes_are_handed_over_anew(people: People) -> None:
    alice = people.wallet("alice")
    recorded = record_headers(people)
    people.world.lose_answers = 1
    await alice.open(holder_name="Alice", wallet_class=WalletClass.I, stock=4)
    people.world.homes[1].credit(alice.wallet_id, 500)
    people.world.homes[1].hold_back = 1
    await alice.pay_order(await people.order(300))

    sent = [headers.get("idempotency-key", "") for headers in recorded]
    paid = [key for key, path in zip(sent, people.world.asked, strict=True) if path == "POST /v1/payments"]
    assert sent[0] == sent[1] != ""
    assert len(set(paid)) == len(paid) == 2


@pytest.mark.parametrize("changes", [{"wallet_id": bytes(16)}, {"home": 2}, {"address": "tbt1qqqq"}])
async def test_a_home_that_opens_another_wallet_is_not_believed(people: People, changes: dict[str, object]) -> None:
    alice = people.wallet("alice")
    people.world.bend = lambda _path, answer: (
        answer.model_copy(update=changes) if isinstance(answer, WalletAccount) else answer
    )

    with pytest.raises(PeerError, match="another wallet"):
        await alice.open(holder_name="Alice", wallet_class=WalletClass.I)

    assert not await people.wallet("alice").start()


async def test_a_home_that_makes_or_shows_another_order_is_not_believed(people: People) -> None:
    shop, alice = await people.shop(), await people.open("alice")
    order = await shop.sales.create_order(100, "1")
    people.world.bend = lambda _path, answer: answer.model_copy(update={"amount_fen": 101, "order_id": "other"})

    with pytest.raises(PeerError, match="another order"):
        await shop.sales.create_order(100, "2")
    with pytest.raises(PeerError, match="another order"):
        await alice.order(order.link)


@pytest.mark.parametrize(
    ("field", "value"), [("order_number", ""), ("description", "x" * 257), ("expires_in_s", 0), ("amount_fen", 0)]
)
async def test_what_no_order_can_hold_is_refused_by_its_field(people: People, field: str, value: object) -> None:
    shop = await people.shop()
    asked: dict[str, object] = {"amount_fen": 1, "order_number": "1", field: value}
    amount_fen, number = asked.pop("amount_fen"), asked.pop("order_number")

    with pytest.raises(RequestError) as caught:
        await shop.sales.create_order(amount_fen, number, **asked)  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.field) == ("INVALID_FIELD", field)


async def test_an_order_id_cannot_lead_to_another_path(people: People) -> None:
    shop = await people.shop()
    people.world.asked.clear()

    with pytest.raises(RequestError):
        await shop.sales.order("../../wallets?x")

    assert people.world.asked == ["GET /v1/homes/1/orders/..%2F..%2Fwallets%3Fx"]


@pytest.mark.parametrize(
    ("field", "code"), [("signature-input", "WALLET_UNKNOWN"), ("host", "UNAUTHENTICATED")], ids=["key", "server"]
)
async def test_a_home_that_does_not_know_the_key_has_no_such_wallet(people: People, field: str, code: str) -> None:
    def unknown(_path: str, _answer: Message) -> Message:
        raise RequestError("nobody is known here by the key id", code="UNAUTHENTICATED", field=field)

    alice, address = await people.open("alice", 100), str((await people.open("bob")).address)
    people.world.bend = unknown

    for attempt in (alice.recover(), alice.pay_person(address, 100)):
        with pytest.raises(RequestError) as caught:
            await attempt
        assert caught.value.code == code
