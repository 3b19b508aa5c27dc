"""Merchants as their orders show them: the name that payers see, and how they refund."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, merchants
from tongbao.protocol.refund import AT_ONCE, RefundPolicy, RefundSilence

__all__ = ["MerchantFacts", "Merchants", "policy_columns", "policy_of"]

_REMEMBERED: Final = 16_384  # names of at most half a kilobyte

_MERCHANT = sa.select(merchants.c.name, merchants.c.refund_answer_s, merchants.c.refund_unanswered).where(
    merchants.c.wallet_id == sa.bindparam("wallet")
)
_SET_POLICY = sa.update(merchants).where(merchants.c.wallet_id == sa.bindparam("wallet"))


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """Who asks for money.

    Attributes:
        name: that payers see.
        policy: how what they pay is refunded.
    """

    name: str
    policy: RefundPolicy = AT_ONCE


class Merchants:
    """Knows merchants, and lets them change how they refund."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._known: dict[bytes, MerchantFacts] = {}

    def find(self, connection: sa.Connection, wallet_id: bytes) -> MerchantFacts | None:
        """The merchant with this wallet, if it is one."""
        found = self._known.get(wallet_id)
        if found is None:
            row = connection.execute(_MERCHANT, {"wallet": wallet_id}).one_or_none()
            if row is None:
                return None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[wallet_id] = MerchantFacts(row.name, policy_of(row))
        return found

    def demand(self, connection: sa.Connection, wallet_id: bytes) -> MerchantFacts:
        """The same; raises FORBIDDEN for a wallet that is no merchant's."""
        found = self.find(connection, wallet_id)
        if found is None:
            raise RequestError(
                "the wallet is not a merchant's",
                code="FORBIDDEN",
                cure="register the wallet as a merchant's first (POST /v1/merchants)",
            )
        return found

    def asker(self, connection: sa.Connection, wallet_id: bytes) -> MerchantFacts:
        """The same; who is no merchant asks under the name of the wallet's holder."""
        found = self.find(connection, wallet_id)
        return MerchantFacts(self._premises.wallets.find(connection, wallet_id).holder_name) if found is None else found

    async def policy(self, wallet_id: bytes) -> RefundPolicy:
        """How the merchant refunds what is paid for new orders."""
        found = await self._premises.ports.store.read(lambda connection: self.demand(connection, wallet_id))
        return found.policy

    async def set_policy(self, wallet_id: bytes, policy: RefundPolicy) -> RefundPolicy:
        """Refund so what is paid for orders from now on; orders that are made keep what their payers were shown."""

        def keep(connection: sa.Connection) -> None:
            self.demand(connection, wallet_id)
            connection.execute(_SET_POLICY.values(policy_columns(policy)), {"wallet": wallet_id})
            # There is one writer: whoever makes an order after this reads it anew.
            self._known.pop(wallet_id, None)

        try:
            await self._premises.ports.store.write(keep)
        finally:
            self._known.pop(wallet_id, None)
        return policy


def policy_columns(policy: RefundPolicy) -> Mapping[str, Any]:
    """A policy as merchants and orders keep it."""
    return {"refund_answer_s": policy.answer_within_s, "refund_unanswered": policy.unanswered.value}


def policy_of(row: AnyRow) -> RefundPolicy:
    """The policy of a merchant or of an order."""
    if row.refund_answer_s is None:
        return AT_ONCE
    return RefundPolicy.model_construct(
        answer_within_s=row.refund_answer_s, unanswered=RefundSilence(row.refund_unanswered)
    )
