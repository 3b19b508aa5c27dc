"""A wallet's keys: one main key that names it, and a fresh key and salt for each lock.

The tree is SLIP-0010, all steps hardened:

    m / 29794' / network' / account' / 0'            the main key: wallet id, requests, stocks of locks
    m / 29794' / network' / account' / 1' / index'   the key of lock `index`; its salt comes from the chain code
    m / 29794' / network' / account' / 2' / number'  the key of watcher `number`, which opens no lock
    m / 29794' / network' / account' / 3' / number'  the key of pocket `number`; its lock's salt as above

29794 is "tb" in ASCII, a purpose of its own in the sense of BIP-43. `network` is the first 31 bits of the network id,
so that one phrase used on a test network and on a real one shows no common key. With the phrase and an index anything
that a coin needs is made again; nothing else has to be kept to spend it.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tongbao.coin import Domain, KeyLock, Path, PublicKey, Witness
from tongbao.coin.ed25519 import SigningKey
from tongbao.protocol.stock import wallet_id_of
from tongbao.wallets.derivation import INDEX_MAX, Node, child_of, descendant_of, master_node
from tongbao.wallets.sealing import open_sealed

__all__ = ["LockKey", "LockSource", "PocketKey", "WalletKeys"]

PURPOSE: Final = int.from_bytes(b"tb")
_MAIN_STEP: Final = 0
_LOCKS_STEP: Final = 1
_WATCHERS_STEP: Final = 2
_POCKETS_STEP: Final = 3

LOCKS_CACHED_MAX: Final = 16
"""Locks whose keys stay ready: change is made and, as a rule, spent next; a process may run thousands of wallets."""


@dataclass(frozen=True, slots=True)
class LockSource:
    """How a lock of the wallet is made again: by its index, or from the salt that its home chose for the main key.

    Attributes:
        index: of a fresh key; None for the main key.
        salt: for the main key, 32 bytes; None for a fresh key, which brings its own.
    """

    index: int | None
    salt: bytes | None = None

    def __post_init__(self) -> None:
        if (self.index is None) == (self.salt is None):
            raise ValueError("a lock comes from an index or from a salt")


@dataclass(frozen=True, slots=True)
class LockKey:
    """A lock with the key that opens it."""

    lock: KeyLock
    signer: SigningKey

    def witness(self, digest: bytes) -> Witness:
        """What opens the lock for a transaction with this spend digest."""
        return Witness(self.lock, Path.A, self.signer.sign(digest))


@dataclass(frozen=True, slots=True)
class PocketKey:
    """The maker's key of a pocket's lock, and the lock's salt of 32 bytes."""

    signer: SigningKey
    salt: bytes


class WalletKeys:
    """All keys of one wallet; `seed` is 16..64 secret bytes, for people those of their phrase."""

    def __init__(self, seed: bytes, domain: Domain, *, account: int = 0) -> None:
        network = int.from_bytes(domain.network_id[:4]) & INDEX_MAX
        wallet = descendant_of(master_node(seed), (PURPOSE, network, account))
        self.domain = domain
        main = child_of(wallet, _MAIN_STEP)
        self.main = SigningKey(main.secret_seed)
        self.main_key = PublicKey.ed25519(self.main.public_key)
        self.wallet_id = wallet_id_of(self.main_key, domain)
        self._locks = child_of(wallet, _LOCKS_STEP)
        self._watchers = child_of(wallet, _WATCHERS_STEP)
        self._pockets = child_of(wallet, _POCKETS_STEP)
        self._main_seed = main.secret_seed
        self._ready: OrderedDict[int, LockKey] = OrderedDict()

    def lock_id(self, index: int) -> bytes:
        """The id of lock `index`, 32 bytes."""
        return self._derive(index).lock.id(self.domain)

    def lock_key(self, source: LockSource) -> LockKey:
        """The lock that comes from there, with its key."""
        if source.salt is not None:
            return LockKey(KeyLock(self.main_key, source.salt), self.main)
        if source.index is None:
            raise ValueError("a lock comes from an index or from a salt")
        ready = self._ready.pop(source.index, None) or self._derive(source.index)
        self._ready[source.index] = ready
        if len(self._ready) > LOCKS_CACHED_MAX:
            self._ready.popitem(last=False)
        return ready

    def watcher_seed(self, number: int) -> bytes:
        """The secret of watcher `number`, 32 bytes; every step is hardened, so that it leads to no other key."""
        return child_of(self._watchers, number).secret_seed

    def pocket_key(self, number: int) -> PocketKey:
        """The key that the wallet has in the lock of its pocket `number`, and that lock's salt."""
        node = child_of(self._pockets, number)
        return PocketKey(SigningKey(node.secret_seed), _salt_of(node))

    def open_sealed(self, sealed: bytes, *, context: bytes) -> bytes:
        """What somebody sealed for this wallet's main key; raises `SealBrokenError`."""
        return open_sealed(sealed, secret_seed=self._main_seed, context=context)

    def _derive(self, index: int) -> LockKey:
        node = child_of(self._locks, index)
        signer = SigningKey(node.secret_seed)
        return LockKey(KeyLock(PublicKey.ed25519(signer.public_key), _salt_of(node)), signer)


def _salt_of(node: Node) -> bytes:
    """A salt becomes public when the coin is spent; the chain code behind it does not."""
    return sha256(b"tongbao/lock-salt/1" + node.chain_code).digest()
