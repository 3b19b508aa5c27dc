"""Checks receipts and outcomes of the registration centre; a batch's head is verified once for all its receipts."""

from tongbao.coin.receipt import Outcome, Receipt, ReceiptInvalidError
from tongbao.errors import PeerError, RequestError
from tongbao.kernel.status import Status
from tongbao.protocol.receipt_keys import ReceiptKeys

__all__ = ["ReceiptChecker"]


class ReceiptChecker(ReceiptKeys):
    """Tells what the centre's answers prove to an institution."""

    def knows_key_of(self, encoded: bytes) -> bool:
        """Whether the receipt is signed by a key that is known here."""
        try:
            return Receipt.decode(encoded).signed_head.key in self.keys
        except RequestError as error:
            raise PeerError(f"the centre's receipt cannot be read: {error}") from None

    def check(self, encoded: bytes, *, transaction_id: bytes, status: Status) -> Receipt:
        """The receipt, if it proves just this status of just this transaction.

        Raises:
            PeerError: it does not.
        """
        try:
            receipt = Receipt.decode(encoded)
            if receipt.transaction_id != transaction_id or receipt.status != status:
                raise ReceiptInvalidError("the receipt is about something else")
            self.verify(receipt)
        except RequestError as error:
            raise PeerError(f"the centre's receipt for {transaction_id.hex()} proves nothing: {error}") from None
        return receipt

    def check_outcome(self, outcome: Outcome) -> None:
        """Return if the centre signed the outcome, else raise `PeerError`."""
        try:
            outcome.verify(self.domain, keys=self.keys)
        except RequestError as error:
            raise PeerError(f"the centre's outcome of {outcome.transaction_id.hex()} proves nothing: {error}") from None
