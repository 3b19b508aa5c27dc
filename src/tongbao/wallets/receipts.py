"""What proves to a wallet that money moved, or never will: the registration centre's receipts and outcomes."""

from collections.abc import Sequence
from typing import Final

from tongbao.coin import Domain, Outcome, PublicKey, Receipt
from tongbao.errors import PeerError, RequestError
from tongbao.kernel.status import Status
from tongbao.protocol.receipt_keys import ReceiptKeys
from tongbao.wallets.ledger_time import LedgerTime

__all__ = ["CentreKeys"]

SETTLED_REMEMBERED: Final = 1024
"""Transactions that were proved lately: parts of one exchange for many wallets come one after another."""


class CentreKeys(ReceiptKeys):
    """The keys with which the centre signs, and what they prove; one object serves all wallets of a process.

    Attributes:
        time: the newest that was proved here.
    """

    def __init__(self, domain: Domain, keys: Sequence[PublicKey]) -> None:
        super().__init__(domain, keys)
        self.time = LedgerTime()
        self._settled: dict[bytes, None] = {}

    def check_settled(self, encoded: bytes | None, *, transaction_id: bytes) -> Receipt:
        """The receipt, if it proves that just this transaction settled.

        Raises:
            PeerError: it does not, or there is none.
        """
        if encoded is None:
            raise PeerError("the home says that it settled, and shows no receipt")
        try:
            receipt = Receipt.decode(encoded)
            self.verify(receipt)
        except RequestError as error:
            raise PeerError(f"the receipt for {transaction_id.hex()} proves nothing: {error}") from None
        if receipt.transaction_id != transaction_id or receipt.status != Status.SETTLED:
            raise PeerError(
                f"the receipt does not prove that {transaction_id.hex()} settled: it is about something else"
            )
        self.time.heard(receipt.signed_head.head.time_ms)
        self._settled[transaction_id] = None
        if len(self._settled) > SETTLED_REMEMBERED:
            del self._settled[next(iter(self._settled))]
        return receipt

    def demand_settled(self, encoded: bytes | None, *, transaction_id: bytes) -> None:
        """Return if the receipt proves that the transaction settled, or one has done so lately; else `PeerError`."""
        if transaction_id not in self._settled:
            self.check_settled(encoded, transaction_id=transaction_id)

    def knows_key_of(self, encoded: bytes | None) -> bool:
        """Whether a receipt is signed by a key that is known; one that cannot be read is not the key's fault."""
        try:
            return encoded is None or Receipt.decode(encoded).signed_head.key in self.keys
        except RequestError:
            return True

    def proves_absence(self, encoded: bytes, *, transaction_id: bytes, expiry_ms: int) -> bool:
        """Whether the outcome proves that the transaction, which expires at `expiry_ms`, can never settle.

        Raises:
            PeerError: the centre did not sign it, or it is about another transaction.
        """
        try:
            outcome = Outcome.decode(encoded)
            outcome.verify(self.domain, keys=self.keys)
        except RequestError as error:
            raise PeerError(f"the outcome of {transaction_id.hex()} proves nothing: {error}") from None
        if outcome.transaction_id != transaction_id:
            raise PeerError("the outcome is about another transaction")
        self.time.heard(outcome.time_ms)
        return outcome.proves_absence(expiry_ms=expiry_ms)
