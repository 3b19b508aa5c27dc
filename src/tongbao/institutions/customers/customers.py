"""Customers and their wallets: opening, stocks of locks, and what an account looks like."""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.coin.suites import PublicKey
from tongbao.errors import RequestError
from tongbao.institutions.books.bank_ledger import open_deposit_account
from tongbao.institutions.premises import Premises, WalletFacts, wallet_unknown
from tongbao.institutions.tables import AnyRow, accounts, customers, merchants, wallets
from tongbao.protocol.order import Merchant, MerchantRequest
from tongbao.protocol.stock import LockStock, StockRequest, verify_stock, wallet_id_of
from tongbao.protocol.wallet import OpenWalletRequest, WalletAccount, WalletClass, WalletKind, WalletState

__all__ = ["Customers"]

_ACCOUNT = (
    sa.select(
        wallets.c.wallet_id,
        wallets.c.wallet_class,
        wallets.c.kind,
        wallets.c.holder_name,
        wallets.c.balance_fen,
        accounts.c.balance_fen.label("deposit_fen"),
        (wallets.c.locks_stocked - wallets.c.locks_given).label("locks_left"),
        wallets.c.closing_ms,
        wallets.c.closed_ms,
        wallets.c.moved_to,
    )
    .join(accounts, accounts.c.account_id == wallets.c.account_id)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"))
)
_INSERT_CUSTOMER = sa.insert(customers).returning(customers.c.customer_id)
_INSERT_WALLET = sa.insert(wallets)
_REOPEN = (
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"), wallets.c.closing_ms.is_not(None))
    .values(closing_ms=None, closed_ms=None, moved_to=None)
)
_MERCHANT = sa.select(merchants.c.wallet_id, merchants.c.name, merchants.c.category).where(
    merchants.c.wallet_id == sa.bindparam("wallet")
)
_INSERT_MERCHANT = sa.insert(merchants)


@dataclass(frozen=True, slots=True)
class _Opening:
    wallet_id: bytes
    key: PublicKey
    request: OpenWalletRequest
    stock: LockStock | None


class Customers:
    """Opens wallets and merchants, and describes them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def open_wallet(self, request: OpenWalletRequest, *, public_key: bytes) -> WalletAccount:
        """Open the wallet of an Ed25519 key, or find it open as asked; one that was closed is open again.

        Raises:
            RequestError: CONFLICT where it is open in another form.
        """
        key = PublicKey.ed25519(public_key)
        wallet_id = wallet_id_of(key, self._premises.domain)
        stock = self._verified_stock(request.locks, request.locks_signature, key) if request.locks else None
        opening = _Opening(wallet_id, key, request, stock)
        try:
            row = await self._premises.ports.store.write(lambda connection: self._open(connection, opening))
        finally:
            self._premises.wallets.forget(wallet_id)
        return self._account(row)

    def _open(self, connection: sa.Connection, opening: _Opening) -> AnyRow:
        known = connection.execute(_ACCOUNT, {"wallet": opening.wallet_id}).one_or_none()
        if known is not None:
            self._demand_same(known, opening.request)
            connection.execute(_REOPEN, {"wallet": opening.wallet_id})
        else:
            self._insert(connection, opening)
        if opening.stock is not None:
            self._premises.locks.add_stock(connection, opening.wallet_id, opening.stock)
        return connection.execute(_ACCOUNT, {"wallet": opening.wallet_id}).one()

    @staticmethod
    def _demand_same(known: AnyRow, request: OpenWalletRequest) -> None:
        asked = (request.wallet_class, request.kind, request.holder_name)
        if (known.wallet_class, known.kind, known.holder_name) != asked:
            raise RequestError(
                "the wallet of this key is open already, with another class, kind or holder",
                code="CONFLICT",
                field="wallet_class",
                cure="use the wallet as it is, or open one for another key",
            )

    def _insert(self, connection: sa.Connection, opening: _Opening) -> None:
        request, now_ms = opening.request, self._premises.ledger.time_ms
        customer = {"name": request.holder_name, "kind": request.kind.value, "since_ms": now_ms}
        customer_id = int(connection.execute(_INSERT_CUSTOMER, customer).scalar_one())
        connection.execute(
            _INSERT_WALLET,
            {
                "wallet_id": opening.wallet_id,
                "customer_id": customer_id,
                "account_id": open_deposit_account(connection, customer_id),
                "main_key": opening.key.encode(),
                "wallet_class": request.wallet_class.value,
                "kind": request.kind.value,
                "holder_name": request.holder_name,
                "balance_fen": 0,
                "locks_given": 0,
                "locks_stocked": 0,
                "since_ms": now_ms,
            },
        )

    async def add_locks(self, wallet_id: bytes, request: StockRequest) -> WalletAccount:
        """Keep a signed stock of locks for the wallet; the same stock again changes nothing."""
        facts = await self.facts(wallet_id)
        stock = self._verified_stock(request.lock_ids, request.signature, facts.main_key)

        def add(connection: sa.Connection) -> AnyRow:
            self._premises.locks.add_stock(connection, wallet_id, stock)
            return connection.execute(_ACCOUNT, {"wallet": wallet_id}).one()

        return self._account(await self._premises.ports.store.write(add))

    def _verified_stock(self, lock_ids: list[bytes], signature: bytes, key: PublicKey) -> LockStock:
        stock = LockStock(tuple(lock_ids), signature)
        try:
            verify_stock(stock, key, self._premises.domain)
        except RequestError as error:
            raise RequestError(
                f"the stock of locks is not signed by the wallet: {error}",
                code="STOCK_INVALID",
                field="lock_ids",
                cure="sign 1 to 512 different locks with the wallet's main key",
            ) from None
        return stock

    async def account(self, wallet_id: bytes) -> WalletAccount:
        """The wallet as it stands."""
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_ACCOUNT, {"wallet": wallet_id}).one_or_none()
        )
        if row is None:
            raise wallet_unknown(wallet_id)
        return self._account(row)

    def _account(self, row: AnyRow) -> WalletAccount:
        premises = self._premises
        home = premises.settings.home
        return WalletAccount(
            wallet_id=row.wallet_id,
            address=str(Address(home, row.wallet_id, premises.genesis.test_network)),
            home=home,
            wallet_class=WalletClass(row.wallet_class),
            kind=WalletKind(row.kind),
            holder_name=row.holder_name,
            balance_fen=row.balance_fen,
            deposit_fen=row.deposit_fen,
            locks_left=row.locks_left,
            state=_state_of(row),
            moved_to=row.moved_to or "",
            sequence=premises.ledger.sequence,
            time_ms=premises.ledger.time_ms,
        )

    async def facts(self, wallet_id: bytes) -> WalletFacts:
        """The facts of the wallet; raises WALLET_UNKNOWN."""
        register = self._premises.wallets
        found = register.remembered(wallet_id)
        if found is not None:
            return found
        return await self._premises.ports.store.read(lambda connection: register.find(connection, wallet_id))

    async def open_merchant(self, wallet_id: bytes, request: MerchantRequest) -> Merchant:
        """Let the wallet take orders, or find that it may, under the same name."""

        def enter(connection: sa.Connection) -> Merchant:
            self._premises.wallets.find(connection, wallet_id).demand_payable()
            known = connection.execute(_MERCHANT, {"wallet": wallet_id}).one_or_none()
            if known is None:
                row = {"wallet_id": wallet_id, "name": request.name, "category": request.category}
                connection.execute(_INSERT_MERCHANT, {**row, "since_ms": self._premises.ledger.time_ms})
            elif (known.name, known.category) != (request.name, request.category):
                raise RequestError(
                    f"the wallet is a merchant already, as {known.name} in category {known.category}",
                    code="CONFLICT",
                    field="name",
                    cure="use that name, or open another wallet for another shop",
                )
            return Merchant(wallet_id=wallet_id, name=request.name, category=request.category)

        return await self._premises.ports.store.write(enter)


def _state_of(row: AnyRow) -> WalletState:
    if row.closed_ms is not None:
        return WalletState.CLOSED
    return WalletState.OPEN if row.closing_ms is None else WalletState.CLOSING
