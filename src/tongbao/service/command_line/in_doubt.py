"""What people and programs are told of a payment that is signed and of which nobody can say yet whether it settles."""

import base64

from tongbao.service.command_line.output import StillOpenError, time_text
from tongbao.wallets import InDoubtError, RefusedForNowError, WalletPayment

__all__ = ["payment_in_doubt", "payment_summary"]


def payment_summary(payment: WalletPayment) -> dict[str, object]:
    """A payment as JSON."""
    return {
        "payment_id": payment.payment_id,
        "kind": payment.kind,
        "amount_fen": payment.amount_fen,
        "description": payment.description,
        "state": payment.state,
        "status": payment.status,
        "transaction_id": payment.transaction_id.hex(),
        "expiry_ms": payment.expiry_ms,
        "time_ms": payment.time_ms,
        "receipt": base64.b64encode(payment.receipt).decode() if payment.receipt else None,
    }


def payment_in_doubt(wallet: str, error: InDoubtError | RefusedForNowError) -> StillOpenError:
    """What became of a payment of the wallet of that name: neither done nor refused."""
    payment = error.payment
    return StillOpenError(
        f"{error}; it is signed and may still settle by itself until {time_text(payment.expiry_ms)} of ledger time,"
        " and until then its coins are held and pay nothing else",
        cure=f"tongbao wallet resume {wallet} sends the same bytes again and shows what became of it; it is never paid"
        " twice",
        told={
            "reason": error.code if isinstance(error, RefusedForNowError) else "",
            "payment": payment_summary(payment),
        },
    )
