"""Telling the other wallet's home of a pocket that is filled, until it has heard."""

import asyncio
import logging
from typing import Final

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import BusyError, InvariantError, NetworkError, PeerError, RequestError, TongbaoError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.pockets.pocket_book import PocketBook
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.pocket import PocketDelivered, PocketDelivery

__all__ = ["Delivering"]

AT_ONCE_MAX: Final = 100
"""Told in one go: a home that does not answer holds up the others for so many time-outs at most."""

PAUSE_S: Final = 10.0
"""Between attempts at a home that does not answer."""

_log = logging.getLogger(__name__)


class Delivering:
    """Brings the news of pockets to the homes of those who can open them."""

    def __init__(self, premises: Premises, book: PocketBook, neighbours: Neighbours) -> None:
        self._premises = premises
        self._own = premises.settings.home
        self._book = book
        self._neighbours = neighbours
        self._filled = asyncio.Event()

    def soon(self) -> None:
        """Have every home told that has not been."""
        self._filled.set()

    async def run(self) -> None:
        """Tell for ever; a task of its own. What an earlier process left untold comes first."""
        while True:
            try:
                left = await self._tell_all()
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("news of pockets wait: %s", error)
                left = True
            if left:
                await self._premises.ports.clock.sleep(PAUSE_S)
            else:
                await self._filled.wait()
            self._filled.clear()

    async def _tell_all(self) -> bool:
        """Tell of what is untold; whether some is left."""
        store = self._premises.ports.store
        rows = await store.read(lambda connection: self._book.untold(connection, count=AT_ONCE_MAX))
        left = len(rows) == AT_ONCE_MAX
        for row in rows:
            left = not await self._tell(row) or left
        return left

    async def _tell(self, row: AnyRow) -> bool:
        delivery = self._delivery(row)
        try:
            if row.other_home == self._own:
                await self.receive(delivery)
            else:
                await self._neighbours.client(row.other_home).post(
                    "/v1/pockets/deliveries",
                    delivery,
                    PocketDelivered,
                    idempotency_key=f"pocket-{row.pocket_id.hex()}",
                    headers=self._neighbours.minimum_sequence(),
                )
        except (NetworkError, BusyError, PeerError):
            return False
        except RequestError as error:
            # There is no such wallet any more: the maker takes the money back when the time has come.
            _log.warning("a pocket for home %d is not wanted there: %s", row.other_home, error.code)
        await self._premises.ports.store.write(lambda connection: self._book.told(connection, row.pocket_id))
        return True

    def _delivery(self, row: AnyRow) -> PocketDelivery:
        return PocketDelivery(
            maker_home=self._own,
            pocket_id=row.pocket_id,
            maker_address=self._book.address(row.wallet_id),
            other_address=self._book.address(row.other_wallet_id, row.other_home),
            amount_fen=row.amount_fen,
            sealed=row.sealed_for_other,
            since_ms=row.since_ms,
        )

    async def receive(self, delivery: PocketDelivery) -> PocketDelivered:
        """Keep a pocket for a wallet of this home, and tell its holder; the same again changes nothing.

        Raises:
            RequestError: WALLET_UNKNOWN, INVALID_FIELD.
        """
        other = Address.parse(delivery.other_address)
        if other.home != self._own:
            raise RequestError(
                "the address is not of this home",
                code="INVALID_FIELD",
                field="other_address",
                cure="tell the home that the address names",
            )

        def keep(connection: sa.Connection) -> None:
            wallet_id = self._premises.wallets.find(connection, other.wallet_id).wallet_id
            if self._book.received(connection, delivery.maker_home, delivery.pocket_id) is not None:
                return
            self._book.insert_received(connection, delivery, wallet_id)
            subject = delivery.pocket_id.hex()
            told: EventData = {"pocket_id": subject, "home": delivery.maker_home, "amount_fen": delivery.amount_fen}
            told["counterparty"] = delivery.maker_address
            now_ms = self._premises.ledger.time_ms
            tell(connection, [Event(wallet_id, EventKind.POCKET_RECEIVED, subject, told, now_ms)])

        await self._premises.ports.store.write(keep)
        return PocketDelivered(pocket_id=delivery.pocket_id)
