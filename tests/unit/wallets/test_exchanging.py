"""Deposit becomes coins once, whatever is lost on the way."""

import pytest

from tests.wallet_people import People, cut_off, restore_network
from tongbao.coin import CURRENCY, Coin
from tongbao.errors import NetworkError, PeerError, RefusedError
from tongbao.protocol.wallet import Exchange, ExchangeState, WalletCoin
from tongbao.protocol.wire import Message
from tongbao.vaults import purse
from tongbao.wallets import Wallet


async def with_deposit(people: People, deposit_fen: int = 1000) -> Wallet:
    alice = await people.open("alice")
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = deposit_fen
    return alice


def deposit_of(people: People, wallet: Wallet) -> int:
    return people.world.homes[1].customers[wallet.wallet_id].deposit_fen


def bend_exchange(people: People, **changes: object) -> None:
    def bent(_path: str, answer: Message) -> Message:
        return answer.model_copy(update=changes) if isinstance(answer, Exchange) else answer

    people.world.bend = bent


async def lose_the_answer(people: People, wallet: Wallet, amount_fen: int) -> None:
    cut_off(people.world, f"/v1/wallets/{wallet.wallet_id.hex()}/exchanges")
    with pytest.raises(NetworkError):
        await wallet.exchange(amount_fen)
    restore_network(people.world)


async def test_an_exchange_whose_answer_was_lost_is_asked_for_again_and_happens_once(people: People) -> None:
    alice = await with_deposit(people)
    await lose_the_answer(people, alice, 600)

    await alice.exchange(600)

    assert (alice.balance_fen, deposit_of(people, alice)) == (600, 400)


async def test_after_a_crash_it_is_resumed(people: People) -> None:
    alice = await with_deposit(people)
    await lose_the_answer(people, alice, 600)

    again = await people.restarted("alice")
    await again.resume()

    assert (again.balance_fen, deposit_of(people, alice)) == (600, 400)
    assert (await people.restarted("alice")).balance_fen == 600


async def test_a_home_that_does_not_answer_leaves_it_to_be_resumed_later(people: People) -> None:
    alice = await with_deposit(people)
    await lose_the_answer(people, alice, 600)
    people.world.lose_requests = 1000
    await alice.resume()
    people.world.lose_requests = 0

    await alice.resume()

    assert (alice.balance_fen, deposit_of(people, alice)) == (600, 400)


async def test_another_amount_and_the_same_amount_after_its_answer_are_other_exchanges(people: People) -> None:
    alice = await with_deposit(people)
    await lose_the_answer(people, alice, 100)

    for amount_fen in (200, 100, 100):
        await alice.exchange(amount_fen)

    assert (alice.balance_fen, deposit_of(people, alice)) == (400, 600)


async def test_what_the_deposit_does_not_hold_is_refused_and_not_asked_for_again(people: People) -> None:
    alice = await with_deposit(people, 100)

    with pytest.raises(RefusedError) as caught:
        await alice.exchange(101)
    people.world.asked.clear()
    await (await people.restarted("alice")).resume()

    assert caught.value.code == "DEPOSIT_TOO_SMALL"
    assert people.world.asked == []


@pytest.mark.parametrize(
    ("code", "sentence", "cure"),
    [
        ("DEPOSIT_TOO_SMALL", "the deposit is smaller than the 600 fen", "pay money into the deposit"),
        ("LIMIT_BALANCE", "with 600 fen more the wallet would hold more", "turn coins into deposit"),
        ("VAULT_INSUFFICIENT", "does not hold the 600 fen", "has been issued money"),
        ("COINS_TOO_SMALL", "600 fen only in more coins", "in parts"),
        ("LIMIT_SINGLE", "more than a wallet of its class may pay at once", "pay less"),
        ("LIMIT_DAY", "in a day", "next day"),
        ("LIMIT_YEAR", "in a year", "next year"),
    ],
)
async def test_a_refusal_in_the_answer_names_the_field_and_the_cure(
    people: People, code: str, sentence: str, cure: str
) -> None:
    alice = await with_deposit(people)
    bend_exchange(people, state=ExchangeState.REFUSED, status=code, transaction_id=None, coins=[])

    with pytest.raises(RefusedError, match=sentence) as caught:
        await alice.exchange(600)

    assert (caught.value.code, caught.value.field) == (code, "amount_fen")
    assert cure in caught.value.cure


async def test_a_refusal_of_the_ledger_is_told_by_its_name(people: People) -> None:
    alice = await with_deposit(people)
    bend_exchange(people, state=ExchangeState.REFUSED, status="EXPIRED", transaction_id=None, coins=[])

    with pytest.raises(RefusedError, match="the exchange of 600 fen is refused by the ledger") as caught:
        await alice.exchange(600)

    assert (caught.value.code, caught.value.field) == ("EXPIRED", "")
    assert caught.value.cure


async def test_one_that_is_on_its_way_is_asked_for_until_it_has_come(people: People) -> None:
    alice = await with_deposit(people)
    bend_exchange(people, state=ExchangeState.PENDING, coins=[])
    people.clock.on_sleep = lambda: setattr(people.world, "bend", lambda _path, answer: answer)

    await alice.exchange(600)

    assert (alice.balance_fen, people.clock.slept_s) == (600, [0.25])


async def test_one_that_stays_on_its_way_is_in_doubt(people: People) -> None:
    alice = await with_deposit(people)
    bend_exchange(people, state=ExchangeState.PENDING, coins=[])

    with pytest.raises(NetworkError, match="on its way"):
        await alice.exchange(600)
    people.world.bend = lambda _path, answer: answer
    await alice.resume()

    assert (alice.balance_fen, deposit_of(people, alice)) == (600, 400)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount_fen": 601}, "601 fen instead of 600"),
        ({"receipt": None}, "shows no receipt"),
        ({"transaction_id": None}, "names no transaction"),
        ({"transaction_id": bytes(32)}, "something else"),
        ({"wallet_id": bytes(16)}, "not this wallet's"),
        ({"coins": []}, "coins of another sum"),
    ],
)
async def test_coins_that_the_receipt_does_not_prove_are_not_taken_in(
    people: People, changes: dict[str, object], message: str
) -> None:
    alice = await with_deposit(people)
    bend_exchange(people, **changes)

    with pytest.raises(PeerError, match=message):
        await alice.exchange(600)

    assert alice.balance_fen == 0


async def test_coins_of_another_wallet_or_of_another_transaction_are_not_taken_in(people: People) -> None:
    alice, bob = await with_deposit(people), await people.open("bob")
    desk = people.world.homes[1]
    other = desk.credit(alice.wallet_id, 600)
    for coins in (other, desk.credit(bob.wallet_id, 600)):
        bend_exchange(people, coins=coins)
        with pytest.raises(PeerError, match="not this wallet's"):
            await alice.exchange(600)

    assert alice.balance_fen == 0


async def test_the_first_receipt_of_an_exchange_for_many_proves_it_for_all(people: People) -> None:
    alice, bob = await with_deposit(people), await people.open("bob")
    desk = people.world.homes[1]
    locks = [desk.lock_for(wallet.wallet_id).lock_id for wallet in (alice, bob)]
    origin = people.world.issue(*[Coin(CURRENCY, 100, 1, lock_id) for lock_id in locks])
    first, second = [WalletCoin(coin=coin, salt=None) for coin in people.world.coins]
    template = desk.exchange(alice.wallet_id, 100, key="a")
    receipt = people.world.verdicts[origin][1]
    of_alice = template.model_copy(update={"transaction_id": origin, "coins": [first], "receipt": receipt})
    of_bob = of_alice.model_copy(update={"wallet_id": bob.wallet_id, "coins": [second], "receipt": None})

    with pytest.raises(PeerError, match="no receipt"):
        await bob.receive(of_bob)
    await alice.receive(of_alice)
    await bob.receive(of_bob)

    assert (alice.balance_fen, bob.balance_fen) == (100, 100)


async def test_an_exchange_that_is_received_again_after_a_restart_brings_no_spent_coin_back(people: People) -> None:
    alice = await people.open("alice")
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = 600
    exchange = people.world.homes[1].exchange(alice.wallet_id, 600, key="a")
    await alice.receive(exchange)
    await alice.pay_order(await people.order(600))

    again = await people.restarted("alice")
    received = await again.receive(exchange)

    assert (received, again.balance_fen) == ([], 0)


async def test_an_exchange_that_is_received_again_after_many_payments_brings_no_spent_coin_back(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purse, "SPENT_REMEMBERED", 1)
    alice = await people.open("alice", 100)
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = 600
    exchange = people.world.homes[1].exchange(alice.wallet_id, 600, key="a")
    await alice.receive(exchange)
    await alice.pay_order(await people.order(600))
    await alice.pay_order(await people.order(100, number="2"))

    received = await alice.receive(exchange)

    assert (received, alice.balance_fen) == ([], 0)


async def test_an_exchange_that_is_received_twice_counts_once(people: People) -> None:
    alice = await with_deposit(people)
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = 100
    exchange = people.world.homes[1].exchange(alice.wallet_id, 100, key="a")

    first, again = await alice.receive(exchange), await alice.receive(exchange)

    assert (len(first), len(again), alice.balance_fen) == (1, 0, 100)
