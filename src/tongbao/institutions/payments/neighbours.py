"""Other institutions: asking them to accept money for their customers, and what their orders are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tongbao.coin.acceptance import Acceptance
from tongbao.coin.coin import CURRENCY
from tongbao.coin.domain import Domain
from tongbao.coin.suites import verify_signature
from tongbao.errors import PeerError, RequestError
from tongbao.institutions.payments.preparations import Prepared
from tongbao.institutions.premises import Premises
from tongbao.protocol.client import SignedClient
from tongbao.protocol.order import Order
from tongbao.protocol.payment import AcceptanceAnswer, AcceptanceRequest
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.stock import LockProof

__all__ = ["Accepted", "Neighbours"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What another home agreed to.

    Attributes:
        prepared: the preparation on its terms.
        proof: why the lock is the payee's.
    """

    prepared: Prepared
    proof: LockProof


class Neighbours:
    """Speaks with the other institutions."""

    def __init__(self, premises: Premises, clients: Mapping[int, SignedClient]) -> None:
        self._premises = premises
        self._clients = clients

    async def ask(self, draft: Prepared, request: AcceptanceRequest) -> Accepted:
        """The payee's home's acceptance, checked, and the preparation that it allows.

        Raises:
            RequestError: the payee's home refuses, for its own reason.
            PeerError: its answer would lose money or never settle.
        """
        answer = await self.client(draft.payee_home).post(
            "/v1/acceptances",
            request,
            AcceptanceAnswer,
            idempotency_key=f"acceptance-{request.payer_handle}",
            headers=self.minimum_sequence(),
        )
        _check(answer, draft, request, self._premises.domain)
        await self._demand_in_time(answer.expiry_ms, home=draft.payee_home)
        prepared = replace(
            draft,
            payee_wallet_id=answer.payee_wallet_id,
            counterparty=draft.counterparty or answer.description,
            amount_fen=answer.amount_fen,
            lock_id=answer.proof.lock_id,
            reference=answer.reference,
            acceptance=answer.acceptance,
            proof=answer.proof.encode(),
            expiry_ms=answer.expiry_ms,
            description=answer.description,
        )
        return Accepted(prepared, answer.proof)

    async def _demand_in_time(self, expiry_ms: int, *, home: int) -> None:
        """Return if a batch would take the expiry; a neighbour may be far ahead of this home, but not of the ledger."""
        ledger, ahead_max_ms = self._premises.ledger, self._premises.genesis.limits.expiry_ahead_max_ms
        if expiry_ms - ledger.time_ms > ahead_max_ms:
            await ledger.refresh()
        if expiry_ms - ledger.time_ms > ahead_max_ms:
            raise PeerError(f"home {home} accepts until {expiry_ms}, and no batch before {ledger.time_ms} takes that")

    async def order(self, home: int, order_id: str) -> Order:
        """An order at another home."""
        order = await self.client(home).get(f"/v1/orders/{order_id}", Order, headers=self.minimum_sequence())
        if order.home != home or order.order_id != order_id:
            raise PeerError(f"home {home} answered with another order")
        return order

    def client(self, home: int) -> SignedClient:
        """The way to a neighbour; raises where it is not known."""
        client = self._clients.get(home)
        if client is None:
            known = ", ".join(str(each) for each in sorted(self._clients)) or "none"
            raise RequestError(
                f"this institution does not know where home {home} answers; it knows {known}",
                code="NOT_FOUND",
                field="home",
                cure="name one of those, or have the institution add the home to its peers",
            )
        return client

    def minimum_sequence(self) -> dict[str, str]:
        """The header by which both homes agree on ledger time: the other one is no further behind."""
        return {MINIMUM_SEQUENCE_HEADER: str(self._premises.ledger.sequence)}


def _check(answer: AcceptanceAnswer, draft: Prepared, request: AcceptanceRequest, domain: Domain) -> None:
    """Hold the answer against what was asked before a customer signs for it."""
    home = draft.payee_home
    try:
        acceptance = Acceptance.decode(answer.acceptance)
        verify_signature(acceptance.key, acceptance.signature, acceptance.signing_digest(domain))
    except RequestError as error:
        raise PeerError(f"the acceptance of home {home} cannot be used: {error}") from None
    answer.proof.verify(domain, wallet_id=answer.payee_wallet_id)
    accepted_max = acceptance.value_max(lock_id=answer.proof.lock_id, asset=CURRENCY)
    fits = (
        acceptance.home == home,
        acceptance.anchor == request.anchor,
        acceptance.expiry_ms >= answer.expiry_ms,
        accepted_max >= answer.amount_fen,
        request.amount_fen in {None, answer.amount_fen - request.tip_fen},
    )
    if not all(fits):
        raise PeerError(f"home {home} accepted something else than it was asked for")
