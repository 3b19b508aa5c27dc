"""Telling other homes what became of a request; what could not be told is told when one of its parties looks again."""

import logging

import sqlalchemy as sa

from tongbao.errors import BusyError, NetworkError, PeerError, RequestError, WorldError
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.requests.tables import received_requests, sent_requests
from tongbao.protocol.money_request import MoneyRequestDelivery, MoneyRequestNews, MoneyRequestState

__all__ = ["Telling"]

AT_ONCE_MAX = 100
"""Told in one go; whoever looks next has the others told."""

_DECLINED = (
    sa.select(received_requests.c.home, received_requests.c.request_id, received_requests.c.reason)
    .where(received_requests.c.told == 0, received_requests.c.state == MoneyRequestState.DECLINED.value)
    .order_by(received_requests.c.number)
    .limit(AT_ONCE_MAX)
)
_CANCELLED = (
    sa.select(sent_requests.c.payer_home, sent_requests.c.order_id)
    .where(sent_requests.c.told == 0, sent_requests.c.state == MoneyRequestState.CANCELLED.value)
    .order_by(sent_requests.c.number)
    .limit(AT_ONCE_MAX)
)
_TOLD_REQUESTER = (
    sa.update(received_requests)
    .where(received_requests.c.home == sa.bindparam("at"), received_requests.c.request_id == sa.bindparam("request"))
    .values(told=1)
)
_TOLD_PAYER = sa.update(sent_requests).where(sent_requests.c.order_id == sa.bindparam("request")).values(told=1)

_log = logging.getLogger(__name__)


class Telling:
    """Brings news to the other party's home, beside everything else."""

    def __init__(self, premises: Premises, neighbours: Neighbours) -> None:
        self._premises = premises
        self._neighbours = neighbours
        self._own = premises.settings.home
        self._busy = False

    def soon(self) -> None:
        """Have everything told that has not been."""
        if not self._busy:
            self._busy = True
            self._premises.ports.spawn.task(self._tell_all(), name="news of money requests")

    async def _tell_all(self) -> None:
        try:
            for home, news in await self._premises.ports.store.read(self._untold):
                await self._tell(home, news)
        except WorldError as error:
            # As when too much waits for the database: it stays untold, and the institution goes on.
            _log.warning("news of money requests wait: %s", error)
        finally:
            self._busy = False

    def _untold(self, connection: sa.Connection) -> list[tuple[int, MoneyRequestNews]]:
        declined = [
            (row.home, self._news(row.home, row.request_id, MoneyRequestState.DECLINED, row.reason))
            for row in connection.execute(_DECLINED)
        ]
        cancelled = [
            (row.payer_home, self._news(self._own, row.order_id, MoneyRequestState.CANCELLED, ""))
            for row in connection.execute(_CANCELLED)
        ]
        return declined + cancelled

    def _news(self, request_home: int, request_id: bytes, state: MoneyRequestState, reason: str) -> MoneyRequestNews:
        return MoneyRequestNews.model_validate(
            {
                "teller_home": self._own,
                "request_home": request_home,
                "request_id": request_id.hex(),
                "state": state,
                "reason": reason,
            }
        )

    async def _tell(self, home: int, news: MoneyRequestNews) -> None:
        key = f"money-request-{news.state}-{news.request_id}"
        try:
            await self._neighbours.client(home).post(
                "/v1/money-requests/news", news, MoneyRequestDelivery, idempotency_key=key
            )
        except (NetworkError, BusyError, PeerError):
            return  # it stays untold
        except RequestError:
            pass  # that home has no such request: there is nobody to tell
        named = {"at": news.request_home, "request": bytes.fromhex(news.request_id)}
        statement = _TOLD_PAYER if news.request_home == self._own else _TOLD_REQUESTER
        await self._premises.ports.store.write(lambda connection: connection.execute(statement, named).rowcount)
