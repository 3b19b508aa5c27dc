"""Asking somebody for money, and answering who asks."""

from collections.abc import Awaitable, Callable
from typing import Final

from tongbao.errors import PeerError, RefusedError, RequestError
from tongbao.protocol.money_request import (
    REQUEST_LIFE_S,
    AskForMoney,
    MoneyRequest,
    MoneyRequestBox,
    MoneyRequestCancellation,
    MoneyRequestDecline,
    MoneyRequestPage,
    MoneyRequestState,
    RecallRequest,
)
from tongbao.protocol.order import Order
from tongbao.protocol.payment_code import PaymentCode
from tongbao.wallets.asking import asked, demand_amount
from tongbao.wallets.home import Home
from tongbao.wallets.payment import WalletPayment

__all__ = ["MoneyRequests"]

REQUESTS_PER_PAGE: Final = 50

CHARGE_LIFE_S: Final = 120
"""The payer stands at the counter."""

PayOrder = Callable[[Order], Awaitable[WalletPayment]]


class MoneyRequests:
    """What the wallet `wallet_id` asks of others, and what others ask of it; `pay_order` pays an order."""

    def __init__(self, home: Home, *, wallet_id: bytes, pay_order: PayOrder) -> None:
        self._home = home
        self._wallet_id = wallet_id
        self._pay_order = pay_order

    async def ask(
        self,
        address: str,
        amount_fen: int,
        *,
        request_number: str = "",
        description: str = "",
        expires_in_s: int = REQUEST_LIFE_S,
    ) -> MoneyRequest:
        """Ask a wallet for money; the same number with the same content is the same request."""
        return await self._ask(
            amount_fen,
            address=address,
            request_number=request_number or self._home.new_request(),
            description=description,
            expires_in_s=expires_in_s,
        )

    async def charge(
        self,
        payment_code: str,
        amount_fen: int,
        *,
        request_number: str = "",
        description: str = "",
        expires_in_s: int = CHARGE_LIFE_S,
    ) -> MoneyRequest:
        """Ask whoever shows this payment code; the same number with the same content is the same request."""
        return await self._ask(
            amount_fen,
            payment_code=str(PaymentCode.parse(payment_code)),
            request_number=request_number or self._home.new_request(),
            description=description,
            expires_in_s=expires_in_s,
        )

    async def _ask(self, amount_fen: int, **named: str | int) -> MoneyRequest:
        demand_amount(amount_fen)
        message = asked(AskForMoney, amount_fen=amount_fen, **named)
        request = await self._home.post("/v1/money-requests", message, MoneyRequest, self._home.new_request())
        made = (request.amount_fen, request.requester_wallet_id, request.home)
        if made != (amount_fen, self._wallet_id, self._home.number):
            raise PeerError("the home has made another request than it was asked for")
        return request

    async def recall(self, payment: WalletPayment, *, reason: str = "") -> MoneyRequest:
        """Ask the person who was paid by mistake for just that payment; asked again it is the same request."""
        message = asked(RecallRequest, payment_id=payment.payment_id, reason=reason)
        request = await self._home.post("/v1/recalls", message, MoneyRequest, self._home.new_request())
        if (request.recall_of, request.amount_fen) != (payment.transaction_id, payment.amount_fen):
            raise PeerError("the home asks for another payment back than it was told to")
        return request

    async def received(self, *, after: str = "", limit: int = REQUESTS_PER_PAGE) -> MoneyRequestPage:
        """What others ask of this wallet, newest first."""
        return await self._page(MoneyRequestBox.RECEIVED, after, limit)

    async def sent(self, *, after: str = "", limit: int = REQUESTS_PER_PAGE) -> MoneyRequestPage:
        """What this wallet asks of others, newest first."""
        return await self._page(MoneyRequestBox.SENT, after, limit)

    async def _page(self, box: MoneyRequestBox, after: str, limit: int) -> MoneyRequestPage:
        query: dict[str, str | int] = {"box": box.value, "after": after, "limit": limit}
        return await self._home.get("/v1/money-requests", MoneyRequestPage, query)

    async def find(self, request_id: str, *, home: int) -> MoneyRequest:
        """A request as it stands at the requester's home."""
        return await self._home.get(f"/v1/homes/{home}/money-requests/{request_id}", MoneyRequest)

    async def named(self, request_id: str) -> MoneyRequest:
        """The request with this id among all that the wallet has received or sent, as it stands."""
        for box in MoneyRequestBox:
            page = await self._page(box, "", REQUESTS_PER_PAGE)
            while True:
                for each in page.requests:
                    if each.request_id == request_id:
                        return await self.find(request_id, home=each.home)
                if not page.next:
                    break
                page = await self._page(box, page.next, REQUESTS_PER_PAGE)
        raise RequestError(
            "this wallet has no such request",
            field="request",
            cure="tongbao wallet request list shows those that there are",
            code="NOT_FOUND",
        )

    async def accept(self, request: MoneyRequest) -> WalletPayment:
        """Pay what is asked for; however often it is called, at most one payment settles.

        Raises:
            RefusedError: `REQUEST_CLOSED` where it was declined, cancelled or has expired.
            PeerError: the order behind the request asks for something else.
        """
        if request.state not in {MoneyRequestState.OPEN, MoneyRequestState.PAID}:
            raise RefusedError(
                f"the request is {request.state}",
                field="request",
                cure="have the other one ask again",
                code="REQUEST_CLOSED",
            )
        order = await self._home.order(request.request_id, home=request.home)
        found = (order.order_id, order.home, order.merchant_wallet_id, order.amount_fen)
        if found != (request.request_id, request.home, request.requester_wallet_id, request.amount_fen):
            raise PeerError("the order behind the request asks for something else than the request")
        payment = await self._pay_order(order)
        await self.find(request.request_id, home=request.home)  # so that the home hears that it is paid
        return payment

    async def decline(self, request: MoneyRequest, *, reason: str = "") -> MoneyRequest:
        """Say no."""
        message = asked(MoneyRequestDecline, reason=reason)
        path = f"/v1/homes/{request.home}/money-requests/{request.request_id}/decline"
        return await self._home.post(path, message, MoneyRequest, self._home.new_request())

    async def cancel(self, request: MoneyRequest) -> MoneyRequest:
        """Take a request of this wallet back."""
        path = f"/v1/money-requests/{request.request_id}/cancel"
        return await self._home.post(path, MoneyRequestCancellation(), MoneyRequest, self._home.new_request())
