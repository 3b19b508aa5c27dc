"""Preparing a refund: a payment the other way, to the wallet that paid the order, and never more than it paid.

What an order's policy lets go out at once names the order; what the payer was asked about names the refund.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RefusedError, RequestError, WalletMovedError
from tongbao.institutions.orders.receiving import Payer, Receiving, Terms, refund_too_much
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.payments.preparations import Preparations, Prepared
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.offer_book import OfferBook
from tongbao.institutions.refunds.refundable import left_fen, paid_order
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.payment import AcceptanceRequest
from tongbao.protocol.stock import LockProof

__all__ = ["RefundOf", "Refunding"]


@dataclass(frozen=True, slots=True)
class RefundOf:
    """What is refunded: exactly one of the two.

    Attributes:
        order_id: an order whose policy asks nobody.
        refund_id: a refund that was offered and accepted.
    """

    order_id: bytes | None = None
    refund_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Owed:
    """The order, how much of it may go back, and how much of that is asked for if nothing is said."""

    order: AnyRow
    left_fen: int
    amount_fen: int


class Refunding:
    """Prepares refunds of orders at this home."""

    def __init__(
        self, premises: Premises, preparations: Preparations, receiving: Receiving, neighbours: Neighbours
    ) -> None:
        self._premises = premises
        self._preparations = preparations
        self._receiving = receiving
        self._neighbours = neighbours
        self._book = OfferBook(premises)

    async def prepare(
        self,
        draft: Prepared,
        what: RefundOf,
        *,
        amount_fen: int | None,
        check: Callable[[sa.Connection, Prepared], None],
    ) -> tuple[Prepared, LockProof]:
        """What the refund must carry; `amount_fen` may be left out for all that is left, or all that was offered."""
        store = self._premises.ports.store

        def look(connection: sa.Connection) -> tuple[_Owed | None, Prepared | None]:
            check(connection, draft)
            again = self._preparations.again(connection, draft)
            return (None, again) if again is not None else (self._owed(connection, what, draft.wallet_id), None)

        owed, again = await store.read(look)
        if owed is None:
            return await store.read(lambda connection: self._proven(connection, again or draft))
        amount, order = owed.amount_fen if amount_fen is None else amount_fen, owed.order
        if not 1 <= amount <= owed.left_fen:
            raise refund_too_much()
        if what.refund_id is not None and amount != owed.amount_fen:
            raise RequestError(
                f"the payer has accepted {owed.amount_fen} fen, not {amount}",
                code="INVALID_FIELD",
                field="amount_fen",
                cure="leave amount_fen out, or pay what was accepted",
            )
        counterparty = f"refund of {order.order_number}"
        named = replace(draft, order_id=order.order_id, counterparty=counterparty, amount_fen=amount)
        try:
            if order.payer_home == self._premises.settings.home:
                return await store.write(lambda connection: self._prepare_here(connection, named, order, what))
            # The payer may have prepared the payment several times, and only one of them was made.
            handle = order.paid_transaction_id.hex()
            return await self._prepare_elsewhere(named, what, home=order.payer_home, refund_handle=handle)
        except WalletMovedError as moved:
            # Once: a holder who has moved on from there, too, has left word only there.
            return await self._prepare_moved(named, Address.parse(moved.moved_to), what)

    async def _prepare_moved(self, named: Prepared, address: Address, what: RefundOf) -> tuple[Prepared, LockProof]:
        """The payer's home says that he is paid elsewhere now: the money goes to that address."""
        if address.home != self._premises.settings.home:
            return await self._prepare_elsewhere(named, what, home=address.home, address=str(address))

        def prepare(connection: sa.Connection) -> tuple[Prepared, LockProof]:
            payer = Payer(self._premises.settings.home, named.payment_id.hex(), named.anchor)
            terms = self._receiving.for_person(connection, address.wallet_id, named.amount_fen, payer)
            return self._on_terms(connection, named, terms, what)

        return await self._premises.ports.store.write(prepare)

    def _proven(self, connection: sa.Connection, prepared: Prepared) -> tuple[Prepared, LockProof]:
        return prepared, self._preparations.proof_of(connection, prepared)

    def _owed(self, connection: sa.Connection, what: RefundOf, wallet_id: bytes) -> _Owed:
        now_ms = self._premises.ledger.time_ms
        if what.refund_id is not None:
            offer = self._book.demand_owed(connection, what.refund_id, wallet_id)
            # What was offered is set aside: no more of it goes out than was accepted, and no less.
            order = paid_order(connection, offer.order_id, wallet_id)
            return _Owed(order, offer.amount_fen, offer.amount_fen)
        order = paid_order(connection, what.order_id or b"", wallet_id)
        if order.refund_answer_s is not None:
            raise RefusedError(
                "the payer of this order is asked before money goes back",
                code="REFUND_NEEDS_OFFER",
                field="payee.refund_of",
                cure="offer the refund (tongbao wallet refunds offer), and pay it once it is accepted",
            )
        left = left_fen(connection, order, now_ms=now_ms)
        return _Owed(order, left, left)

    def _keep(self, connection: sa.Connection, prepared: Prepared, what: RefundOf) -> None:
        """Again inside the write: another refund may have been prepared meanwhile."""
        owed = self._owed(connection, what, prepared.wallet_id)
        if prepared.amount_fen > owed.left_fen:
            raise refund_too_much()
        if what.refund_id is not None:
            self._book.begin(connection, what.refund_id, prepared.wallet_id, prepared.payment_id)
        self._preparations.insert(connection, prepared)

    def _prepare_here(
        self, connection: sa.Connection, named: Prepared, order: AnyRow, what: RefundOf
    ) -> tuple[Prepared, LockProof]:
        payer = Payer(self._premises.settings.home, named.payment_id.hex(), named.anchor)
        terms = self._receiving.for_refund(connection, order.payer_handle, named.amount_fen, payer)
        return self._on_terms(connection, named, terms, what)

    def _on_terms(
        self, connection: sa.Connection, named: Prepared, terms: Terms, what: RefundOf
    ) -> tuple[Prepared, LockProof]:
        prepared = replace(named.with_terms(terms), counterparty=named.counterparty)
        self._keep(connection, prepared, what)
        return prepared, terms.proof

    async def _prepare_elsewhere(
        self,
        named: Prepared,
        what: RefundOf,
        *,
        home: int,
        refund_handle: str | None = None,
        address: str | None = None,
    ) -> tuple[Prepared, LockProof]:
        request = AcceptanceRequest(
            refund_handle=refund_handle,
            address=address,
            amount_fen=named.amount_fen,
            anchor=named.anchor,
            payer_home=self._premises.settings.home,
            payer_handle=named.payment_id.hex(),
        )
        accepted = await self._neighbours.ask(replace(named, payee_home=home), request)
        prepared = replace(accepted.prepared, order_id=named.order_id, counterparty=named.counterparty)
        await self._premises.ports.store.write(lambda connection: self._keep(connection, prepared, what))
        return prepared, accepted.proof
