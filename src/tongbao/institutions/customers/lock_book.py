"""Which lock a payee is paid on: the next of the stock that the wallet signed, else one over its main key.

A lock from the stock cannot be linked to the wallet by anyone who sees the ledger; one over the main key can, once it
is spent. The salt of the latter follows from what it is handed out for, so that a repeated request gives the same lock.
"""

from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin import merkle
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.lock import KeyLock
from tongbao.coin.suites import PublicKey
from tongbao.errors import InvariantError, RefusedError
from tongbao.institutions.secret import InstitutionSecrets
from tongbao.institutions.tables import lock_stocks, locks, wallets
from tongbao.protocol.stock import LockProof, LockStock
from tongbao.statements import Statement

__all__ = ["GivenLock", "LockBook"]

# A stock takes 48 KiB, so these take 50 MiB at most.
_WALLETS_REMEMBERED = 512
_STOCKS_REMEMBERED = 2  # of one wallet: the one in use and the one before
STOCKED_LOCKS_MAX = 65_536
"""Locks of one wallet that wait to be handed out: 128 full stocks, more than the busiest shop takes in a day."""


@dataclass(frozen=True, slots=True)
class GivenLock:
    """A lock handed out for one payment.

    Attributes:
        lock_id: 32 bytes.
        position: its place over all stocks of the wallet; None where it is over the main key.
        salt: of the lock over the main key; None where it is from the stock.
    """

    lock_id: bytes
    position: int | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class _Stock:
    first: int
    count: int
    tree: bytes
    lock_ids: bytes
    signature: bytes

    def lock_id(self, position: int) -> bytes:
        return _hash_at(self.lock_ids, position - self.first)

    def path(self, position: int) -> list[bytes]:
        """The Merkle path of the lock; the tree's levels lie one after another in `tree`, leaves first."""
        index, width, start = position - self.first, self.count, 0
        path = []
        while width > 1:
            sibling = index ^ 1
            if sibling < width:
                path.append(_hash_at(self.tree, start + sibling))
            start += width
            index, width = index // 2, (width + 1) // 2
        return path


def _hash_at(hashes: bytes, index: int) -> bytes:
    return hashes[index * HASH_BYTES : (index + 1) * HASH_BYTES]


_NEXT = Statement(
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"), wallets.c.locks_given < wallets.c.locks_stocked)
    .values(locks_given=wallets.c.locks_given + 1)
    .returning(wallets.c.locks_given)
)
_ADD_STOCKED = (
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"))
    .values(locks_stocked=wallets.c.locks_stocked + sa.bindparam("count"))
    .returning(wallets.c.locks_stocked, wallets.c.locks_given)
)
_STOCK_OF = Statement(
    sa.select(
        lock_stocks.c.first,
        lock_stocks.c.count,
        lock_stocks.c.tree,
        lock_stocks.c.lock_ids,
        lock_stocks.c.signature,
    )
    .where(lock_stocks.c.wallet_id == sa.bindparam("wallet"), lock_stocks.c.first <= sa.bindparam("position"))
    .order_by(lock_stocks.c.first.desc())
    .limit(1)
)
_SAME_STOCK = sa.select(lock_stocks.c.first).where(
    lock_stocks.c.wallet_id == sa.bindparam("wallet"), lock_stocks.c.signature == sa.bindparam("signed")
)
_INSERT_STOCK = sa.insert(lock_stocks)
# Wallets that were restored send locks that they sent before.
_INSERT_LOCK = Statement(
    "INSERT INTO locks (lock_id, purpose, wallet_id, subject, position, salt) "
    "VALUES (:lock_id, :purpose, :wallet_id, :subject, :position, :salt) ON CONFLICT (lock_id) DO NOTHING"
)
_LOCK = sa.select(locks.c.purpose, locks.c.wallet_id, locks.c.subject).where(locks.c.lock_id == sa.bindparam("lock"))


class LockBook:
    """Hands locks out; everything but `proof` runs inside a write of the store."""

    def __init__(self, domain: Domain, secrets: InstitutionSecrets) -> None:
        self._domain = domain
        self._secrets = secrets
        self._stocks: OrderedDict[bytes, list[_Stock]] = OrderedDict()

    def add_stock(self, connection: sa.Connection, wallet_id: bytes, stock: LockStock) -> None:
        """Keep a stock whose signature has been verified; the same one again changes nothing."""
        known = connection.execute(_SAME_STOCK, {"wallet": wallet_id, "signed": stock.signature}).first()
        if known is not None:
            return
        count = len(stock.lock_ids)
        row = {"wallet": wallet_id, "count": count}
        stocked, given = connection.execute(_ADD_STOCKED, row).one()
        if stocked - given > STOCKED_LOCKS_MAX:
            raise RefusedError(
                f"a wallet keeps at most {STOCKED_LOCKS_MAX} locks at its home",
                code="STOCK_FULL",
                field="lock_ids",
                cure="send more when some of them have been used",
            )
        levels = merkle.tree_levels([merkle.leaf_hash(each, self._domain) for each in stock.lock_ids], self._domain)
        connection.execute(
            _INSERT_STOCK,
            {
                "wallet_id": wallet_id,
                "first": stocked - count,
                "count": count,
                "tree": b"".join(b"".join(level) for level in levels),
                "lock_ids": b"".join(stock.lock_ids),
                "signature": stock.signature,
            },
        )

    def next_position(self, connection: sa.Connection, wallet_id: bytes) -> int | None:
        """The place of the next lock of the stock, which is used by that; None where the stock has run out."""
        given = _NEXT.first(connection, {"wallet": wallet_id})
        return None if given is None else int(given.locks_given) - 1

    def hand_out(
        self, connection: sa.Connection, wallet_id: bytes, key: PublicKey, *, purpose: str, subject: bytes
    ) -> GivenLock:
        """Choose a lock of the wallet and remember what it is for; `subject` names just this payment."""
        while True:
            position = self.next_position(connection, wallet_id)
            given = self.choose(connection, wallet_id, key, position=position, context=(purpose.encode(), subject))
            if self.remember(connection, given, wallet_id=wallet_id, purpose=purpose, subject=subject):
                return given
            if position is None:
                raise InvariantError(f"the lock {given.lock_id.hex()} was handed out for something else")

    def choose(
        self,
        connection: sa.Connection,
        wallet_id: bytes,
        key: PublicKey,
        *,
        position: int | None,
        context: tuple[bytes, ...],
    ) -> GivenLock:
        """The lock at that place of the stock, or the one over the main key that belongs to `context`."""
        if position is not None:
            return GivenLock(self._stock(connection, wallet_id, position).lock_id(position), position, None)
        salt = self._secrets.derive("wallet lock", wallet_id, *context)
        return GivenLock(KeyLock(key, salt).id(self._domain), None, salt)

    def remember(
        self, connection: sa.Connection, given: GivenLock, *, wallet_id: bytes | None, purpose: str, subject: bytes
    ) -> bool:
        """Keep what a coin that arrives on the lock will mean; False where it was given out for something else."""
        row = {
            "lock_id": given.lock_id,
            "purpose": purpose,
            "wallet_id": wallet_id,
            "subject": subject,
            "position": given.position,
            "salt": given.salt,
        }
        if _INSERT_LOCK.run(connection, row) == 1:
            return True
        known = connection.execute(_LOCK, {"lock": given.lock_id}).one()
        return tuple(known) == (purpose, wallet_id, subject)

    def proof(self, connection: sa.Connection, wallet_id: bytes, key: PublicKey, given: GivenLock) -> LockProof:
        """Why the lock is the wallet's."""
        if given.position is None:
            return open_proof(key, given)
        stock = self._stock(connection, wallet_id, given.position)
        return LockProof.model_construct(
            lock_id=given.lock_id,
            key=key.encode(),
            index=given.position - stock.first,
            count=stock.count,
            path=stock.path(given.position),
            signature=stock.signature,
            salt=None,
        )

    def _stock(self, connection: sa.Connection, wallet_id: bytes, position: int) -> _Stock:
        remembered = self._stocks.setdefault(wallet_id, [])
        self._stocks.move_to_end(wallet_id)
        for stock in remembered:
            if stock.first <= position < stock.first + stock.count:
                return stock
        row = _STOCK_OF.first(connection, {"wallet": wallet_id, "position": position})
        if row is None:
            raise InvariantError(f"lock {position} of wallet {wallet_id.hex()} is in no stock")
        stock = _Stock(*row)
        remembered.append(stock)
        del remembered[:-_STOCKS_REMEMBERED]
        if len(self._stocks) > _WALLETS_REMEMBERED:
            self._stocks.popitem(last=False)
        return stock


def open_proof(key: PublicKey, given: GivenLock) -> LockProof:
    """The proof of a lock over the main key: its salt."""
    return LockProof.model_construct(
        lock_id=given.lock_id, key=key.encode(), index=0, count=0, path=[], signature=b"", salt=given.salt
    )
