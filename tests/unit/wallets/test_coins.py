"""What a wallet counts as its coins, and what it does not, whatever its home lists."""

import pytest

from tests.builders import bytes32
from tests.wallet_people import People, pay_and_hear_nothing
from tongbao.coin import CURRENCY, Coin
from tongbao.errors import NetworkError, PeerError
from tongbao.protocol.wallet import WalletCoin, WalletCoinPage
from tongbao.protocol.wire import Message
from tongbao.wallets import Wallet, coins


async def test_news_is_read_from_where_the_last_ended(people: People) -> None:
    alice = await people.open("alice", 100, 200)
    desk = people.world.homes[1]

    nothing = await alice.sync()
    desk.credit(alice.wallet_id, 300)
    again = await people.restarted("alice")
    found = await again.sync()

    assert nothing == []
    assert [coin.held.value for coin in found] == [300]
    assert again.balance_fen == 600


async def test_a_long_listing_is_read_page_by_page(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("home", "coins"):
        monkeypatch.setattr(f"tongbao.wallets.{module}.COINS_PER_PAGE", 3)
    alice = await people.open("alice")
    people.world.homes[1].credit(alice.wallet_id, *range(1, 9))
    people.world.asked.clear()

    found = await alice.sync()

    assert sorted(coin.held.value for coin in found) == list(range(1, 9))
    assert len(people.world.asked) == 3
    assert await alice.sync() == []


async def test_what_was_read_is_kept_page_by_page(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("home", "coins"):
        monkeypatch.setattr(f"tongbao.wallets.{module}.COINS_PER_PAGE", 3)
    alice = await people.open("alice")
    people.world.homes[1].credit(alice.wallet_id, *range(1, 9))
    left = [1]

    def before(_path: str) -> None:
        people.world.lose_answers = 0 if left else 1000
        left[:] = []

    people.world.before = before
    with pytest.raises(NetworkError):
        await alice.sync()

    assert (await people.restarted("alice")).balance_fen == alice.balance_fen == 6


def bend_coins(people: People, **changes: object) -> None:
    """Let homes list every coin with something else in it."""

    def bent(_path: str, answer: Message) -> Message:
        if not isinstance(answer, WalletCoinPage):
            return answer
        listed = [coin.model_copy(update={"coin": coin.coin.model_copy(update=changes)}) for coin in answer.coins]
        return answer.model_copy(update={"coins": listed})

    people.world.bend = bent


async def receive_bent(people: People, **changes: object) -> Wallet:
    alice = await people.open("alice")
    people.world.homes[1].credit(alice.wallet_id, 500)
    bend_coins(people, **changes)
    return alice


@pytest.mark.parametrize("changes", [{"coin_id": bytes32(1)}, {"value": 5_000}, {"index": 1}])
async def test_a_coin_under_an_id_that_is_not_its_own_is_no_coin(people: People, changes: dict[str, object]) -> None:
    alice = await receive_bent(people, **changes)

    with pytest.raises(PeerError, match="under an id that is not the coin's"):
        await alice.sync()

    assert alice.balance_fen == 0


async def test_a_coin_that_is_listed_as_spent_is_not_counted(people: People) -> None:
    alice = await receive_bent(people, spent=True)

    assert await alice.sync() == []


async def test_coins_of_other_assets_under_foreign_locks_or_at_other_homes_are_not_counted(people: People) -> None:
    alice = await people.open("alice")
    desk = people.world.homes[1]
    locks = [desk.lock_for(alice.wallet_id).lock_id for _ in range(2)]
    desk.owners[bytes32(5)] = alice.wallet_id
    people.world.issue(Coin(CURRENCY, 100, 1, locks[0]), Coin(CURRENCY, 10, 1, bytes32(5)))
    people.world.issue(Coin(CURRENCY, 1, 2, locks[1]))

    def list_all(_path: str, answer: Message) -> Message:
        if not isinstance(answer, WalletCoinPage):
            return answer
        return answer.model_copy(update={"coins": [WalletCoin(coin=coin, salt=None) for coin in people.world.coins]})

    people.world.bend = list_all

    assert [coin.held.value for coin in await alice.sync()] == [100]


async def test_a_salt_that_does_not_make_the_lock_is_no_proof_of_ownership(people: People) -> None:
    alice = await people.open("alice")
    people.world.homes[1].credit(alice.wallet_id, 500)

    def salt(_path: str, answer: Message) -> Message:
        if not isinstance(answer, WalletCoinPage):
            return answer
        listed = [coin.model_copy(update={"salt": bytes32(9)}) for coin in answer.coins]
        return answer.model_copy(update={"coins": listed})

    people.world.bend = salt

    assert await alice.sync() == []


async def test_a_home_that_lists_for_ever_is_not_believed(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coins, "PAGES_MAX", 5)
    alice = await people.open("alice")
    people.world.homes[1].credit(alice.wallet_id, *range(1, 202))
    turn = iter(range(100))

    def endless(_path: str, answer: Message) -> Message:
        if not isinstance(answer, WalletCoinPage):
            return answer
        again = WalletCoin(coin=people.world.coins[0], salt=people.world.homes[1].salts.get(bytes(32)))
        return answer.model_copy(update={"coins": [again] * 200, "next": f"page-{next(turn)}"})

    people.world.bend = endless
    people.world.homes[1].read_cursor = lambda _text: 0  # type: ignore[method-assign, assignment]

    with pytest.raises(PeerError, match="more than 5 pages"):
        await alice.sync()


async def test_a_listing_in_full_lets_go_of_what_was_spent_elsewhere_and_keeps_the_rest(people: People) -> None:
    alice, bob = await people.open("alice", 300, 400), await people.open("bob")
    await alice.pay_order(await people.order(100))
    await (await people.elsewhere("alice")).pay_person(str(bob.address), 400)

    await alice.resync()

    assert alice.balance_fen == 200
    assert (await people.restarted("alice")).balance_fen == 200


async def test_a_listing_older_than_what_the_home_has_told_of_lets_go_of_nothing(people: People) -> None:
    alice = await people.open("alice", 300)
    people.world.bend = lambda _path, answer: (
        answer.model_copy(update={"sequence": 0, "coins": answer.coins})
        if isinstance(answer, WalletCoinPage)
        else answer
    )

    with pytest.raises(PeerError, match="an earlier time"):
        await alice.resync()

    assert alice.balance_fen == 300


async def test_change_of_a_payment_in_doubt_is_counted_once_however_it_is_heard_of(people: People) -> None:
    alice = await people.open("alice", 500)
    await pay_and_hear_nothing(alice, await people.order(300), people)

    await alice.sync()
    await alice.resync()
    await alice.resume()
    await alice.resync()

    assert alice.balance_fen == alice.free_fen == 200
