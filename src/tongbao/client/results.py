"""What the client library answers where a protocol's message would say more than a program asks."""

from dataclasses import dataclass, field

from tongbao.errors import InvariantError
from tongbao.wallets import PaymentKind, WalletPayment

__all__ = ["Balance", "Settled"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What a wallet has, in fen.

    Attributes:
        coins_fen: what its coins are worth.
        free_fen: what of that no payment on its way holds.
        deposit_fen: what its holder has in the deposit account at the home.
        aside_fen: what lies in pockets that the wallet made; it is in none of the others.
    """

    coins_fen: int
    free_fen: int
    deposit_fen: int
    aside_fen: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment that has happened.

    Attributes:
        kind: who was paid.
        amount_fen: how much.
        description: what the payee says that it is for.
        transaction_id: 32 bytes; the same payment has the same, however often it is asked for.
        receipt: the registration centre's proof, as `tongbao wallet receipt` verifies it.
        settled_at_ms: the ledger time at which it settled.
    """

    kind: PaymentKind
    amount_fen: int
    description: str
    transaction_id: bytes
    receipt: bytes = field(repr=False)
    settled_at_ms: int

    @classmethod
    def of(cls, payment: WalletPayment) -> "Settled":
        """What the wallet says of a payment that settled."""
        if payment.receipt is None:
            raise InvariantError(f"payment {payment.number} settled without a receipt")
        return cls(
            payment.kind,
            payment.amount_fen,
            payment.description,
            payment.transaction_id,
            payment.receipt,
            payment.time_ms,
        )
