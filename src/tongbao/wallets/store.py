"""What a wallet keeps: its place in the sequence of locks, coins, what it signed, and what it asked for.

Many wallets may share one database; each sees its own rows. The keys are not here but in the key file. Coins are kept
for speed only, since the home lists them; what must never be lost is what was signed, and how many locks are used.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from tongbao.coin import Input, Transaction
from tongbao.coin.encoding import Reader
from tongbao.errors import ConfigurationError
from tongbao.statements import Statement
from tongbao.vaults.purse import PurseCoin
from tongbao.wallets.keys import LockSource, WalletKeys
from tongbao.wallets.payment import OwnCoin, PaymentKind, WalletPayment, WalletPaymentState, rebuild_payment
from tongbao.wallets.ports import Store
from tongbao.wallets.tables import COINS, EXCHANGES, FORMAT, FORMATS, LOCKS, PAYMENTS, SPENT, TABLES, WALLETS

__all__ = ["PendingExchange", "WalletSettings", "WalletState", "WalletStore", "prepare_store"]

PENDING: Final = "pending"

_WALLET = sa.bindparam("wallet", type_=sa.LargeBinary(16))
_READ_SETTINGS = sa.select(WALLETS).where(WALLETS.c.wallet_id == _WALLET)
_READ_COINS = sa.select(COINS).where(COINS.c.wallet_id == _WALLET)
_READ_PAYMENTS = sa.select(PAYMENTS).where(PAYMENTS.c.wallet_id == _WALLET).order_by(PAYMENTS.c.number)
_READ_SIGNED = _READ_PAYMENTS.where(PAYMENTS.c.state == sa.literal_column("'signed'"))
_READ_BY_NAME = _READ_PAYMENTS.where(PAYMENTS.c.name == sa.bindparam("named"))
_READ_LIVE = Statement(_READ_BY_NAME.where(PAYMENTS.c.state != sa.literal_column("'never'")))
_READ_PENDING = sa.select(EXCHANGES).where(EXCHANGES.c.wallet_id == _WALLET, EXCHANGES.c.status == PENDING)
_READ_LOCKS = sa.select(LOCKS.c.lock_id, LOCKS.c.lock_index).where(
    LOCKS.c.wallet_id == _WALLET, LOCKS.c.lock_id.in_(sa.bindparam("lock_ids", expanding=True))
)
_COUNT_PAYMENTS = sa.select(sa.func.coalesce(sa.func.max(PAYMENTS.c.number), 0)).where(PAYMENTS.c.wallet_id == _WALLET)
_SET_NEXT_LOCK = Statement(
    WALLETS.update().where(WALLETS.c.wallet_id == _WALLET).values(next_lock_index=sa.bindparam("next"))
)
_SET_CURSOR = WALLETS.update().where(WALLETS.c.wallet_id == _WALLET).values(coins_cursor=sa.bindparam("cursor"))
_READ_SPENT = sa.select(SPENT.c.coin_id).where(
    SPENT.c.wallet_id == _WALLET, SPENT.c.coin_id.in_(sa.bindparam("coin_ids", expanding=True))
)
# Whoever was stopped in the middle of a write does not know whether it happened, and writes again.
_INSERT_COIN = Statement(
    "INSERT INTO wallet_coins (wallet_id, coin_id, opening, lock_index, salt) "
    "VALUES (:wallet_id, :coin_id, :opening, :lock_index, :salt) ON CONFLICT (wallet_id, coin_id) DO NOTHING"
)
_INSERT_SPENT = Statement(
    "INSERT INTO wallet_spent_coins (wallet_id, coin_id) VALUES (:wallet, :spent) "
    "ON CONFLICT (wallet_id, coin_id) DO NOTHING"
)
_DELETE_COIN = Statement(COINS.delete().where(COINS.c.wallet_id == _WALLET, COINS.c.coin_id == sa.bindparam("spent")))
_INSERT_PAYMENT = Statement(
    "INSERT INTO wallet_payments (wallet_id, number, payment_id, name, kind, amount_fen, description, signed_bytes, "
    "change_index, state, status, receipt, time_ms) VALUES (:wallet_id, :number, :payment_id, :name, :kind, "
    ":amount_fen, :description, :signed_bytes, :change_index, :state, :status, :receipt, :time_ms) "
    "ON CONFLICT (wallet_id, number) DO NOTHING"
)
_UPDATE_PAYMENT = Statement(
    PAYMENTS.update()
    .where(PAYMENTS.c.wallet_id == _WALLET, PAYMENTS.c.number == sa.bindparam("payment"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("state", "status", "receipt", "time_ms")})
)
_UPDATE_EXCHANGE = (
    EXCHANGES.update()
    .where(EXCHANGES.c.wallet_id == _WALLET, EXCHANGES.c.idempotency_key == sa.bindparam("exchange"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("status", "transaction_id", "receipt")})
)


@dataclass(frozen=True, slots=True)
class WalletSettings:
    """What a wallet knows of itself: its home, the first lock that was never used, and the coins it has heard of."""

    home: int
    next_lock_index: int
    coins_cursor: str = ""


@dataclass(frozen=True, slots=True)
class PendingExchange:
    """An exchange that was asked for and not answered."""

    idempotency_key: str
    amount_fen: int
    payment_fen: int


@dataclass(frozen=True, slots=True)
class WalletState:
    """All that a wallet needs to go on where it stopped."""

    settings: WalletSettings
    coins: tuple[OwnCoin, ...]
    signed: tuple[WalletPayment, ...]
    pending: tuple[PendingExchange, ...]
    payments: int


async def prepare_store(store: Store) -> None:
    """Make the tables where there are none; once per database, before its first wallet.

    Raises:
        ConfigurationError: a newer program made them.
    """

    def prepare(connection: sa.Connection) -> None:
        TABLES.create_all(connection)
        version = connection.execute(sa.select(FORMATS.c.version)).scalar()
        if version is None:
            connection.execute(FORMATS.insert().values(version=FORMAT))
        elif version != FORMAT:
            raise ConfigurationError(f"the wallet's database has format {version}, and this program uses {FORMAT}")

    await store.write(prepare)


class WalletStore:
    """The rows of one wallet. Each method that writes is one operation, durable when it returns."""

    def __init__(self, store: Store, keys: WalletKeys) -> None:
        self._store = store
        self._keys = keys
        self._wallet = {"wallet": keys.wallet_id}

    async def load(self) -> WalletState | None:
        """What was kept; None for a wallet that was never opened."""

        def load(connection: sa.Connection) -> WalletState | None:
            row = connection.execute(_READ_SETTINGS, self._wallet).one_or_none()
            if row is None:
                return None
            return WalletState(
                WalletSettings(row.home, row.next_lock_index, row.coins_cursor),
                tuple([_coin_of(each) for each in connection.execute(_READ_COINS, self._wallet)]),
                tuple([self._payment_of(each) for each in connection.execute(_READ_SIGNED, self._wallet)]),
                tuple([_pending_of(each) for each in connection.execute(_READ_PENDING, self._wallet)]),
                connection.execute(_COUNT_PAYMENTS, self._wallet).scalar_one(),
            )

        return await self._store.read(load)

    async def save_settings(self, settings: WalletSettings, locks: Sequence[tuple[bytes, int]]) -> None:
        """Keep a new wallet's settings and its first locks, each with its index."""

        def save(connection: sa.Connection) -> None:
            values = {
                "home": settings.home,
                "next_lock_index": settings.next_lock_index,
                "coins_cursor": settings.coins_cursor,
            }
            connection.execute(WALLETS.insert(), {"wallet_id": self._keys.wallet_id, **values})
            self._insert_locks(connection, locks)

        await self._store.write(save)

    async def save_locks(self, locks: Sequence[tuple[bytes, int]], *, next_lock_index: int) -> None:
        """Keep the index of each lock, and which comes next."""

        def save(connection: sa.Connection) -> None:
            _SET_NEXT_LOCK.run(connection, {**self._wallet, "next": next_lock_index})
            self._insert_locks(connection, locks)

        await self._store.write(save)

    async def find_locks(self, lock_ids: Sequence[bytes]) -> dict[bytes, int]:
        """The index of each of these locks that is known."""

        def find(connection: sa.Connection) -> dict[bytes, int]:
            rows = connection.execute(_READ_LOCKS, {**self._wallet, "lock_ids": list(lock_ids)})
            return {row.lock_id: row.lock_index for row in rows}

        return await self._store.read(find)

    async def find_spent(self, coin_ids: Sequence[bytes]) -> set[bytes]:
        """Which of these coins were spent."""

        def find(connection: sa.Connection) -> set[bytes]:
            return set(connection.execute(_READ_SPENT, {**self._wallet, "coin_ids": list(coin_ids)}).scalars())

        return await self._store.read(find)

    async def save_page(self, new: Sequence[OwnCoin], gone: Iterable[bytes], *, cursor: str) -> None:
        """Keep what a listing of the home brought, what it lacked, and where it ended."""

        def save(connection: sa.Connection) -> None:
            self._insert_coins(connection, new)
            self._spend_coins(connection, gone)
            connection.execute(_SET_CURSOR, {**self._wallet, "cursor": cursor})

        await self._store.write(save)

    async def save_signed(
        self, payment: WalletPayment, *, replaced: Collection[int], new: Sequence[OwnCoin], next_lock_index: int
    ) -> WalletPayment | None:
        """Keep a payment before it is sent, and which lock comes next.

        Where another one of the same name is signed or settled, and is not one of those replaced (by their numbers),
        only the new coins are kept and that one is returned: two programs that pay the same order at once pay it once.
        """
        row = {
            "wallet_id": self._keys.wallet_id,
            "number": payment.number,
            "payment_id": payment.payment_id,
            "name": payment.name,
            "kind": payment.kind.value,
            "amount_fen": payment.amount_fen,
            "description": payment.description,
            "signed_bytes": payment.transaction,
            "change_index": payment.change.source.index if payment.change else None,
            "state": payment.state.value,
            "status": payment.status,
            "receipt": payment.receipt,
            "time_ms": payment.time_ms,
        }

        def save(connection: sa.Connection) -> WalletPayment | None:
            self._insert_coins(connection, new)
            for other in _READ_LIVE.all(connection, {**self._wallet, "named": payment.name}):
                if other.number not in replaced:
                    return self._payment_of(other)
            if not _INSERT_PAYMENT.run(connection, row):
                raise ConfigurationError("another program pays from this wallet: close it, and ask again")
            if payment.change is not None:
                _SET_NEXT_LOCK.run(connection, {**self._wallet, "next": next_lock_index})
            return None

        return await self._store.write(save)

    async def save_outcomes(
        self, payments: Sequence[WalletPayment], *, new: Sequence[OwnCoin], gone: Iterable[bytes]
    ) -> None:
        """Keep how payments ended, the coins that this brought and those that it took."""

        def save(connection: sa.Connection) -> None:
            _UPDATE_PAYMENT.run_many(connection, [{**self._wallet, **_ending(payment)} for payment in payments])
            self._insert_coins(connection, new)
            self._spend_coins(connection, gone)

        await self._store.write(save)

    async def payments(self, *, name: str = "") -> list[WalletPayment]:
        """Payments, oldest first: all, or those of one intent."""

        def read(connection: sa.Connection) -> list[WalletPayment]:
            statement = _READ_BY_NAME if name else _READ_PAYMENTS
            rows = connection.execute(statement, {**self._wallet, "named": name} if name else self._wallet)
            return [self._payment_of(row) for row in rows]

        return await self._store.read(read)

    async def save_pending(self, pending: PendingExchange) -> None:
        """Keep an exchange before it is asked for."""
        row = {
            "wallet_id": self._keys.wallet_id,
            "idempotency_key": pending.idempotency_key,
            "amount_fen": pending.amount_fen,
            "payment_fen": pending.payment_fen,
            "status": PENDING,
        }

        def save(connection: sa.Connection) -> None:
            connection.execute(EXCHANGES.insert(), row)

        await self._store.write(save)

    async def save_exchanged(
        self,
        pending: PendingExchange,
        *,
        status: str,
        transaction_id: bytes | None,
        receipt: bytes | None,
        new: Sequence[OwnCoin],
    ) -> None:
        """Keep how an exchange ended, with its receipt and coins."""
        ending = {"new_status": status, "new_transaction_id": transaction_id, "new_receipt": receipt}

        def save(connection: sa.Connection) -> None:
            connection.execute(_UPDATE_EXCHANGE, {**self._wallet, "exchange": pending.idempotency_key, **ending})
            self._insert_coins(connection, new)

        await self._store.write(save)

    def _insert_locks(self, connection: sa.Connection, locks: Sequence[tuple[bytes, int]]) -> None:
        wallet_id = self._keys.wallet_id
        rows = [{"wallet_id": wallet_id, "lock_id": lock_id, "lock_index": index} for lock_id, index in locks]
        if rows:
            connection.execute(LOCKS.insert(), rows)

    def _insert_coins(self, connection: sa.Connection, coins: Sequence[OwnCoin]) -> None:
        _INSERT_COIN.run_many(connection, [self._row_of(coin) for coin in coins])

    def _row_of(self, coin: OwnCoin) -> dict[str, object]:
        return {
            "wallet_id": self._keys.wallet_id,
            "coin_id": coin.held.coin_id,
            "opening": coin.held.opening.encode(),
            "lock_index": coin.source.index,
            "salt": coin.source.salt,
        }

    def _spend_coins(self, connection: sa.Connection, coin_ids: Iterable[bytes]) -> None:
        rows = [{**self._wallet, "spent": coin_id} for coin_id in coin_ids]
        _DELETE_COIN.run_many(connection, rows)
        _INSERT_SPENT.run_many(connection, rows)

    def _payment_of(self, row: sa.Row[tuple[object, ...]]) -> WalletPayment:
        return rebuild_payment(
            row.signed_bytes,
            Transaction.decode(row.signed_bytes).body,
            keys=self._keys,
            change_index=row.change_index,
            number=row.number,
            payment_id=row.payment_id,
            name=row.name,
            kind=PaymentKind(row.kind),
            amount_fen=row.amount_fen,
            description=row.description,
            state=WalletPaymentState(row.state),
            status=row.status,
            receipt=row.receipt,
            time_ms=row.time_ms,
        )


def _ending(payment: WalletPayment) -> dict[str, object]:
    return {
        "payment": payment.number,
        "new_state": payment.state.value,
        "new_status": payment.status,
        "new_receipt": payment.receipt,
        "new_time_ms": payment.time_ms,
    }


def _coin_of(row: sa.Row[tuple[object, ...]]) -> OwnCoin:
    opening = Input.read(Reader(row.opening, "coin of the wallet"))
    return OwnCoin(PurseCoin(row.coin_id, opening), LockSource(row.lock_index, row.salt))


def _pending_of(row: sa.Row[tuple[object, ...]]) -> PendingExchange:
    return PendingExchange(row.idempotency_key, row.amount_fen, row.payment_fen)
