"""A wallet's stock of single-use lock ids, signed so that its home can hand them out but not forge them.

The wallet signs the Merkle root (RFC 6962) over the lock ids of one stock. Whoever is told to pay one of them gets the
path and the signature, checks the path, checks that the key hashes to the wallet id that the address or order names,
and so knows that the payee itself made the lock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field

from tongbao.coin import merkle
from tongbao.coin.domain import Domain
from tongbao.coin.lock import KeyLock
from tongbao.coin.suites import PublicKey, verify_signature
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.wire import Base64, Hash, Message

__all__ = ["LockProof", "LockStock", "StockRequest", "sign_stock", "stock_proof", "verify_stock", "wallet_id_of"]

STOCK_LOCKS_MAX = 512
"""A phone makes them in a second, and a proof has at most nine hashes."""

STOCKS_REMEMBERED: Final = 4_096
"""Signatures of stocks that were found valid: two megabytes, and the shops that a bank's customers go to in a day."""


def wallet_id_of(key: PublicKey, domain: Domain) -> bytes:
    """The id of the wallet with this main key: 16 bytes that commit to the key."""
    return domain.hash("tongbao/wallet/1", key.encode())[:16]


@dataclass(frozen=True, slots=True)
class LockStock:
    """A signed list of lock ids.

    Attributes:
        lock_ids: 1..512 ids of 32 bytes.
        signature: by the wallet's main key over the stock digest.
    """

    lock_ids: tuple[bytes, ...]
    signature: bytes


class StockRequest(Message):
    """Fresh lock ids for a wallet's home to hand out: `POST /v1/wallets/{wallet_id}/locks`."""

    lock_ids: Annotated[list[Hash], Field(max_length=STOCK_LOCKS_MAX)]
    signature: Base64


class LockProof(Message):
    """Why a lock belongs to a wallet: from its signed stock, or openly over its main key.

    With `salt` the lock is kind 1 over the main key with that salt, and path, index, count and signature are empty.
    """

    lock_id: Hash
    key: Base64
    index: int
    count: int
    path: list[Hash]
    signature: Base64
    salt: Hash | None = None

    def verify(self, domain: Domain, *, wallet_id: bytes) -> None:
        """Return if the wallet itself made the lock.

        Raises:
            PeerError: it did not, or the proof does not show it; money sent there might be lost.
        """
        try:
            self._verify(domain, wallet_id)
        except RequestError as error:
            raise PeerError(f"the payee's home names a lock that is not the payee's: {error}") from None

    def _verify(self, domain: Domain, wallet_id: bytes) -> None:
        key = PublicKey.decode(self.key)
        if wallet_id_of(key, domain) != wallet_id:
            raise RequestError("the key is not the wallet's", field="key")
        if self.salt is not None:
            if KeyLock(key, self.salt).id(domain) != self.lock_id:
                raise RequestError("the lock is not over the wallet's key", field="lock_id")
            return
        leaf = merkle.leaf_hash(self.lock_id, domain)
        root = merkle.root_from_path(leaf, self.path, index=self.index, count=self.count, domain=domain)
        _demand_signed(key, self.signature, _digest(root, self.count, domain))


@lru_cache(maxsize=STOCKS_REMEMBERED)
def _demand_signed(key: PublicKey, signature: bytes, digest: bytes) -> None:
    """`verify_signature`, once for all the locks of a stock; what is not valid is judged each time."""
    verify_signature(key, signature, digest)


def _digest(root: bytes, count: int, domain: Domain) -> bytes:
    return domain.hash("tongbao/lock-stock/1", domain.network_id + count.to_bytes(2, "big") + root)


def _levels(lock_ids: Sequence[bytes], domain: Domain) -> list[list[bytes]]:
    return merkle.tree_levels([merkle.leaf_hash(lock_id, domain) for lock_id in lock_ids], domain)


def sign_stock(lock_ids: tuple[bytes, ...], domain: Domain, *, sign: Callable[[bytes], bytes]) -> LockStock:
    """A stock of these locks; `sign` signs a digest with the wallet's main key."""
    root = _levels(lock_ids, domain)[-1][0]
    return LockStock(lock_ids, sign(_digest(root, len(lock_ids), domain)))


def verify_stock(stock: LockStock, key: PublicKey, domain: Domain) -> None:
    """Return if the wallet with main key `key` signed the stock, else raise `InvalidSignatureError`."""
    if not 1 <= len(set(stock.lock_ids)) == len(stock.lock_ids) <= STOCK_LOCKS_MAX:
        raise RequestError(f"a stock has 1..{STOCK_LOCKS_MAX} different locks", field="lock_ids")
    root = _levels(stock.lock_ids, domain)[-1][0]
    verify_signature(key, stock.signature, _digest(root, len(stock.lock_ids), domain))


def stock_proof(stock: LockStock, index: int, key: PublicKey, domain: Domain) -> LockProof:
    """The proof for lock `index` of the stock of the wallet with main key `key`."""
    path = merkle.inclusion_path(_levels(stock.lock_ids, domain), index)
    return LockProof(
        lock_id=stock.lock_ids[index],
        key=key.encode(),
        index=index,
        count=len(stock.lock_ids),
        path=path,
        signature=stock.signature,
    )
