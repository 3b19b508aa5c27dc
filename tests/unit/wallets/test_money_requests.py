"""What a wallet believes of a request, and what it pays."""

from dataclasses import dataclass

import pytest

from tests.institution_people import refusal
from tests.wallets_at_home import Residents
from tongbao.errors import PeerError
from tongbao.protocol.money_request import MoneyRequest
from tongbao.wallets import Wallet


@dataclass
class Asked:
    """Bob has asked alice."""

    alice: Wallet
    bob: Wallet
    request: MoneyRequest


@pytest.fixture
async def asked(residents: Residents) -> Asked:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob")
    await bob.money_requests.ask(str(alice.address), 300)
    return Asked(alice, bob, (await alice.money_requests.received()).requests[0])


@pytest.mark.parametrize("lie", [{"amount_fen": 299}, {"requester_wallet_id": bytes(16)}])
async def test_an_order_that_asks_for_something_else_than_the_request_is_not_paid(
    asked: Asked, lie: dict[str, object]
) -> None:
    with pytest.raises(PeerError):
        await asked.alice.money_requests.accept(asked.request.model_copy(update=lie))

    assert asked.alice.balance_fen == 1_000


async def test_a_request_is_found_by_its_id_whoever_sent_it(asked: Asked) -> None:
    found = [await wallet.money_requests.named(asked.request.request_id) for wallet in (asked.alice, asked.bob)]

    assert [each.request_id for each in found] == [asked.request.request_id] * 2
    assert await refusal(asked.alice.money_requests.named("0" * 32)) == "NOT_FOUND"


@pytest.mark.parametrize(("amount_fen", "description"), [(0, ""), (1, "x" * 257)])
async def test_what_cannot_be_asked_is_refused_before_anybody_is_asked(
    asked: Asked, amount_fen: int, description: str
) -> None:
    asking = asked.bob.money_requests.ask(str(asked.alice.address), amount_fen, description=description)

    refused = await refusal(asking)

    assert refused == "INVALID_FIELD"
    assert len((await asked.alice.money_requests.received()).requests) == 1


async def test_a_request_without_a_number_is_a_new_one_each_time(asked: Asked) -> None:
    await asked.bob.money_requests.ask(str(asked.alice.address), 300)

    assert len((await asked.alice.money_requests.received()).requests) == 2
