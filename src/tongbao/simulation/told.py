"""What the people of a simulation were told, kept outside all machines: the laws hold the machines to it."""

from collections import Counter
from dataclasses import dataclass, field

from tongbao.protocol.banking import BankOperation, BankOperationState
from tongbao.wallets import WalletPayment, WalletPaymentState

__all__ = ["Told"]


@dataclass(slots=True)
class Told:
    """Every answer that somebody could rely on.

    Attributes:
        settled: transactions that were answered as settled, with what they paid.
        payees: who is paid, by payer and the wallet's name for the payment.
        cash_fen: taken by tellers, by person.
        issued_fen: settled issuance by home.
        redeemed_fen: settled redemption by home.
        refused: refusals by code.
        done: what succeeded, by kind.
    """

    settled: dict[bytes, str] = field(default_factory=dict)
    payees: dict[tuple[str, str], str] = field(default_factory=dict)
    cash_fen: Counter[str] = field(default_factory=Counter)
    issued_fen: Counter[int] = field(default_factory=Counter)
    redeemed_fen: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def paid(self, payment: WalletPayment) -> None:
        """A wallet said how its payment stands."""
        if payment.state is WalletPaymentState.SETTLED:
            self.settled[payment.transaction_id] = payment.name
            self.done[payment.kind.value] += 1

    def operated(self, home: int, operation: BankOperation, into: Counter[int]) -> None:
        """An institution said how its issuance or redemption ended."""
        if operation.state is not BankOperationState.SETTLED:
            self.refused[operation.status or operation.state.name] += 1
            return
        into[home] += operation.amount_fen
        self.done[operation.kind] += 1
        if operation.transaction_id is not None:
            self.settled[operation.transaction_id] = f"{operation.kind} of home {home}"
