"""Merchants' orders: made, read, listed."""

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.orders.receiving import order_unknown
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, merchants, orders
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Order, OrderPage, OrderRequest, OrderState
from tongbao.statements import Statement

__all__ = ["Orders", "read_order_id"]

_ORDER_ID_BYTES = 16
_MERCHANTS_REMEMBERED = 16_384  # names of at most half a kilobyte

_SELECT = sa.select(orders, merchants.c.name.label("merchant_name")).join(
    merchants, merchants.c.wallet_id == orders.c.wallet_id
)
_BY_ID = _SELECT.where(orders.c.order_id == sa.bindparam("order"))
_PAGE = (
    _SELECT.where(orders.c.wallet_id == sa.bindparam("wallet"), orders.c.number < sa.bindparam("before"))
    .order_by(orders.c.number.desc())
    .limit(sa.bindparam("count"))
)
_MERCHANT = sa.select(merchants.c.name).where(merchants.c.wallet_id == sa.bindparam("wallet"))
_INSERT = Statement(sa.insert(orders))
# Another order must have used this number: the row is found by its id, which follows from it.
_KNOWN = Statement(sa.select(orders.c.number).where(orders.c.order_id == sa.bindparam("order")))


def read_order_id(text: str) -> bytes:
    """The bytes of an order's id; raises NOT_FOUND for what cannot be one."""
    try:
        order_id = bytes.fromhex(text)
    except ValueError:
        raise order_unknown() from None
    if len(order_id) != _ORDER_ID_BYTES or order_id.hex() != text:
        raise order_unknown()
    return order_id


class Orders:
    """Makes orders and describes them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        # Names of merchants, which never change.
        self._merchants: dict[bytes, str] = {}

    async def create(self, wallet_id: bytes, request: OrderRequest) -> Order:
        """A new order of the merchant, or the same one again for the same number and content.

        Raises:
            RequestError: CONFLICT where the number is that of another order.
        """
        order_id = self._order_id(wallet_id, request.order_number)
        return await self._premises.ports.store.write(
            lambda connection: self._create(connection, wallet_id, order_id, request)
        )

    def _order_id(self, wallet_id: bytes, order_number: str) -> bytes:
        """Nobody can guess an order's id, and one number of one merchant has just one."""
        return self._premises.secrets.derive("order", wallet_id, order_number.encode())[:_ORDER_ID_BYTES]

    def _create(self, connection: sa.Connection, wallet_id: bytes, order_id: bytes, request: OrderRequest) -> Order:
        name = self._merchant(connection, wallet_id)
        if _KNOWN.first(connection, {"order": order_id}) is not None:
            return self._again(connection, order_id, request)
        premises = self._premises
        facts = premises.wallets.find(connection, wallet_id)
        lock = premises.locks.hand_out(connection, wallet_id, facts.main_key, purpose="order", subject=order_id)
        expires_ms = premises.ledger.time_ms + request.expires_in_s * 1000
        _INSERT.run(
            connection,
            {
                "order_id": order_id,
                "wallet_id": wallet_id,
                "order_number": request.order_number,
                "amount_fen": request.amount_fen,
                "refunded_fen": 0,
                "description": request.description,
                "life_s": request.expires_in_s,
                "lock_id": lock.lock_id,
                "expires_ms": expires_ms,
            },
        )
        tell(connection, [self._created(order_id, wallet_id, request, expires_ms)])
        return self._describe_new(order_id, wallet_id, name, request, expires_ms)

    def _created(self, order_id: bytes, wallet_id: bytes, request: OrderRequest, expires_ms: int) -> Event:
        data: EventData = {
            "order_id": order_id.hex(),
            "order_number": request.order_number,
            "amount_fen": request.amount_fen,
            "expires_at_ms": expires_ms,
        }
        return Event(wallet_id, EventKind.ORDER_CREATED, order_id.hex(), data, self._premises.ledger.time_ms)

    def _merchant(self, connection: sa.Connection, wallet_id: bytes) -> str:
        name = self._merchants.get(wallet_id)
        if name is None:
            name = connection.execute(_MERCHANT, {"wallet": wallet_id}).scalar_one_or_none()
            if name is None:
                raise RequestError(
                    "the wallet is not a merchant's",
                    code="FORBIDDEN",
                    cure="register the wallet as a merchant's first (POST /v1/merchants)",
                )
            if len(self._merchants) >= _MERCHANTS_REMEMBERED:
                self._merchants.clear()
            self._merchants[wallet_id] = name
        return name

    def _again(self, connection: sa.Connection, order_id: bytes, request: OrderRequest) -> Order:
        known = connection.execute(_BY_ID, {"order": order_id}).one()
        content = (known.amount_fen, known.description, known.life_s)
        if content != (request.amount_fen, request.description, request.expires_in_s):
            raise RequestError(
                f"order {request.order_number} exists with other content",
                code="CONFLICT",
                field="order_number",
                cure="give a new order a new number",
            )
        return self._describe(known)

    def _describe_new(
        self, order_id: bytes, wallet_id: bytes, name: str, request: OrderRequest, expires_ms: int
    ) -> Order:
        return Order.model_construct(
            order_id=order_id.hex(),
            order_number=request.order_number,
            home=self._premises.settings.home,
            merchant_wallet_id=wallet_id,
            merchant_name=name,
            amount_fen=request.amount_fen,
            refunded_fen=0,
            description=request.description,
            state=OrderState.OPEN,
            expires_at_ms=expires_ms,
            paid_at_ms=None,
            link=self._link(order_id),
            sequence=self._premises.ledger.sequence,
            time_ms=self._premises.ledger.time_ms,
        )

    def _link(self, order_id: bytes) -> str:
        settings, domain = self._premises.settings, self._premises.domain
        return str(OrderLink.of(order_id.hex(), home=settings.home, network_id=domain.network_id))

    async def find(self, order_id: str) -> Order:
        """The order with that id."""
        identity = read_order_id(order_id)
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_BY_ID, {"order": identity}).one_or_none()
        )
        if row is None:
            raise order_unknown()
        return self._describe(row)

    async def page(self, wallet_id: bytes, *, before: int, count: int) -> OrderPage:
        """The merchant's newest orders before row `before`."""

        def read(connection: sa.Connection) -> list[AnyRow]:
            self._merchant(connection, wallet_id)
            wanted = {"wallet": wallet_id, "before": before, "count": count}
            return list(connection.execute(_PAGE, wanted).all())

        rows = await self._premises.ports.store.read(read)
        following = str(rows[-1].number) if len(rows) == count else ""
        return OrderPage(orders=[self._describe(row) for row in rows], next=following)

    def _describe(self, row: AnyRow) -> Order:
        ledger = self._premises.ledger
        return Order(
            order_id=row.order_id.hex(),
            order_number=row.order_number,
            home=self._premises.settings.home,
            merchant_wallet_id=row.wallet_id,
            merchant_name=row.merchant_name,
            amount_fen=row.amount_fen,
            refunded_fen=row.refunded_fen,
            description=row.description,
            state=_state(row, now_ms=ledger.time_ms),
            expires_at_ms=row.expires_ms,
            paid_at_ms=row.paid_ms,
            link=self._link(row.order_id),
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _state(row: AnyRow, *, now_ms: int) -> OrderState:
    if row.paid_ms is not None:
        return OrderState.REFUNDED if row.refunded_fen == row.amount_fen else OrderState.PAID
    return OrderState.EXPIRED if now_ms > row.expires_ms else OrderState.OPEN
