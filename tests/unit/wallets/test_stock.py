"""The locks of a wallet are counted, handed over once, and found again."""

from tests.builders import DOMAIN, GENESIS
from tests.wallet_people import People
from tongbao.coin import KeyLock
from tongbao.protocol.registration import CoinRecord
from tongbao.protocol.stock import STOCK_LOCKS_MAX, stock_proof, verify_stock
from tongbao.protocol.wallet import WalletCoin
from tongbao.wallets import WalletKeys
from tongbao.wallets.keys import LockSource
from tongbao.wallets.stock import LockBook
from tongbao.wallets.store import WalletSettings, WalletStore

KEYS = WalletKeys(bytes(32), DOMAIN)


async def book(people: People) -> LockBook:
    store = WalletStore(people.store, KEYS)
    if await store.load() is None:
        await store.save_settings(WalletSettings(1, 0), [])
    return LockBook(KEYS, store)


def coin_under(lock_id: bytes, *, salt: bytes | None = None) -> WalletCoin:
    record = CoinRecord(
        coin_id=bytes(32), origin=bytes(32), index=0, asset=0, value=1, home=1, lock_id=lock_id, sequence=1, spent=False
    )
    return WalletCoin(coin=record, salt=salt)


async def test_a_stock_is_signed_so_that_each_of_its_locks_is_provably_the_wallets(people: People) -> None:
    first, stock = await (await book(people)).new_stock(5)

    verify_stock(stock, KEYS.main_key, DOMAIN)
    for index in range(5):
        stock_proof(stock, index, KEYS.main_key, DOMAIN).verify(DOMAIN, wallet_id=KEYS.wallet_id)
    assert first == 0
    assert list(stock.lock_ids) == [KEYS.lock_id(index) for index in range(5)]


async def test_locks_are_kept_as_used_before_they_are_handed_over(people: People) -> None:
    locks = await book(people)
    await locks.new_stock(5)
    change = locks.take_for_change()
    first, _ = await locks.new_stock(2)

    state = await WalletStore(people.store, KEYS).load()
    assert state is not None
    assert (change, first, state.settings.next_lock_index) == (5, 6, 8)


async def test_a_stock_is_never_larger_than_a_home_takes(people: People) -> None:
    _, stock = await (await book(people)).new_stock(STOCK_LOCKS_MAX + 1)

    assert len(stock.lock_ids) == STOCK_LOCKS_MAX


async def test_a_coins_lock_is_found_in_memory_in_the_store_by_its_salt_or_not_at_all(people: People) -> None:
    locks = await book(people)
    await locks.new_stock(4)
    salted = KeyLock(KEYS.main_key, bytes(32)).id(DOMAIN)
    coins = [
        coin_under(KEYS.lock_id(1)),
        coin_under(KEYS.lock_id(9)),
        coin_under(salted, salt=bytes(32)),
        coin_under(salted, salt=bytes([1] * 32)),
    ]
    expected = [LockSource(1), None, LockSource(None, bytes(32)), None]

    in_memory = await locks.sources_of(coins)
    locks.forget([KEYS.lock_id(1)])
    from_store = await locks.sources_of(coins)
    of_another_life = await (await book(people)).sources_of(coins)

    assert in_memory == from_store == of_another_life == expected
    assert GENESIS.domain() == DOMAIN
