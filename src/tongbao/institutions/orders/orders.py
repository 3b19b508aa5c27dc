"""Merchants' orders: made, amended, cancelled, read, listed."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.coin import VALUE_MAX
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.orders.listing import EVERY_ORDER, OrderFilter, state_of
from tongbao.institutions.orders.merchants import MerchantFacts, Merchants, policy_columns, policy_of
from tongbao.institutions.orders.openness import (
    demand_free,
    demand_till_open,
    demand_unasked,
    demand_unpaid,
    order_unknown,
    want_back,
)
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.latest_news import LatestNews
from tongbao.institutions.tables import AnyRow, merchants, orders, wallets
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Order, OrderAmendment, OrderPage, OrderRequest, OrderState
from tongbao.statements import Statement

__all__ = ["OrderMaker", "Orders", "read_order_id"]

_ORDER_ID_BYTES = 16

# Who is no merchant asks for money under the name of the wallet's holder.
_SELECT = (
    sa.select(orders, sa.func.coalesce(merchants.c.name, wallets.c.holder_name).label("merchant_name"))
    .join(wallets, wallets.c.wallet_id == orders.c.wallet_id)
    .outerjoin(merchants, merchants.c.wallet_id == orders.c.wallet_id)
)
_BY_ID = _SELECT.where(orders.c.order_id == sa.bindparam("order"))
_NEWEST_FIRST = (
    _SELECT.where(orders.c.wallet_id == sa.bindparam("wallet"), orders.c.number < sa.bindparam("before"))
    .order_by(orders.c.number.desc())
    .limit(sa.bindparam("count"))
)
_INSERT = Statement(sa.insert(orders))
# Another order must have used this number: the row is found by its id, which follows from it.
_KNOWN = Statement(sa.select(orders.c.number).where(orders.c.order_id == sa.bindparam("order")))
_CANCEL = sa.update(orders).where(orders.c.order_id == sa.bindparam("order")).values(cancelled_ms=sa.bindparam("at_ms"))
# Nobody has it any more: what was prepared before has expired, and would be for another amount.
_AMEND = (
    sa.update(orders)
    .where(orders.c.order_id == sa.bindparam("order"))
    .values(
        amount_fen=sa.bindparam("amount"),
        tip_fen_max=sa.bindparam("tip_max"),
        description=sa.bindparam("words"),
        life_s=sa.bindparam("life"),
        expires_ms=sa.bindparam("until_ms"),
        anchor=None,
        anchor_expiry_ms=None,
        payer_home=None,
        payer_handle=None,
        wanted_back_ms=None,
    )
)


@dataclass(frozen=True, slots=True)
class OrderMaker:
    """Who makes, amends and cancels orders.

    Attributes:
        wallet_id: the merchant's.
        till_id: the till, which may do so with its own orders alone; None for the merchant.
    """

    wallet_id: bytes
    till_id: bytes | None = None

    def demand_own(self, order: AnyRow | None) -> AnyRow:
        """The order, if it is the maker's; others' orders are not there for it."""
        if order is None or order.wallet_id != self.wallet_id or self.till_id not in {None, order.till_id}:
            raise order_unknown()
        return order


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
    """Makes orders, changes them as long as nobody has them, and describes them.

    Attributes:
        merchants: who makes them.
    """

    def __init__(self, premises: Premises, news: LatestNews) -> None:
        self.merchants = Merchants(premises)
        self._premises = premises
        self._news = news

    async def create(self, maker: OrderMaker, request: OrderRequest) -> Order:
        """A new order of the merchant or the till, or the same one again for the same number and content.

        Raises:
            RequestError: CONFLICT where the number is that of another order.
        """
        order_id = self.order_id(maker, request.order_number)
        return await self._premises.ports.store.write(
            lambda connection: self.create_within(
                connection, maker, order_id, request, merchant=self.merchants.demand(connection, maker.wallet_id)
            )
        )

    def ask(self, connection: sa.Connection, wallet_id: bytes, request: OrderRequest) -> Order:
        """An order of any wallet, whose holder asks somebody in particular; the same again as in `create`."""
        maker = OrderMaker(wallet_id)
        order_id = self.order_id(maker, request.order_number)
        merchant = self.merchants.asker(connection, wallet_id)
        return self.create_within(connection, maker, order_id, request, merchant=merchant)

    def asker(self, connection: sa.Connection, wallet_id: bytes) -> str:
        """Under which name a wallet asks for money: the merchant's, or else its holder's."""
        return self.merchants.asker(connection, wallet_id).name

    def order_id(self, maker: OrderMaker, order_number: str) -> bytes:
        """Nobody can guess an order's id, and one number of one merchant or till has just one."""
        numbering = maker.till_id or maker.wallet_id
        return self._premises.secrets.derive("order", numbering, order_number.encode())[:_ORDER_ID_BYTES]

    def create_within(
        self,
        connection: sa.Connection,
        maker: OrderMaker,
        order_id: bytes,
        request: OrderRequest,
        *,
        merchant: MerchantFacts,
    ) -> Order:
        """The same inside a write of the store, under the merchant's name and on its terms."""
        wallet_id = maker.wallet_id
        demand_till_open(connection, maker.till_id)
        if _KNOWN.first(connection, {"order": order_id}) is not None:
            return self._again(connection, order_id, request)
        _demand_countable(request.amount_fen, request.tip_fen_max)
        premises = self._premises
        facts = premises.wallets.find(connection, wallet_id)
        facts.demand_payable()
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
                "till_id": maker.till_id,
                "tip_fen_max": request.tip_fen_max,
                "tip_fen": 0,
                **policy_columns(merchant.policy),
            },
        )
        tell(connection, [self._created(order_id, wallet_id, request, expires_ms)])
        return self._describe_new(order_id, maker, merchant, request, expires_ms)

    def _created(self, order_id: bytes, wallet_id: bytes, request: OrderRequest, expires_ms: int) -> Event:
        data: EventData = {
            "order_id": order_id.hex(),
            "order_number": request.order_number,
            "amount_fen": request.amount_fen,
            "expires_at_ms": expires_ms,
        }
        return Event(wallet_id, EventKind.ORDER_CREATED, order_id.hex(), data, self._premises.ledger.time_ms)

    def _again(self, connection: sa.Connection, order_id: bytes, request: OrderRequest) -> Order:
        known = connection.execute(_BY_ID, {"order": order_id}).one()
        content = (known.amount_fen, known.description, known.life_s, known.tip_fen_max)
        if content != (request.amount_fen, request.description, request.expires_in_s, request.tip_fen_max):
            raise RequestError(
                f"order {request.order_number} exists with other content",
                code="CONFLICT",
                field="order_number",
                cure="give a new order a new number",
            )
        return self._describe(known)

    def _describe_new(
        self, order_id: bytes, maker: OrderMaker, merchant: MerchantFacts, request: OrderRequest, expires_ms: int
    ) -> Order:
        return Order.model_construct(
            order_id=order_id.hex(),
            order_number=request.order_number,
            home=self._premises.settings.home,
            merchant_wallet_id=maker.wallet_id,
            merchant_name=merchant.name,
            till_id=maker.till_id,
            amount_fen=request.amount_fen,
            tip_fen_max=request.tip_fen_max,
            tip_fen=0,
            refunded_fen=0,
            refund_policy=merchant.policy,
            description=request.description,
            state=OrderState.OPEN,
            expires_at_ms=expires_ms,
            paid_at_ms=None,
            link=self.link(order_id),
            sequence=self._premises.ledger.sequence,
            time_ms=self._premises.ledger.time_ms,
        )

    def link(self, order_id: bytes) -> str:
        """The link to an order of this home."""
        settings, domain = self._premises.settings, self._premises.domain
        return str(OrderLink.of(order_id.hex(), home=settings.home, network_id=domain.network_id))

    # --- changed ------------------------------------------------------------------------------------------------------

    async def cancel(self, maker: OrderMaker, order_id: str) -> Order:
        """Take an order back; one that is cancelled already stays so.

        Raises:
            RefusedError: ORDER_PAID, or ORDER_RESERVED as long as a payment of it may settle.
        """
        identity = read_order_id(order_id)

        def cancel(connection: sa.Connection) -> Order:
            demand_till_open(connection, maker.till_id)
            order = maker.demand_own(connection.execute(_BY_ID, {"order": identity}).one_or_none())
            self._cancel(connection, order)
            return self._describe(connection.execute(_BY_ID, {"order": identity}).one())

        return await self._changed(identity, cancel)

    def withdraw(self, connection: sa.Connection, order_id: bytes) -> None:
        """Cancel an order, inside a write, unless a payment of it may settle or has settled."""
        with contextlib.suppress(RefusedError):
            self._cancel(connection, connection.execute(_BY_ID, {"order": order_id}).one())

    def _cancel(self, connection: sa.Connection, order: AnyRow) -> None:
        if order.cancelled_ms is None:
            self._demand_changeable(connection, order)
            connection.execute(_CANCEL, {"order": order.order_id, "at_ms": self._premises.ledger.time_ms})
            self._tell(connection, order, EventKind.ORDER_CANCELLED)

    async def amend(self, maker: OrderMaker, order_id: str, amendment: OrderAmendment) -> Order:
        """Change what an order asks, and until when.

        Raises:
            RefusedError: ORDER_PAID, ORDER_CANCELLED, or ORDER_RESERVED as long as a payment of it may settle, and
                where it stands behind a money request.
        """
        identity = read_order_id(order_id)

        def amend(connection: sa.Connection) -> Order:
            demand_till_open(connection, maker.till_id)
            order = maker.demand_own(connection.execute(_BY_ID, {"order": identity}).one_or_none())
            self._demand_changeable(connection, order)
            if order.cancelled_ms is not None:
                raise RefusedError(
                    "the order is cancelled", code="ORDER_CANCELLED", field="order_id", cure="make a new order"
                )
            demand_unasked(connection, order)
            connection.execute(_AMEND, {"order": identity, **self._amended(order, amendment)})
            amended = connection.execute(_BY_ID, {"order": identity}).one()
            self._tell(connection, amended, EventKind.ORDER_AMENDED)
            return self._describe(amended)

        return await self._changed(identity, amend)

    async def _changed(self, order_id: bytes, change: Callable[[sa.Connection], Order]) -> Order:
        """Make the change; where somebody holds the order, it is the shop's turn once he can no longer pay."""
        store = self._premises.ports.store
        try:
            return await self._news.heeded(lambda: store.write(change))
        except RefusedError as error:
            if error.code == "ORDER_RESERVED":
                await store.write(lambda connection: want_back(connection, order_id))
            raise

    def _tell(self, connection: sa.Connection, order: AnyRow, kind: EventKind) -> None:
        subject = order.order_id.hex()
        data: EventData = {"order_id": subject, "order_number": order.order_number, "amount_fen": order.amount_fen}
        data["expires_at_ms"] = order.expires_ms
        tell(connection, [Event(order.wallet_id, kind, subject, data, self._premises.ledger.time_ms)])

    def _demand_changeable(self, connection: sa.Connection, order: AnyRow) -> None:
        demand_unpaid(order)
        demand_free(connection, order, seen_ms=self._premises.ledger.seen_ms)

    def _amended(self, order: AnyRow, amendment: OrderAmendment) -> dict[str, object]:
        """The order's content with what the amendment names."""
        asked = amendment.model_dump(exclude_none=True)
        amount_fen = asked.get("amount_fen", order.amount_fen)
        tip_fen_max = asked.get("tip_fen_max", order.tip_fen_max)
        _demand_countable(amount_fen, tip_fen_max)
        life_s = asked.get("expires_in_s")
        return {
            "amount": amount_fen,
            "tip_max": tip_fen_max,
            "words": asked.get("description", order.description),
            "life": order.life_s if life_s is None else life_s,
            "until_ms": order.expires_ms if life_s is None else self._premises.ledger.time_ms + life_s * 1000,
        }

    # --- read ---------------------------------------------------------------------------------------------------------

    async def find(self, order_id: str) -> Order:
        """The order with that id."""
        identity = read_order_id(order_id)
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_BY_ID, {"order": identity}).one_or_none()
        )
        if row is None:
            raise order_unknown()
        return self._describe(row)

    async def page(self, maker: OrderMaker, wanted: OrderFilter = EVERY_ORDER, *, after: str, count: int) -> OrderPage:
        """The newest orders, or those behind a cursor: of the merchant's, or of those that the till made."""
        before = read_place(after, newest_first=True)
        query = _NEWEST_FIRST.where(*wanted.conditions(now_ms=self._premises.ledger.time_ms))
        if maker.till_id is not None:
            query = query.where(orders.c.till_id == maker.till_id)

        def read(connection: sa.Connection) -> list[AnyRow]:
            self.merchants.demand(connection, maker.wallet_id)
            return list(connection.execute(query, {"wallet": maker.wallet_id, "before": before, "count": count}).all())

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
            till_id=row.till_id,
            amount_fen=row.amount_fen,
            tip_fen_max=row.tip_fen_max,
            tip_fen=row.tip_fen,
            refunded_fen=row.refunded_fen,
            refund_policy=policy_of(row),
            description=row.description,
            state=state_of(row, now_ms=ledger.time_ms),
            expires_at_ms=row.expires_ms,
            paid_at_ms=row.paid_ms,
            link=self.link(row.order_id),
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _demand_countable(amount_fen: int, tip_fen_max: int) -> None:
    """What a payer may pay altogether must be the value of a coin."""
    if amount_fen + tip_fen_max > VALUE_MAX:
        raise RequestError(
            "amount and tip together are more than a coin can be worth",
            code="INVALID_FIELD",
            field="tip_fen_max",
            cure=f"let the two be {VALUE_MAX} at most together",
        )
