"""What a wallet keeps is there again, and only its own."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import DOMAIN, bytes32
from tests.wallet_people import People
from tongbao.adapters.store import SqlStore
from tongbao.coin import CURRENCY, Coin, Input
from tongbao.errors import ConfigurationError
from tongbao.vaults.purse import PurseCoin
from tongbao.wallets import WalletKeys, WalletPaymentState, prepare_store
from tongbao.wallets.keys import LockSource
from tongbao.wallets.payment import OwnCoin
from tongbao.wallets.store import PendingExchange, WalletSettings, WalletStore


def keys(number: int = 0) -> WalletKeys:
    return WalletKeys(bytes([number]) * 32, DOMAIN)


async def test_tables_are_made_once_and_a_newer_programs_tables_are_refused(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/wallet.sqlite")
    await prepare_store(store)
    await prepare_store(store)
    await store.write(lambda connection: connection.execute(sa.text("UPDATE wallet_format SET version = 2")).rowcount)

    with pytest.raises(ConfigurationError, match="format 2"):
        await prepare_store(store)

    await store.close()


async def test_a_wallet_that_was_never_kept_is_none(people: People) -> None:
    assert await WalletStore(people.store, keys()).load() is None


async def test_wallets_on_one_database_see_their_own_rows_alone(people: People) -> None:
    alice, bob = await people.open("alice", 500), await people.open("bob", 70)
    await alice.pay_order(await people.order(100))

    states = [await WalletStore(people.store, wallet.keys).load() for wallet in (alice, bob)]
    payments = [await WalletStore(people.store, wallet.keys).payments() for wallet in (alice, bob)]

    assert [sum(coin.held.value for coin in state.coins) for state in states if state] == [400, 70]
    assert [len(each) for each in payments] == [1, 0]


async def test_locks_are_found_by_id_and_the_next_index_is_kept(people: People) -> None:
    store = WalletStore(people.store, keys())
    lock_ids = [keys().lock_id(index) for index in range(5)]
    await store.save_settings(WalletSettings(1, 2), [(lock_ids[0], 0), (lock_ids[1], 1)])

    await store.save_locks([(lock_ids[2], 2), (lock_ids[3], 3)], next_lock_index=4)

    state = await store.load()
    assert state is not None
    assert state.settings == WalletSettings(1, 4)
    assert await store.find_locks(lock_ids) == {lock_id: index for index, lock_id in enumerate(lock_ids[:4])}
    assert await WalletStore(people.store, keys(1)).find_locks(lock_ids) == {}


async def test_exchanges_are_pending_until_they_have_ended(people: People) -> None:
    store = WalletStore(people.store, keys())
    await store.save_settings(WalletSettings(1, 0), [])
    first, second = PendingExchange("a", 100, 0), PendingExchange("b", 200, 200)
    for pending in (first, second):
        await store.save_pending(pending)

    await store.save_exchanged(first, status="SETTLED", transaction_id=bytes(32), receipt=b"r", new=[])

    state = await store.load()
    assert state is not None
    assert state.pending == (second,)


async def test_only_open_payments_are_loaded_and_all_can_be_read(people: People) -> None:
    alice = await people.open("alice", 500)
    for number in range(3):
        await alice.pay_order(await people.order(10, number=str(number)))
    store = WalletStore(people.store, alice.keys)

    state = await store.load()
    payments = await store.payments()

    assert state is not None
    assert (state.signed, state.payments) == ((), 3)
    assert [payment.number for payment in payments] == [1, 2, 3]
    assert {payment.state for payment in payments} == {WalletPaymentState.SETTLED}
    assert await store.payments(name=payments[1].name) == [payments[1]]


async def test_two_programs_that_pay_different_orders_at_once_are_told_apart(people: People) -> None:
    alice = await people.open("alice", 300, 400)
    twin = await people.restarted("alice")
    await alice.pay_order(await people.order(300))

    with pytest.raises(ConfigurationError, match="another program"):
        await twin.pay_order(await people.order(400, number="2"))

    assert alice.balance_fen == 400
    assert (await people.restarted("alice")).free_fen == 400


async def test_new_coins_are_kept_also_where_another_payment_of_the_name_was_there_first(people: People) -> None:
    alice = await people.open("alice", 300)
    settled = await alice.pay_order(await people.order(300))
    store = WalletStore(people.store, alice.keys)
    coin = OwnCoin(PurseCoin(bytes32(1), Input(bytes32(2), 0, Coin(CURRENCY, 5, 1, bytes32(3)))), LockSource(7))

    other = await store.save_signed(settled, replaced=(), new=[coin], next_lock_index=99)

    state = await store.load()
    assert other == settled
    assert state is not None
    assert (state.coins, state.settings.next_lock_index) == ((coin,), 8)
