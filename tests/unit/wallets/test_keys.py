"""The keys and locks of a wallet."""

import time

import pytest

from tests.builders import DOMAIN, bytes32, genesis
from tongbao.coin import KeyLock, Path, PublicKey
from tongbao.coin.ed25519 import public_key, verify
from tongbao.protocol.stock import wallet_id_of
from tongbao.wallets.derivation import descendant_of, master_node
from tongbao.wallets.keys import LOCKS_CACHED_MAX, LockSource, WalletKeys

SEED = bytes(range(64))
DIGEST = bytes32(1)


def test_the_main_key_lies_where_the_documentation_says() -> None:
    network = int.from_bytes(DOMAIN.network_id[:4]) % 2**31
    node = descendant_of(master_node(SEED), (29794, network, 3, 0))

    keys = WalletKeys(SEED, DOMAIN, account=3)

    assert keys.main_key == PublicKey.ed25519(public_key(node.secret_seed))
    assert keys.wallet_id == wallet_id_of(keys.main_key, DOMAIN)


def test_a_lock_has_a_key_and_a_salt_of_its_own() -> None:
    network = int.from_bytes(DOMAIN.network_id[:4]) % 2**31
    node = descendant_of(master_node(SEED), (29794, network, 0, 1, 7))
    keys = WalletKeys(SEED, DOMAIN)

    locks = [keys.lock_key(LockSource(index)).lock for index in range(20)]

    assert locks[7].key == PublicKey.ed25519(public_key(node.secret_seed))
    assert len({lock.key for lock in locks} | {keys.main_key}) == 21
    assert len({lock.salt for lock in locks}) == 20
    assert node.chain_code not in {lock.salt for lock in locks}
    assert [lock.id(DOMAIN) for lock in locks] == [keys.lock_id(index) for index in range(20)]


def test_the_same_seed_gives_the_same_locks_however_often_and_in_whatever_order() -> None:
    order = [*range(2 * LOCKS_CACHED_MAX), *reversed(range(2 * LOCKS_CACHED_MAX))]
    keys = WalletKeys(SEED, DOMAIN)

    first = [keys.lock_key(LockSource(index)).lock for index in order]
    again = [WalletKeys(SEED, DOMAIN).lock_key(LockSource(index)).lock for index in order]

    assert first == again
    assert first[: 2 * LOCKS_CACHED_MAX] == first[: 2 * LOCKS_CACHED_MAX - 1 : -1]


def test_another_network_another_account_or_another_seed_shares_no_key() -> None:
    other = genesis(name="other").domain()

    wallets = [
        WalletKeys(SEED, DOMAIN),
        WalletKeys(SEED, other),
        WalletKeys(SEED, DOMAIN, account=1),
        WalletKeys(SEED[:-1], DOMAIN),
    ]

    assert len({wallet.main_key for wallet in wallets}) == 4
    assert len({wallet.lock_key(LockSource(0)).lock.key for wallet in wallets}) == 4


@pytest.mark.parametrize("source", [LockSource(5), LockSource(None, bytes32(9))])
def test_a_witness_opens_its_lock(source: LockSource) -> None:
    key = WalletKeys(SEED, DOMAIN).lock_key(source)

    witness = key.witness(DIGEST)

    assert witness.lock == key.lock
    assert witness.path == Path.A
    verify(key.lock.key.key, witness.signature, DIGEST)


def test_a_salt_chosen_by_the_home_makes_a_lock_over_the_main_key() -> None:
    keys = WalletKeys(SEED, DOMAIN)

    key = keys.lock_key(LockSource(None, bytes32(9)))

    assert key.lock == KeyLock(keys.main_key, bytes32(9))


@pytest.mark.parametrize(("index", "salt"), [(None, None), (1, bytes(32))])
def test_a_lock_comes_from_one_place(index: int | None, salt: bytes | None) -> None:
    with pytest.raises(ValueError, match="an index or from a salt"):
        LockSource(index, salt)


@pytest.mark.slow
def test_a_lock_is_derived_within_sixty_microseconds() -> None:
    keys = WalletKeys(SEED, DOMAIN)
    started_s = time.process_time()

    for index in range(5_000):
        keys.lock_id(index)

    assert (time.process_time() - started_s) / 5_000 < 60e-6
