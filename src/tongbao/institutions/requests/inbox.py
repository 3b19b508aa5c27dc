"""The payer's side of money requests: they are kept at the payer's home until they are paid, declined or expired."""

from collections.abc import Callable

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import NetworkError, PeerError, RefusedError, RequestError
from tongbao.institutions.codes.payment_codes import PaymentCodes
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.requests.recalling import demand_received
from tongbao.institutions.requests.tables import received_requests
from tongbao.institutions.tables import AnyRow, orders
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.link import OrderLink
from tongbao.protocol.money_request import (
    HomeMoneyRequest,
    MoneyRequest,
    MoneyRequestPage,
    MoneyRequestState,
)
from tongbao.protocol.order import ORDER_LIFE_MAX_S, OrderState
from tongbao.protocol.payment_code import PaymentCode

__all__ = ["Inbox", "request_unknown", "state_of"]

FROM_ONE_MAX = 5
"""Open requests of one requester to one payer: who is not answered does not ask louder."""

OPEN_MAX = 100
"""Open requests to one wallet; more than a page, and nobody reads that far."""

_BOX = received_requests
# Of requests within this home the order says at once whether it is paid or cancelled.
_SELECT = sa.select(_BOX, orders.c.paid_ms, orders.c.cancelled_ms).outerjoin(
    orders, sa.and_(orders.c.order_id == _BOX.c.request_id, _BOX.c.home == sa.bindparam("own"))
)
_ONE = _SELECT.where(_BOX.c.home == sa.bindparam("at"), _BOX.c.request_id == sa.bindparam("request"))
_PAGE = (
    _SELECT.where(_BOX.c.wallet_id == sa.bindparam("wallet"), _BOX.c.number < sa.bindparam("before"))
    .order_by(_BOX.c.number.desc())
    .limit(sa.bindparam("count"))
)
_OPEN = sa.select(_BOX.c.requester_wallet_id).where(
    _BOX.c.wallet_id == sa.bindparam("wallet"),
    _BOX.c.state == MoneyRequestState.OPEN.value,
    _BOX.c.expires_ms >= sa.bindparam("now_ms"),
)
_INSERT = sa.insert(_BOX)
_SET_STATE = (
    sa.update(_BOX)
    .where(_BOX.c.home == sa.bindparam("at"), _BOX.c.request_id == sa.bindparam("request"))
    .values(state=sa.bindparam("new_state"), reason=sa.bindparam("new_reason"), told=sa.bindparam("is_told"))
)

_BY_ORDER = {
    OrderState.PAID: MoneyRequestState.PAID,
    OrderState.REFUNDED: MoneyRequestState.PAID,
    OrderState.EXPIRED: MoneyRequestState.EXPIRED,
    OrderState.CANCELLED: MoneyRequestState.CANCELLED,
}

Heard = Callable[[sa.Connection, int, bytes, str], None]
"""The requester's side of a request of this home, told within the same write: payer's home, request and reason."""


class Inbox:
    """Keeps what this home's wallets are asked for."""

    def __init__(self, premises: Premises, neighbours: Neighbours, codes: PaymentCodes) -> None:
        self._premises = premises
        self._neighbours = neighbours
        self._codes = codes
        self._own = premises.settings.home

    # --- from the requester's home ------------------------------------------------------------------------------------

    async def receive(self, request: HomeMoneyRequest) -> None:
        """Keep a request that came by address or by payment code.

        Raises:
            RefusedError: CODE_REFUSED, REQUESTS_TOO_MANY.
        """
        shown_by = None
        if (request.address is None) == (request.payment_code is None):
            raise _wrong("address", "name either the payer's address or the payment code that the payer shows")
        if request.payment_code is not None:
            code = PaymentCode.parse(request.payment_code)
            if code.home != self._own:
                raise _wrong("payment_code", "the code is not of this home")
            named = bytes.fromhex(request.request_id)
            shown_by = await self._codes.claim(code, home=request.requester_home, request_id=named)
        await self._premises.ports.store.write(lambda connection: self.deliver(connection, request, shown_by=shown_by))

    def deliver(self, connection: sa.Connection, request: HomeMoneyRequest, *, shown_by: bytes | None = None) -> None:
        """Keep a request, or find it kept; `shown_by` is the wallet that shows its payment code. Part of a write."""
        identity = bytes.fromhex(request.request_id)
        known = self._row(connection, request.requester_home, identity)
        if known is not None:
            if (known.amount_fen, known.expires_ms) != (request.amount_fen, request.expires_at_ms):
                raise _wrong("request_id", "another request has this id")
            return
        payer = self._payer(connection, request) if shown_by is None else shown_by
        if payer == request.requester_wallet_id:
            raise _wrong("address", "nobody asks himself for money")
        now_ms = self._premises.ledger.time_ms
        if not now_ms < request.expires_at_ms <= now_ms + ORDER_LIFE_MAX_S * 1000:
            raise _wrong("expires_at_ms", f"a request lives until a time in the next {ORDER_LIFE_MAX_S} seconds")
        # A code counts once anyway, and the payer has shown it himself.
        self._demand_few(connection, payer, None if shown_by else request.requester_wallet_id)
        if request.recall_of is not None:
            demand_received(connection, payer, request.recall_of, request.amount_fen)
        row = {
            "home": request.requester_home,
            "request_id": identity,
            "wallet_id": payer,
            "requester_wallet_id": request.requester_wallet_id,
            "requester_name": request.requester_name,
            "amount_fen": request.amount_fen,
            "description": request.description,
            "expires_ms": request.expires_at_ms,
            "state": MoneyRequestState.OPEN.value,
            "reason": "",
            "told": 1,
            "payment_code": request.payment_code or "",
            "recall_of": request.recall_of,
        }
        connection.execute(_INSERT, row)
        self._tell(connection, payer, EventKind.MONEY_REQUEST_RECEIVED, request.request_id, request.amount_fen)

    def _payer(self, connection: sa.Connection, request: HomeMoneyRequest) -> bytes:
        address = Address.parse(request.address or "")
        if (address.home, address.test_network) != (self._own, self._premises.genesis.test_network):
            raise _wrong("address", "the address is not of this home")
        return self._premises.wallets.find(connection, address.wallet_id).wallet_id

    def _demand_few(self, connection: sa.Connection, payer: bytes, requester: bytes | None) -> None:
        now_ms = self._premises.ledger.time_ms
        waiting = connection.execute(_OPEN, {"wallet": payer, "now_ms": now_ms}).scalars().all()
        if len(waiting) >= OPEN_MAX or waiting.count(requester) >= FROM_ONE_MAX:
            raise RefusedError(
                "too many requests to this wallet wait for an answer",
                code="REQUESTS_TOO_MANY",
                field="address",
                cure="wait until one is answered or expires, or cancel one",
            )

    def cancelled(self, connection: sa.Connection, home: int, request_id: bytes) -> None:
        """The requester has taken it back. Part of a write; raises NOT_FOUND."""
        row = self._demand_known(self._row(connection, home, request_id))
        if row.state != MoneyRequestState.OPEN:
            return
        self._set(connection, row, MoneyRequestState.CANCELLED)
        identity = request_id.hex()
        self._tell(connection, row.wallet_id, EventKind.MONEY_REQUEST_CANCELLED, identity, row.amount_fen)

    # --- for the payer ------------------------------------------------------------------------------------------------

    async def page(self, wallet_id: bytes, *, after: str, count: int) -> MoneyRequestPage:
        """What the wallet is asked for, newest first."""
        wanted = {"wallet": wallet_id, "before": read_place(after, newest_first=True), "count": count}
        rows = await self._premises.ports.store.read(
            lambda connection: connection.execute(_PAGE, {**wanted, "own": self._own}).all()
        )
        following = str(rows[-1].number) if len(rows) == count else ""
        return MoneyRequestPage(requests=[self._describe(row) for row in rows], next=following)

    async def find(self, wallet_id: bytes, home: int, request_id: bytes) -> MoneyRequest:
        """One request to the wallet, as it stands at its home; raises NOT_FOUND."""
        row = await self._own_row(wallet_id, home, request_id)
        if home != self._own and row.state == MoneyRequestState.OPEN:
            row = await self._refreshed(row)
        return self._describe(row)

    async def _refreshed(self, row: AnyRow) -> AnyRow:
        """What the order says, where its home answers; else what is known here."""
        try:
            order = await self._neighbours.order(row.home, row.request_id.hex())
        except (NetworkError, PeerError, RequestError):
            return row
        found = _BY_ORDER.get(order.state)
        if found is None:
            return row

        def keep(connection: sa.Connection) -> AnyRow:
            self._set(connection, row, found)
            return self._demand_known(self._row(connection, row.home, row.request_id))

        return await self._premises.ports.store.write(keep)

    async def decline(
        self, wallet_id: bytes, home: int, request_id: bytes, reason: str, *, heard: Heard
    ) -> MoneyRequest:
        """Say no; a request that is declined stays so. Where it is of this home, `heard` tells its requester's side.

        Raises:
            RefusedError: REQUEST_CLOSED where it is paid, cancelled or expired.
        """
        current = await self.find(wallet_id, home, request_id)
        if current.state not in {MoneyRequestState.OPEN, MoneyRequestState.DECLINED}:
            raise request_closed(current.state)

        def keep(connection: sa.Connection) -> AnyRow:
            row = self._demand_known(self._row(connection, home, request_id))
            if row.state == MoneyRequestState.OPEN:
                self._set(connection, row, MoneyRequestState.DECLINED, reason=reason, told=home == self._own)
                if home == self._own:
                    heard(connection, self._own, request_id, reason)
            return self._demand_known(self._row(connection, home, request_id))

        return self._describe(await self._premises.ports.store.write(keep))

    async def _own_row(self, wallet_id: bytes, home: int, request_id: bytes) -> AnyRow:
        row = await self._premises.ports.store.read(lambda connection: self._row(connection, home, request_id))
        if row is None or row.wallet_id != wallet_id:
            raise request_unknown()
        return row

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _row(self, connection: sa.Connection, home: int, request_id: bytes) -> AnyRow | None:
        return connection.execute(_ONE, {"own": self._own, "at": home, "request": request_id}).one_or_none()

    def _demand_known(self, row: AnyRow | None) -> AnyRow:
        if row is None:
            raise request_unknown()
        return row

    def _set(
        self, connection: sa.Connection, row: AnyRow, state: MoneyRequestState, *, reason: str = "", told: bool = True
    ) -> None:
        named = {"at": row.home, "request": row.request_id}
        connection.execute(_SET_STATE, {**named, "new_state": state.value, "new_reason": reason, "is_told": int(told)})

    def _tell(
        self, connection: sa.Connection, wallet_id: bytes, kind: EventKind, request_id: str, amount_fen: int
    ) -> None:
        data: EventData = {"request_id": request_id, "amount_fen": amount_fen}
        tell(connection, [Event(wallet_id, kind, request_id, data, self._premises.ledger.time_ms)])

    def _describe(self, row: AnyRow) -> MoneyRequest:
        premises = self._premises
        ledger = premises.ledger
        link = OrderLink.of(row.request_id.hex(), home=row.home, network_id=premises.domain.network_id)
        return MoneyRequest(
            request_id=row.request_id.hex(),
            home=row.home,
            requester_wallet_id=row.requester_wallet_id,
            requester_name=row.requester_name,
            payer_address=str(Address(self._own, row.wallet_id, premises.genesis.test_network)),
            payment_code=row.payment_code,
            amount_fen=row.amount_fen,
            description=row.description,
            state=state_of(row, now_ms=ledger.time_ms),
            reason=row.reason,
            expires_at_ms=row.expires_ms,
            link=str(link),
            recall_of=row.recall_of,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def state_of(row: AnyRow, *, now_ms: int) -> MoneyRequestState:
    """What became of a request: that it is paid counts more than what anybody has said."""
    if row.paid_ms is not None:
        return MoneyRequestState.PAID
    state = MoneyRequestState(row.state)
    if state is not MoneyRequestState.OPEN:
        return state
    if row.cancelled_ms is not None:
        return MoneyRequestState.CANCELLED
    return MoneyRequestState.EXPIRED if now_ms > row.expires_ms else state


def request_unknown() -> RequestError:
    """There is no such request of or to the wallet."""
    return RequestError(
        "this wallet has no such request",
        code="NOT_FOUND",
        field="request_id",
        cure="list the requests that the wallet has received and sent",
    )


def request_closed(state: MoneyRequestState) -> RefusedError:
    """What is over cannot be declined or cancelled."""
    return RefusedError(
        f"the request is {state}", code="REQUEST_CLOSED", field="request_id", cure="nothing is left to be done"
    )


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
