"""What happens to offered refunds by themselves: silence is heeded, and payers' homes are told how far they are."""

import logging
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from tongbao.errors import BusyError, NetworkError, PeerError, RequestError
from tongbao.institutions.looking import look_for_ever
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.inbox import RefundInbox
from tongbao.institutions.refunds.offer_book import OfferBook
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.refund import RefundDelivery

__all__ = ["FINAL", "LATE_MS", "LOOK_S", "PAUSE_S", "Waiting"]

LOOK_S: Final = 5.0
"""How late anybody may hear of it, beside the seconds in which ledger time stands still when nothing happens."""

PAUSE_S: Final = 60
"""A home that did not answer is left alone so long, so that it holds nobody else's news up."""

LATE_MS: Final = 10_000
"""What the way to the payer's home may take of the payer's time: a sixth of the shortest."""

FINAL: Final = frozenset({"NOT_FOUND", "REFUND_TOO_MUCH", "INVALID_FIELD"})
"""What a home says that will never take the offer; whatever else it says, it may take it the next time."""

_AT_ONCE: Final = 100  # told within a second; the others with the next look

_log = logging.getLogger(__name__)


class Waiting:
    """Looks now and then for offers that nobody answered in time, and for homes that have not been told."""

    def __init__(self, premises: Premises, book: OfferBook, inbox: RefundInbox, neighbours: Neighbours) -> None:
        self._premises = premises
        self._book = book
        self._inbox = inbox
        self._neighbours = neighbours
        self._not_before_ms: dict[int, int] = {}

    async def run(self) -> None:
        """Look for ever; a task of its own."""
        clock = self._premises.ports.clock
        await look_for_ever(self.look, every_s=LOOK_S, clock=clock, log=_log, later="offered refunds are looked after")

    async def look(self) -> None:
        """Heed the silence of some, and tell the homes of some."""
        store = self._premises.ports.store
        silent, untold = await store.read(self._due)
        if silent:
            await store.write(lambda connection: self._heed(connection, silent))
            untold = await store.read(self._untold)
        for row in untold:
            await self.bring(row)

    def _due(self, connection: sa.Connection) -> tuple[list[AnyRow], list[AnyRow]]:
        return self._book.silent(connection, count=_AT_ONCE), self._untold(connection)

    def _untold(self, connection: sa.Connection) -> list[AnyRow]:
        now_ms = self._premises.ports.clock.now_ms()
        paused = [home for home, until_ms in sorted(self._not_before_ms.items()) if now_ms < until_ms]
        return self._book.untold(connection, besides=paused, count=_AT_ONCE)

    def _heed(self, connection: sa.Connection, silent: Sequence[AnyRow]) -> None:
        for row in silent:
            self._book.heed_silence(connection, row.refund_id)

    async def bring(self, row: AnyRow) -> None:
        """Tell the payer's home how far an offer is; where it cannot be reached now, it is told later."""
        home, now_ms = row.payer_home, self._premises.ports.clock.now_ms()
        if now_ms < self._not_before_ms.get(home, 0):
            return
        ledger = self._premises.ledger
        # The payer's time begins when the payer can see it, however long that took.
        begun_ms = ledger.time_ms
        answer_by_ms = row.answer_by_ms or begun_ms + row.refund_answer_s * 1000
        undelivered = ""
        told = self._book.for_home(row, answer_by_ms=answer_by_ms)
        try:
            if home == self._premises.settings.home:
                await self._premises.ports.store.write(lambda connection: self._inbox.keep(connection, told))
            else:
                await self._neighbours.client(home).post(
                    "/v1/refunds/deliveries",
                    told,
                    RefundDelivery,
                    idempotency_key=f"refund-{told.state}-{answer_by_ms}-{told.refund_id}",
                    headers=self._neighbours.minimum_sequence(),
                )
        except (NetworkError, BusyError, PeerError, RequestError) as error:
            if not isinstance(error, RequestError) or error.code not in FINAL:
                _log.warning("home %s hears of a refund later: %s", home, error)
                self._not_before_ms[home] = now_ms + PAUSE_S * 1000
                return
            undelivered = error.code
        if row.answer_by_ms is None and ledger.time_ms - begun_ms > LATE_MS:
            return  # it was long on its way: the next look gives the payer the whole time
        self._not_before_ms.pop(home, None)
        await self._premises.ports.store.write(
            lambda connection: self._book.delivered(connection, row, answer_by_ms=answer_by_ms, undelivered=undelivered)
        )
