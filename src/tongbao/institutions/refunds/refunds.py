"""Refunds that are offered, as wallets and other homes ask for them."""

import sqlalchemy as sa

from tongbao.institutions.orders.merchants import Merchants
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.inbox import RefundInbox
from tongbao.institutions.refunds.offer_book import OfferBook, refund_unknown
from tongbao.institutions.refunds.offering import Offering
from tongbao.institutions.refunds.waiting import Waiting
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.cursor import read_place
from tongbao.protocol.refund import (
    HomeRefund,
    HomeRefundAnswer,
    Refund,
    RefundBox,
    RefundDelivery,
    RefundOffer,
    RefundPage,
)

__all__ = ["Refunds", "read_refund_id"]

_REFUND_ID_BYTES = 16


def read_refund_id(text: str) -> bytes:
    """The bytes of a refund's id; raises NOT_FOUND for what cannot be one."""
    try:
        refund_id = bytes.fromhex(text)
    except ValueError:
        raise refund_unknown() from None
    if len(refund_id) != _REFUND_ID_BYTES or refund_id.hex() != text:
        raise refund_unknown()
    return refund_id


class Refunds:
    """What merchants of this home offer, and what wallets of this home are offered.

    Attributes:
        merchants: whose policies say whether a refund is offered at all.
        waiting: what happens by itself.
    """

    def __init__(self, premises: Premises, merchants: Merchants, neighbours: Neighbours) -> None:
        self.merchants = merchants
        self._premises = premises
        self._own = premises.settings.home
        self._book = OfferBook(premises)
        self._inbox = RefundInbox(premises, neighbours)
        self._offering = Offering(premises, self._book, self._inbox)
        self.waiting = Waiting(premises, self._book, self._inbox, neighbours)

    async def offer(self, wallet_id: bytes, request: RefundOffer) -> Refund:
        """Offer a refund; the payer's home hears of it at once, or as soon as it can."""
        return await self._told(await self._offering.offer(wallet_id, request))

    async def withdraw(self, wallet_id: bytes, refund_id: str) -> Refund:
        """Take an offer back."""
        return await self._told(await self._offering.withdraw(wallet_id, read_refund_id(refund_id)))

    async def _told(self, row: AnyRow) -> Refund:
        if not row.told:
            await self.waiting.bring(row)
        return await self._find(row.refund_id)

    async def find(self, refund_id: str) -> Refund:
        """An offer of a merchant of this home; raises NOT_FOUND."""
        return await self._find(read_refund_id(refund_id))

    async def _find(self, refund_id: bytes) -> Refund:
        store = self._premises.ports.store
        return self._book.describe(await store.read(lambda connection: self._book.demand(connection, refund_id)))

    async def page(self, wallet_id: bytes, box: RefundBox, *, after: str, count: int) -> RefundPage:
        """What the wallet is offered, or offers, newest first."""
        if box is RefundBox.RECEIVED:
            return await self._inbox.page(wallet_id, after=after, count=count)
        before = read_place(after, newest_first=True)

        def read(connection: sa.Connection) -> list[AnyRow]:
            return self._book.page(connection, wallet_id, before=before, count=count)

        rows = await self._premises.ports.store.read(read)
        following = str(rows[-1].number) if len(rows) == count else ""
        return RefundPage(refunds=[self._book.describe(row) for row in rows], next=following)

    async def answer(self, wallet_id: bytes, home: int, refund_id: str, *, accept: bool) -> Refund:
        """Take a refund or decline it; it counts once the shop's home has it.

        Raises:
            RequestError: NOT_FOUND.
            RefusedError: REFUND_CLOSED where something else has been decided.
            NetworkError, PeerError: the shop's home did not answer; ask again.
        """
        identity = read_refund_id(refund_id)
        await self._inbox.demand_own(wallet_id, home, identity)
        answer = HomeRefundAnswer(payer_home=self._own, refund_id=refund_id, accept=accept)
        if home != self._own:
            return await self._inbox.answer_elsewhere(home, answer)
        return self._book.describe(await self._offering.answered(answer))

    async def delivered(self, told: HomeRefund) -> RefundDelivery:
        """Another home tells of an offer to a wallet here."""
        await self._premises.ports.store.write(lambda connection: self._inbox.keep(connection, told))
        ledger = self._premises.ledger
        return RefundDelivery(refund_id=told.refund_id, sequence=ledger.sequence, time_ms=ledger.time_ms)

    async def answered(self, answer: HomeRefundAnswer) -> Refund:
        """Another home passes on what its customer answers."""
        return self._book.describe(await self._offering.answered(answer))
