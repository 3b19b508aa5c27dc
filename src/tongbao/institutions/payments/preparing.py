"""Preparing a payment: who is to be paid becomes a lock, a reference and an expiry that the payer signs."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.customers.limits import refused_by_limit, used_before
from tongbao.institutions.orders.orders import read_order_id
from tongbao.institutions.orders.receiving import OrderSum, Payer, Receiving, Terms, words_of_order
from tongbao.institutions.orders.refunding import Refunding, RefundOf
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.payments.preparations import FOREIGN_LOCK, Preparations, Prepared
from tongbao.institutions.pockets.filling import Filling
from tongbao.institutions.premises import PREPARATION_MS, Premises, WalletFacts
from tongbao.institutions.refunds.refunds import read_refund_id
from tongbao.institutions.tables import coins
from tongbao.protocol.payment import AcceptanceRequest, Payee, Preparation, PrepareRequest
from tongbao.protocol.stock import LockProof
from tongbao.statements import Statement

__all__ = ["Preparing"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request to prepare, made out.

    Attributes:
        payer: who wants to pay.
        draft: the preparation, as far as it is known.
        order_id: the order that is paid or refunded, as the request writes it, or the address, or the own lock.
        address: the person that is paid.
        amount_fen: what the request says.
        tip_fen: what the payer adds.
    """

    payer: WalletFacts
    draft: Prepared
    order_id: str
    address: Address | None
    amount_fen: int | None
    tip_fen: int


_OF_ANY_AMOUNT = frozenset({PaymentKind.PERSON, PaymentKind.DEPOSIT, PaymentKind.OWN, PaymentKind.POCKET})
_ANCHOR = Statement(sa.select(coins.c.wallet_id, coins.c.spent).where(coins.c.coin_id == sa.bindparam("coin")))


class Preparing:
    """Prepares payments of this home's wallets; asked again with the same anchor, the answer is the same."""

    def __init__(
        self, premises: Premises, preparations: Preparations, receiving: Receiving, neighbours: Neighbours
    ) -> None:
        self._premises = premises
        self._preparations = preparations
        self._receiving = receiving
        self._neighbours = neighbours
        self._filling = Filling(premises)
        self._refunding = Refunding(premises, preparations, receiving, neighbours)

    async def prepare(self, payer: WalletFacts, request: PrepareRequest) -> Preparation:
        """What the payment must carry."""
        asked = self._made_out(payer, request)
        if asked.draft.kind == PaymentKind.REFUND:
            prepared, proof = await self._refunding.prepare(
                asked.draft, _refund_of(request.payee), amount_fen=asked.amount_fen, check=self._check_anchor
            )
        elif asked.draft.payee_home == self._premises.settings.home:
            prepared, proof = await self._premises.ports.store.write(
                lambda connection: self._prepare_here(connection, asked)
            )
        else:
            prepared, proof = await self._prepare_elsewhere(asked)
        self._preparations.remember(prepared)
        return self._preparations.message(prepared, proof)

    # --- what is asked ------------------------------------------------------------------------------------------------

    def _made_out(self, payer: WalletFacts, request: PrepareRequest) -> _Asked:
        payee, amount = request.payee, request.amount_fen
        refunds = [payee.refund_of, payee.refund_id]
        named = [payee.order_id, payee.address, *refunds, payee.own_lock, payee.pocket_id, payee.deposit or None]
        if len(named) - named.count(None) != 1:
            raise _wrong(
                "payee",
                "name exactly one of order_id, address, refund_of, refund_id, own_lock, pocket_id and deposit",
            )
        if payee.home is not None and payee.order_id is None:
            raise _wrong("payee.home", "home goes with order_id alone")
        kind, home, text, address = self._payee(payee)
        settings = self._premises.settings
        if home != settings.home and home not in settings.peers:
            raise _wrong("payee.home", f"this institution knows no home {home}")
        if amount is None and kind in _OF_ANY_AMOUNT:
            raise _wrong("amount_fen", "say how much to pay")
        if request.tip_fen and kind != PaymentKind.ORDER:
            raise _wrong("tip_fen", "a tip goes with an order")
        to_order = words_of_order(f"{home} {text}", request.tip_fen)
        words = to_order if kind == PaymentKind.ORDER else f"{kind} {text} {amount}"
        draft = self._preparations.draft(payer.wallet_id, request.anchor, kind=kind, payee=words, payee_home=home)
        draft = replace(draft, counterparty="" if address is None else text, tip_fen=request.tip_fen)
        return _Asked(payer, draft, text, address, amount, request.tip_fen)

    def _payee(self, payee: Payee) -> tuple[str, int, str, Address | None]:
        """Kind, home, name and address of the payee."""
        here = self._premises.settings.home
        if payee.order_id is not None:
            return PaymentKind.ORDER, here if payee.home is None else payee.home, payee.order_id, None
        if payee.refund_of is not None:
            return PaymentKind.REFUND, here, payee.refund_of, None
        if payee.refund_id is not None:
            return PaymentKind.REFUND, here, f"accepted {payee.refund_id}", None
        if payee.own_lock is not None:
            return PaymentKind.OWN, here, payee.own_lock.hex(), None
        if payee.pocket_id is not None:
            return PaymentKind.POCKET, here, payee.pocket_id.hex(), None
        if payee.address is None:
            return PaymentKind.DEPOSIT, here, "", None
        address = Address.parse(payee.address)
        if address.test_network != self._premises.genesis.test_network:
            raise _wrong("payee.address", "the address is of another network")
        return PaymentKind.PERSON, address.home, str(address), address

    # --- checks -------------------------------------------------------------------------------------------------------

    def _check_anchor(self, connection: sa.Connection, draft: Prepared) -> None:
        """The anchor must be the payer's own: else anybody could reserve an order with nothing at hand."""
        row = _ANCHOR.first(connection, {"coin": draft.anchor})
        if row is None or row.wallet_id != draft.wallet_id:
            raise RequestError(
                "the wallet has no such coin", code="ANCHOR_UNKNOWN", field="anchor", cure="name a coin of this wallet"
            )
        if row.spent:
            raise RefusedError(
                "the coin is spent already", code="ANCHOR_SPENT", field="anchor", cure="name a coin that is unspent"
            )

    def _check_limits(self, connection: sa.Connection, payer: WalletFacts, amount_fen: int) -> None:
        """Refuse early what would be refused once it is signed, so that nothing is reserved for it."""
        limits = self._premises.limits_of(payer)
        periods = self._premises.settings.policy.periods(self._premises.ledger.time_ms)
        used = used_before(connection, [payer.wallet_id], periods) if limits.counts_periods else {}
        refused = limits.payment_refusal(
            amount_fen,
            day_used_fen=used.get((payer.wallet_id, periods.day), 0),
            year_used_fen=used.get((payer.wallet_id, periods.year), 0),
        )
        if refused:
            raise refused_by_limit(refused)

    # --- at this home -------------------------------------------------------------------------------------------------

    def _prepare_here(self, connection: sa.Connection, asked: _Asked) -> tuple[Prepared, LockProof]:
        draft = asked.draft
        self._check_anchor(connection, draft)
        if draft.kind != PaymentKind.ORDER:
            again = self._preparations.again(connection, draft)
            if again is not None:
                return again, self._preparations.proof_of(connection, again)
        if draft.kind == PaymentKind.DEPOSIT:
            return self._keep(connection, *self._deposit(asked))
        if draft.kind == PaymentKind.OWN:
            return self._keep(connection, *self._own(connection, asked))
        if draft.kind == PaymentKind.POCKET:
            return self._keep(connection, *self._pocket(connection, asked))
        terms = self._terms(connection, asked)
        self._check_limits(connection, asked.payer, terms.amount_fen)
        again = self._preparations.again(connection, draft) if terms.repeated else None
        if again is not None:
            return again, terms.proof
        return self._keep(connection, draft.with_terms(terms), terms.proof)

    def _terms(self, connection: sa.Connection, asked: _Asked) -> Terms:
        draft, amount = asked.draft, asked.amount_fen
        payer = Payer(self._premises.settings.home, draft.payment_id.hex(), draft.anchor)
        if asked.address is not None and amount is not None:
            return self._receiving.for_person(connection, asked.address.wallet_id, amount, payer)
        total = OrderSum(amount, asked.tip_fen)
        return self._receiving.for_order(connection, read_order_id(asked.order_id), total, payer)

    def _deposit(self, asked: _Asked) -> tuple[Prepared, LockProof]:
        premises, anchor = self._premises, asked.draft.anchor
        proof = self._preparations.deposit_proof(anchor)
        prepared = replace(
            asked.draft,
            counterparty=premises.settings.name,
            amount_fen=asked.amount_fen or 0,
            lock_id=proof.lock_id,
            reference=premises.secrets.derive("deposit reference", anchor),
            expiry_ms=premises.ledger.time_ms + PREPARATION_MS,
        )
        return prepared, proof

    def _own(self, connection: sa.Connection, asked: _Asked) -> tuple[Prepared, LockProof]:
        premises, draft = self._premises, asked.draft
        lock_id = bytes.fromhex(asked.order_id)
        if FOREIGN_LOCK.first(connection, {"lock": lock_id, "wallet": draft.wallet_id}) is not None:
            raise _wrong("payee.own_lock", "the lock is not this wallet's: pay its owner by address")
        prepared = replace(
            draft,
            payee_wallet_id=draft.wallet_id,
            amount_fen=asked.amount_fen or 0,
            lock_id=lock_id,
            reference=premises.secrets.derive("own reference", draft.anchor, lock_id),
            expiry_ms=premises.ledger.time_ms + PREPARATION_MS,
        )
        return prepared, self._preparations.own_proof(asked.payer.main_key, lock_id)

    def _pocket(self, connection: sa.Connection, asked: _Asked) -> tuple[Prepared, LockProof]:
        """Into a pocket that the payer has described, once."""
        premises, draft = self._premises, asked.draft
        pocket_id = bytes.fromhex(asked.order_id)
        counterparty = self._filling.demand_fillable(connection, draft.wallet_id, pocket_id, asked.amount_fen)
        self._check_limits(connection, asked.payer, asked.amount_fen or 0)
        prepared = replace(
            draft,
            counterparty=counterparty,
            amount_fen=asked.amount_fen or 0,
            lock_id=pocket_id,
            reference=premises.secrets.derive("pocket reference", draft.anchor, pocket_id),
            expiry_ms=premises.ledger.time_ms + PREPARATION_MS,
        )
        return prepared, self._preparations.own_proof(asked.payer.main_key, pocket_id)

    def _keep(self, connection: sa.Connection, prepared: Prepared, proof: LockProof) -> tuple[Prepared, LockProof]:
        self._preparations.insert(connection, prepared)
        return prepared, proof

    # --- at another home ----------------------------------------------------------------------------------------------

    async def _prepare_elsewhere(self, asked: _Asked) -> tuple[Prepared, LockProof]:
        store, draft = self._premises.ports.store, asked.draft

        def look(connection: sa.Connection) -> tuple[Prepared, LockProof] | None:
            self._check_anchor(connection, draft)
            again = self._preparations.again(connection, draft)
            if again is not None:
                return again, self._preparations.proof_of(connection, again)
            if asked.amount_fen is not None:
                self._check_limits(connection, asked.payer, asked.amount_fen + asked.tip_fen)
            return None

        found = await store.read(look)
        if found is not None:
            return found
        by_address = asked.address is not None
        accepted = await self._neighbours.ask(
            draft,
            AcceptanceRequest(
                order_id=None if by_address else asked.order_id,
                address=asked.order_id if by_address else None,
                amount_fen=asked.amount_fen,
                tip_fen=asked.tip_fen,
                anchor=draft.anchor,
                payer_home=self._premises.settings.home,
                payer_handle=draft.payment_id.hex(),
            ),
        )

        def keep(connection: sa.Connection) -> tuple[Prepared, LockProof]:
            self._check_limits(connection, asked.payer, accepted.prepared.amount_fen)
            return self._keep(connection, accepted.prepared, accepted.proof)

        return await store.write(keep)


def _refund_of(payee: Payee) -> RefundOf:
    if payee.refund_id is not None:
        return RefundOf(refund_id=read_refund_id(payee.refund_id))
    return RefundOf(order_id=read_order_id(payee.refund_of or ""))


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
