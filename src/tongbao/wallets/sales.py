"""A merchant's side of a wallet: the shop's name, and orders that ask for money."""

from urllib.parse import quote

from tongbao.errors import PeerError
from tongbao.protocol.checkout import Checkout, CheckoutRequest
from tongbao.protocol.order import (
    Merchant,
    MerchantRequest,
    Order,
    OrderAmendment,
    OrderCancellation,
    OrderPage,
    OrderRequest,
)
from tongbao.protocol.settlement_report import SettlementReport
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home

__all__ = ["Sales"]

ORDERS_PER_PAGE = 50
_REPORT = "/v1/settlement-report"


class Sales:
    """Takes payment for the wallet `wallet_id`."""

    def __init__(self, home: Home, *, wallet_id: bytes) -> None:
        self._home = home
        self._wallet_id = wallet_id

    async def register(self, name: str, *, category: str = "5999") -> Merchant:
        """Take orders under a shop's name from now on."""
        return await self._home.register_merchant(asked(MerchantRequest, name=name, category=category))

    async def create_order(
        self,
        amount_fen: int,
        order_number: str,
        *,
        description: str = "",
        expires_in_s: int = 900,
        tip_fen_max: int = 0,
    ) -> Order:
        """Ask for money; the same number with the same content is the same order. `tip_fen_max` may come on top."""
        request = asked(
            OrderRequest,
            amount_fen=amount_fen,
            order_number=order_number,
            description=description,
            expires_in_s=expires_in_s,
            tip_fen_max=tip_fen_max,
        )
        order = await self._home.create_order(request)
        if (order.amount_fen, order.merchant_wallet_id) != (amount_fen, self._wallet_id):
            raise PeerError("the home has made another order than it was asked for")
        return order

    async def create_checkout(self, order: OrderRequest, *, success_url: str, cancel_url: str) -> Checkout:
        """Ask for money, and say where the payer is sent back to; number and content again are the same checkout."""
        request = asked(CheckoutRequest, order=order, success_url=success_url, cancel_url=cancel_url)
        made = await self._home.post("/v1/checkouts", request, Checkout, self._home.new_request())
        if (made.order.amount_fen, made.order.merchant_wallet_id) != (order.amount_fen, self._wallet_id):
            raise PeerError("the home has made another order than it was asked for")
        return made

    async def checkout(self, order_id: str) -> Checkout:
        """A checkout as it stands."""
        return await self._home.get(f"/v1/checkouts/{quote(order_id, safe='')}", Checkout)

    async def report(self, *, day: str | None = None) -> SettlementReport:
        """What came in and went back on a day (today where none is named), with all its lines."""
        query: dict[str, str | int] = {} if day is None else {"day": day}
        report = await self._home.get(_REPORT, SettlementReport, query)
        lines = list(report.lines)
        # Named from the second page on: the day may end in between.
        while report.next:
            query = {"day": report.day, "after": report.next}
            report = await self._home.get(_REPORT, SettlementReport, query)
            lines += report.lines
        return report.model_copy(update={"lines": lines})

    async def amend_order(self, order_id: str, amendment: OrderAmendment) -> Order:
        """Change what an order asks that nobody has paid, or is about to pay."""
        path = f"/v1/orders/{quote(order_id, safe='')}/amend"
        return await self._home.post(path, amendment, Order, self._home.new_request())

    async def cancel_order(self, order_id: str) -> Order:
        """Take an order back that nobody has paid, or is about to pay; one that is cancelled already stays so."""
        path = f"/v1/orders/{quote(order_id, safe='')}/cancel"
        return await self._home.post(path, OrderCancellation(), Order, self._home.new_request())

    async def order(self, order_id: str) -> Order:
        """An order of this merchant as it stands."""
        return await self._home.order(order_id, home=self._home.number)

    async def orders(self, *, after: str = "", limit: int = ORDERS_PER_PAGE) -> OrderPage:
        """This merchant's orders, newest first."""
        return await self._home.orders(after=after, limit=limit)
