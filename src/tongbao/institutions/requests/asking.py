"""The requester's side of money requests: an order that its payer finds in his own wallet."""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RequestError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.orders.orders import OrderMaker, Orders, read_order_id
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.requests.inbox import Inbox, request_closed, request_unknown, state_of
from tongbao.institutions.requests.recalling import Recalled
from tongbao.institutions.requests.tables import sent_requests
from tongbao.institutions.tables import AnyRow, orders
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.money_request import (
    AskForMoney,
    HomeMoneyRequest,
    MoneyRequest,
    MoneyRequestDelivery,
    MoneyRequestPage,
    MoneyRequestState,
)
from tongbao.protocol.order import Order, OrderRequest
from tongbao.protocol.payment_code import PaymentCode

__all__ = ["Asking"]

_SENT = sent_requests
_SELECT = sa.select(
    _SENT,
    orders.c.amount_fen,
    orders.c.description,
    orders.c.expires_ms,
    orders.c.paid_ms,
    orders.c.cancelled_ms,
    orders.c.order_number,
).join(orders, orders.c.order_id == _SENT.c.order_id)
_ONE = _SELECT.where(_SENT.c.order_id == sa.bindparam("order"))
_PAGE = (
    _SELECT.where(_SENT.c.wallet_id == sa.bindparam("wallet"), _SENT.c.number < sa.bindparam("before"))
    .order_by(_SENT.c.number.desc())
    .limit(sa.bindparam("count"))
)
_RECALL = sa.select(_SENT).where(
    _SENT.c.wallet_id == sa.bindparam("wallet"), _SENT.c.recall_of == sa.bindparam("identity")
)
_INSERT = sa.insert(_SENT)
_SET_STATE = (
    sa.update(_SENT)
    .where(_SENT.c.order_id == sa.bindparam("order"))
    .values(state=sa.bindparam("new_state"), reason=sa.bindparam("new_reason"), told=sa.bindparam("is_told"))
)


# It may have ended before anybody heard that it had arrived.
_SET_DELIVERED = (
    sa.update(_SENT)
    .where(_SENT.c.order_id == sa.bindparam("order"), _SENT.c.state == MoneyRequestState.OPEN.value)
    .values(told=1)
)

_FINAL_OF_RECALLS = frozenset({"RECALL_UNKNOWN", "WALLET_UNKNOWN", "INVALID_FIELD", "ADDRESS_INVALID"})
"""What will be so however often it is asked; a wallet that has too many requests, or is closed, may have room later."""


@dataclass(frozen=True, slots=True)
class _Payer:
    """Who is asked: an address, or a payment code, which is all digits."""

    home: int
    named: str
    is_address: bool


class Asking:
    """Sends what this home's wallets ask of others, and keeps what became of it."""

    def __init__(self, premises: Premises, orders_desk: Orders, inbox: Inbox, neighbours: Neighbours) -> None:
        self._premises = premises
        self._orders = orders_desk
        self._inbox = inbox
        self._neighbours = neighbours
        self._own = premises.settings.home

    async def ask(self, wallet_id: bytes, request: AskForMoney, *, recall_of: bytes | None = None) -> MoneyRequest:
        """Bring a request to the payer; the same number with the same content is the same request.

        `recall_of` is the transaction that is asked back.

        Raises:
            RequestError: CONFLICT where the number is that of another order; what the payer's home says.
        """
        payer = self._payer(request)
        if payer.home != self._own:
            self._neighbours.client(payer.home)  # a home that nobody can reach is refused before anything is kept

        def keep(connection: sa.Connection) -> tuple[AnyRow, HomeMoneyRequest]:
            order = self._orders.ask(connection, wallet_id, _order_of(request))
            row = self._kept(connection, wallet_id, order, payer, recall_of)
            delivery = _delivery(order, request, recall_of)
            if payer.is_address and payer.home == self._own and row.state == MoneyRequestState.OPEN:
                self._inbox.deliver(connection, delivery)
            return row, delivery

        row, delivery = await self._premises.ports.store.write(keep)
        if not row.told and row.state == MoneyRequestState.OPEN:
            await self._deliver(row, delivery)
        return await self.find(wallet_id, row.order_id.hex())

    def _payer(self, request: AskForMoney) -> _Payer:
        if (request.address is None) == (request.payment_code is None):
            raise _wrong("address", "name either the payer's address or the payment code that the payer shows")
        if request.payment_code is not None:
            code = PaymentCode.parse(request.payment_code)
            return _Payer(code.home, str(code), is_address=False)
        address = Address.parse(request.address or "")
        if address.test_network != self._premises.genesis.test_network:
            raise _wrong("address", "the address is of another network: ask for one of this network")
        return _Payer(address.home, str(address), is_address=True)

    def _kept(
        self, connection: sa.Connection, wallet_id: bytes, order: Order, payer: _Payer, recall_of: bytes | None
    ) -> AnyRow:
        identity = {"order": bytes.fromhex(order.order_id)}
        known = connection.execute(_ONE, identity).one_or_none()
        if known is not None:
            if known.payer_address != payer.named:
                raise RequestError(
                    f"request {order.order_number} was sent to somebody else",
                    code="CONFLICT",
                    field="request_number",
                    cure="give a new request a new number",
                )
            return known
        row = {
            "order_id": identity["order"],
            "wallet_id": wallet_id,
            "payer_home": payer.home,
            "payer_address": payer.named,
            "state": MoneyRequestState.OPEN.value,
            "reason": "",
            # An address of this home is asked in this very write; a payment code has to be claimed first.
            "told": int(payer.is_address and payer.home == self._own),
            "recall_of": recall_of,
        }
        connection.execute(_INSERT, row)
        return connection.execute(_ONE, identity).one()

    async def _deliver(self, row: AnyRow, delivery: HomeMoneyRequest) -> None:
        """Bring the request to its payer; one that is refused is closed."""
        try:
            if row.payer_home == self._own:
                await self._inbox.receive(delivery)
            else:
                await self._neighbours.client(row.payer_home).post(
                    "/v1/money-requests/deliveries",
                    delivery,
                    MoneyRequestDelivery,
                    idempotency_key=f"money-request-{delivery.request_id}",
                    headers=self._neighbours.minimum_sequence(),
                )
        except RequestError as error:
            # One payment is asked back once: what passes must not be the end of it.
            if row.recall_of is None or error.code in _FINAL_OF_RECALLS:
                await self._close(row.order_id, reason=error.code)
            raise
        delivered = {"order": row.order_id}
        await self._premises.ports.store.write(
            lambda connection: connection.execute(_SET_DELIVERED, delivered).rowcount
        )

    async def recall(self, wallet_id: bytes, recalled: Recalled) -> MoneyRequest:
        """Ask a payment back; what was asked before is that request still, whatever the reason is now."""
        wanted = {"wallet": wallet_id, "identity": recalled.transaction_id}
        known = await self._premises.ports.store.read(
            lambda connection: connection.execute(_RECALL, wanted).one_or_none()
        )
        if known is None:
            return await self.ask(wallet_id, recalled.request, recall_of=recalled.transaction_id)
        request = await self.find(wallet_id, known.order_id.hex())
        if not known.told and request.state is MoneyRequestState.OPEN:
            await self._deliver(known, _delivery_of(request))
            return await self.find(wallet_id, request.request_id)
        return request

    async def page(self, wallet_id: bytes, *, after: str, count: int) -> MoneyRequestPage:
        """What the wallet has asked of others, newest first."""
        wanted = {"wallet": wallet_id, "before": read_place(after, newest_first=True), "count": count}

        def read(connection: sa.Connection) -> tuple[list[AnyRow], str]:
            return list(connection.execute(_PAGE, wanted).all()), self._orders.asker(connection, wallet_id)

        rows, name = await self._premises.ports.store.read(read)
        following = str(rows[-1].number) if len(rows) == count else ""
        return MoneyRequestPage(requests=[self._describe(row, name) for row in rows], next=following)

    async def find(self, wallet_id: bytes, request_id: str) -> MoneyRequest:
        """A request of the wallet; raises NOT_FOUND."""
        identity = read_order_id(request_id)

        def read(connection: sa.Connection) -> tuple[AnyRow | None, str]:
            row = connection.execute(_ONE, {"order": identity}).one_or_none()
            return row, self._orders.asker(connection, wallet_id)

        row, name = await self._premises.ports.store.read(read)
        if row is None or row.wallet_id != wallet_id:
            raise request_unknown()
        return self._describe(row, name)

    async def cancel(self, wallet_id: bytes, request_id: str) -> MoneyRequest:
        """Take a request back: from now on nobody can begin to pay it. One that is cancelled stays so.

        Raises:
            RefusedError: REQUEST_CLOSED where it is paid, declined or expired; ORDER_RESERVED while it is being paid.
        """
        current = await self.find(wallet_id, request_id)
        if current.state not in {MoneyRequestState.OPEN, MoneyRequestState.CANCELLED}:
            raise request_closed(current.state)
        if current.state is MoneyRequestState.OPEN:
            await self._orders.cancel(OrderMaker(wallet_id), request_id)
        # The order may have been cancelled before, as an order: then nobody has told the payer.
        await self._close(bytes.fromhex(request_id))
        return await self.find(wallet_id, request_id)

    async def _close(self, order_id: bytes, *, reason: str = "") -> None:
        def close(connection: sa.Connection) -> None:
            row = connection.execute(_ONE, {"order": order_id}).one()
            if row.state != MoneyRequestState.OPEN:
                return
            self._orders.withdraw(connection, order_id)
            at_home = row.payer_home == self._own
            if at_home and not reason:
                self._inbox.cancelled(connection, self._own, order_id)
            self._set(connection, order_id, MoneyRequestState.CANCELLED, reason, told=at_home or bool(reason))

        await self._premises.ports.store.write(close)

    def declined(self, connection: sa.Connection, payer_home: int, order_id: bytes, reason: str) -> None:
        """The payer has said no. Part of a write; raises NOT_FOUND."""
        row = connection.execute(_ONE, {"order": order_id}).one_or_none()
        if row is None or row.payer_home != payer_home:
            raise request_unknown()
        if row.state != MoneyRequestState.OPEN:
            return
        self._orders.withdraw(connection, order_id)
        self._set(connection, order_id, MoneyRequestState.DECLINED, reason)
        identity = order_id.hex()
        data: EventData = {"request_id": identity, "amount_fen": row.amount_fen}
        time_ms = self._premises.ledger.time_ms
        tell(connection, [Event(row.wallet_id, EventKind.MONEY_REQUEST_DECLINED, identity, data, time_ms)])

    def _set(
        self, connection: sa.Connection, order_id: bytes, state: MoneyRequestState, reason: str, *, told: bool = True
    ) -> None:
        row = {"order": order_id, "new_state": state.value, "new_reason": reason, "is_told": int(told)}
        connection.execute(_SET_STATE, row)

    def _describe(self, row: AnyRow, name: str) -> MoneyRequest:
        ledger = self._premises.ledger
        is_address = not row.payer_address.isdecimal()
        return MoneyRequest(
            request_id=row.order_id.hex(),
            home=self._own,
            requester_wallet_id=row.wallet_id,
            requester_name=name,
            payer_address=row.payer_address if is_address else "",
            payment_code="" if is_address else row.payer_address,
            amount_fen=row.amount_fen,
            description=row.description,
            state=state_of(row, now_ms=ledger.time_ms),
            reason=row.reason,
            expires_at_ms=row.expires_ms,
            link=self._orders.link(row.order_id),
            recall_of=row.recall_of,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _order_of(request: AskForMoney) -> OrderRequest:
    return OrderRequest(
        amount_fen=request.amount_fen,
        order_number=request.request_number,
        description=request.description,
        expires_in_s=request.expires_in_s,
    )


def _delivery(order: Order, request: AskForMoney, recall_of: bytes | None) -> HomeMoneyRequest:
    return HomeMoneyRequest(
        request_id=order.order_id,
        requester_home=order.home,
        requester_wallet_id=order.merchant_wallet_id,
        requester_name=order.merchant_name,
        address=request.address,
        payment_code=request.payment_code,
        amount_fen=order.amount_fen,
        description=order.description,
        expires_at_ms=order.expires_at_ms,
        recall_of=recall_of,
    )


def _delivery_of(request: MoneyRequest) -> HomeMoneyRequest:
    """What brings a request by address that is kept here already."""
    return HomeMoneyRequest(
        request_id=request.request_id,
        requester_home=request.home,
        requester_wallet_id=request.requester_wallet_id,
        requester_name=request.requester_name,
        address=request.payer_address,
        amount_fen=request.amount_fen,
        description=request.description,
        expires_at_ms=request.expires_at_ms,
        recall_of=request.recall_of,
    )


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
