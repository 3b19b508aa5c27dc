"""Acceptances for other homes: their customers may pay ours within this home's limits, and only so."""

import sqlalchemy as sa

from tongbao.coin.acceptance import Acceptance, AcceptedLock
from tongbao.coin.address import Address
from tongbao.coin.coin import CURRENCY
from tongbao.coin.suites import PublicKey
from tongbao.errors import RequestError
from tongbao.institutions.orders.orders import read_order_id
from tongbao.institutions.orders.receiving import OrderSum, Payer, Receiving, Terms, words_of_order
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import acceptances
from tongbao.protocol.payment import AcceptanceAnswer, AcceptanceRequest
from tongbao.statements import Statement

__all__ = ["Accepting"]

_ANSWERED = Statement(
    sa.select(acceptances.c.content)
    .where(
        acceptances.c.anchor == sa.bindparam("by_anchor"),
        acceptances.c.request == sa.bindparam("asked"),
        acceptances.c.payer_home == sa.bindparam("from_home"),
        acceptances.c.expiry_ms >= sa.bindparam("now_ms"),
    )
    .order_by(acceptances.c.expiry_ms.desc())
    .limit(1)
)
_INSERT = Statement(
    "INSERT INTO acceptances (anchor, lock_id, request, wallet_id, payer_home, amount_fen, expiry_ms, content) "
    "VALUES (:anchor, :lock_id, :request, :wallet_id, :payer_home, :amount_fen, :expiry_ms, :content) "
    "ON CONFLICT (anchor, lock_id) DO UPDATE SET request = excluded.request, payer_home = excluded.payer_home, "
    "amount_fen = excluded.amount_fen, expiry_ms = excluded.expiry_ms, content = excluded.content"
)


class Accepting:
    """Answers other homes; the same question has the same answer as long as that lasts."""

    def __init__(self, premises: Premises, receiving: Receiving) -> None:
        self._premises = premises
        self._receiving = receiving

    async def accept(self, request: AcceptanceRequest) -> AcceptanceAnswer:
        """This home's signed word that the money is welcome, or why it is not."""
        named = [request.order_id, request.address, request.refund_handle]
        if sum(each is not None for each in named) != 1:
            raise _wrong("order_id", "name exactly one of order_id, address and refund_handle")
        if request.order_id is None and request.amount_fen is None:
            raise _wrong("amount_fen", "say how much")
        if request.order_id is None and request.tip_fen:
            raise _wrong("tip_fen", "a tip goes with an order")
        if request.payer_home == self._premises.settings.home:
            raise _wrong("payer_home", "a home needs no acceptance of its own")
        return await self._premises.ports.store.write(lambda connection: self._accept(connection, request))

    def _accept(self, connection: sa.Connection, request: AcceptanceRequest) -> AcceptanceAnswer:
        payer = Payer(request.payer_home, request.payer_handle, request.anchor)
        if request.order_id is None:
            return self._answered(connection, request) or self._answer(
                connection, request, self._terms(connection, request, payer)
            )
        asked = OrderSum(request.amount_fen, request.tip_fen)
        terms = self._receiving.for_order(connection, read_order_id(request.order_id), asked, payer)
        answered = self._answered(connection, request) if terms.repeated else None
        return answered or self._answer(connection, request, terms)

    def _terms(self, connection: sa.Connection, request: AcceptanceRequest, payer: Payer) -> Terms:
        amount = request.amount_fen or 0
        if request.refund_handle is not None:
            return self._receiving.for_refund(connection, request.refund_handle, amount, payer)
        address = Address.parse(request.address or "")
        if (address.home, address.test_network) != (self._premises.settings.home, self._premises.genesis.test_network):
            raise _wrong("address", "the address is not of this home")
        return self._receiving.for_person(connection, address.wallet_id, amount, payer)

    def _answered(self, connection: sa.Connection, request: AcceptanceRequest) -> AcceptanceAnswer | None:
        wanted = {
            "by_anchor": request.anchor,
            "asked": _words(request),
            "from_home": request.payer_home,
            "now_ms": self._premises.ledger.time_ms,
        }
        row = _ANSWERED.first(connection, wanted)
        return None if row is None else AcceptanceAnswer.model_validate_json(row.content)

    def _answer(self, connection: sa.Connection, request: AcceptanceRequest, terms: Terms) -> AcceptanceAnswer:
        answer = AcceptanceAnswer(
            acceptance=self._sign(request.anchor, terms).encode(),
            amount_fen=terms.amount_fen,
            payee_wallet_id=terms.payee.wallet_id,
            proof=terms.proof,
            reference=terms.reference,
            expiry_ms=terms.expiry_ms,
            description=terms.description if terms.order_id is None else f"{terms.counterparty}: {terms.description}",
        )
        _INSERT.run(
            connection,
            {
                "anchor": request.anchor,
                "lock_id": terms.lock.lock_id,
                "request": _words(request),
                "wallet_id": terms.payee.wallet_id,
                "payer_home": request.payer_home,
                "amount_fen": terms.amount_fen,
                "expiry_ms": terms.expiry_ms,
                "content": answer.encode(),
            },
        )
        return answer

    def _sign(self, anchor: bytes, terms: Terms) -> Acceptance:
        settings, domain = self._premises.settings, self._premises.domain
        key = PublicKey.ed25519(settings.endorser.public_key)
        locks = (AcceptedLock(terms.lock.lock_id, CURRENCY, terms.amount_fen),)
        unsigned = Acceptance(settings.home, anchor, terms.expiry_ms, locks, key, b"")
        signature = settings.endorser.sign(unsigned.signing_digest(domain))
        return Acceptance(settings.home, anchor, terms.expiry_ms, locks, key, signature)


def _words(request: AcceptanceRequest) -> str:
    """What is asked for, but for the payer's handle, which may be a new one each time."""
    if request.order_id is not None:
        return words_of_order(request.order_id, request.tip_fen)
    if request.address is not None:
        return f"address {request.address} {request.amount_fen}"
    return f"refund {request.refund_handle} {request.amount_fen}"


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
