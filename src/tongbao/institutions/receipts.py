"""Checks receipts and outcomes of the registration centre; a batch's head is verified once for all its receipts."""

from collections.abc import Sequence

from tongbao.coin import merkle
from tongbao.coin.domain import Domain
from tongbao.coin.receipt import Outcome, Receipt, ReceiptInvalidError, SignedHead, receipt_leaf
from tongbao.coin.suites import PublicKey
from tongbao.errors import PeerError, RequestError
from tongbao.kernel.status import Status

__all__ = ["ReceiptChecker"]

# A submission's receipts have one head; a handful of submissions are being answered at a time.
_HEADS_REMEMBERED = 64


class ReceiptChecker:
    """Knows the centre's keys.

    Attributes:
        keys: with which it signs.
    """

    def __init__(self, domain: Domain, keys: Sequence[PublicKey]) -> None:
        self.keys = tuple(keys)
        self._domain = domain
        self._verified: dict[SignedHead, None] = {}

    def learn(self, keys: Sequence[PublicKey]) -> None:
        """Take the centre's present keys; earlier ones stay, since what they signed stays true."""
        self.keys = tuple(dict.fromkeys((*self.keys, *keys)))

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
            self._verify(receipt)
        except RequestError as error:
            raise PeerError(f"the centre's receipt for {transaction_id.hex()} proves nothing: {error}") from None
        return receipt

    def check_outcome(self, outcome: Outcome) -> None:
        """Return if the centre signed the outcome, else raise `PeerError`."""
        try:
            outcome.verify(self._domain, keys=self.keys)
        except RequestError as error:
            raise PeerError(f"the centre's outcome of {outcome.transaction_id.hex()} proves nothing: {error}") from None

    def _verify(self, receipt: Receipt) -> None:
        signed = receipt.signed_head
        if signed not in self._verified:
            receipt.verify(self._domain, keys=self.keys)
            self._verified[signed] = None
            if len(self._verified) > _HEADS_REMEMBERED:
                del self._verified[next(iter(self._verified))]
            return
        head = signed.head
        leaf = receipt_leaf(receipt.transaction_id, receipt.status, head.sequence, self._domain)
        root = merkle.root_from_path(leaf, receipt.path, index=receipt.index, count=head.count, domain=self._domain)
        if root != head.receipts_root:
            raise ReceiptInvalidError("the path does not lead to the signed root", field="path")
