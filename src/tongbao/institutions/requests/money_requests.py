"""Money requests as wallets and other homes ask for them."""

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.codes.payment_codes import PaymentCodes
from tongbao.institutions.orders.orders import Orders, read_order_id
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.requests.asking import Asking
from tongbao.institutions.requests.inbox import Inbox
from tongbao.institutions.requests.recalling import Recalling
from tongbao.institutions.requests.telling import Telling
from tongbao.protocol.money_request import (
    AskForMoney,
    HomeMoneyRequest,
    MoneyRequest,
    MoneyRequestBox,
    MoneyRequestDelivery,
    MoneyRequestNews,
    MoneyRequestPage,
    MoneyRequestState,
    RecallRequest,
)

__all__ = ["MoneyRequests"]


class MoneyRequests:
    """What wallets of this home ask for, and what they are asked for."""

    def __init__(self, premises: Premises, orders: Orders, neighbours: Neighbours, codes: PaymentCodes) -> None:
        self._premises = premises
        self._own = premises.settings.home
        self._inbox = Inbox(premises, neighbours, codes)
        self._asking = Asking(premises, orders, self._inbox, neighbours)
        self._recalling = Recalling(premises)
        self._telling = Telling(premises, neighbours)

    async def ask(self, wallet_id: bytes, request: AskForMoney) -> MoneyRequest:
        """Ask somebody for money."""
        return await self._asking.ask(wallet_id, request)

    async def recall(self, wallet_id: bytes, request: RecallRequest) -> MoneyRequest:
        """Ask a person for a payment back."""
        return await self._asking.recall(wallet_id, await self._recalling.made_out(wallet_id, request))

    async def page(self, wallet_id: bytes, box: MoneyRequestBox, *, after: str, count: int) -> MoneyRequestPage:
        """What the wallet has received or sent, newest first."""
        self._telling.soon()
        side = self._inbox if box is MoneyRequestBox.RECEIVED else self._asking
        return await side.page(wallet_id, after=after, count=count)

    async def find(self, wallet_id: bytes, home: int, request_id: str) -> MoneyRequest:
        """A request that the wallet has received or sent, as it stands at `home`; raises NOT_FOUND."""
        try:
            return await self._inbox.find(wallet_id, home, read_order_id(request_id))
        except RequestError:
            if home != self._own:
                raise
        return await self._asking.find(wallet_id, request_id)

    async def decline(self, wallet_id: bytes, home: int, request_id: str, reason: str) -> MoneyRequest:
        """Say no; the requester's home hears of it as soon as it can."""
        identity = read_order_id(request_id)
        declined = await self._inbox.decline(wallet_id, home, identity, reason, heard=self._asking.declined)
        if home != self._own:
            self._telling.soon()
        return declined

    async def cancel(self, wallet_id: bytes, request_id: str) -> MoneyRequest:
        """Take a request back; the payer's home hears of it as soon as it can."""
        cancelled = await self._asking.cancel(wallet_id, request_id)
        self._telling.soon()
        return cancelled

    async def delivered(self, request: HomeMoneyRequest) -> MoneyRequestDelivery:
        """Another home brings a request to a wallet of this one."""
        await self._inbox.receive(request)
        return self._delivery(request.request_id)

    async def told(self, news: MoneyRequestNews) -> MoneyRequestDelivery:
        """Another home tells what became of a request; raises NOT_FOUND where it is none between the two."""
        identity = bytes.fromhex(news.request_id)

        def keep(connection: sa.Connection) -> None:
            if news.state is MoneyRequestState.DECLINED and news.request_home == self._own:
                self._asking.declined(connection, news.teller_home, identity, news.reason)
            elif news.state is MoneyRequestState.CANCELLED and news.request_home == news.teller_home:
                self._inbox.cancelled(connection, news.teller_home, identity)
            else:
                raise RequestError(
                    f"home {news.teller_home} cannot say that a request at home {news.request_home} is {news.state}",
                    code="INVALID_FIELD",
                    field="request_home",
                    cure="the payer's home tells of declined requests, the requester's of cancelled ones",
                )

        await self._premises.ports.store.write(keep)
        return self._delivery(news.request_id)

    def _delivery(self, request_id: str) -> MoneyRequestDelivery:
        ledger = self._premises.ledger
        return MoneyRequestDelivery(request_id=request_id, sequence=ledger.sequence, time_ms=ledger.time_ms)
