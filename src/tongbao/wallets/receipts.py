"""What proves to a wallet that money moved, or never will: the registration centre's receipts and outcomes."""

from collections.abc import Sequence
from typing import Final, TypeVar

from tongbao.coin import Domain, Outcome, PublicKey, Receipt, SignedHead, merkle, receipt_leaf
from tongbao.errors import PeerError, RequestError
from tongbao.kernel.status import Status

__all__ = ["CentreKeys"]

HEADS_REMEMBERED: Final = 64
"""Receipts of one batch share its head; wallets of one process that pay at the same time share a few batches."""

SETTLED_REMEMBERED: Final = 1024
"""Transactions that were proved lately: parts of one exchange for many wallets come one after another."""

_Known = TypeVar("_Known")


class CentreKeys:
    """The keys with which the centre signs; one object serves all wallets of a process.

    Attributes:
        keys: the keys known so far, at first those of genesis.
    """

    def __init__(self, domain: Domain, keys: Sequence[PublicKey]) -> None:
        self.keys = tuple(keys)
        self._domain = domain
        self._verified: dict[SignedHead, None] = {}
        self._settled: dict[bytes, None] = {}

    def learn(self, keys: Sequence[PublicKey]) -> None:
        """Take keys that control admitted since; earlier ones stay, because what they signed stays true."""
        self.keys = tuple(dict.fromkeys((*self.keys, *keys)))

    def check_settled(self, encoded: bytes | None, *, transaction_id: bytes) -> Receipt:
        """The receipt, if it proves that just this transaction settled.

        Raises:
            PeerError: it does not, or there is none.
        """
        if encoded is None:
            raise PeerError("the home says that it settled, and shows no receipt")
        try:
            receipt = Receipt.decode(encoded)
            self._verify(receipt)
        except RequestError as error:
            raise PeerError(f"the receipt for {transaction_id.hex()} proves nothing: {error}") from None
        if receipt.transaction_id != transaction_id or receipt.status != Status.SETTLED:
            raise PeerError(
                f"the receipt does not prove that {transaction_id.hex()} settled: it is about something else"
            )
        _remember(self._settled, transaction_id, count=SETTLED_REMEMBERED)
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
            outcome.verify(self._domain, keys=self.keys)
        except RequestError as error:
            raise PeerError(f"the outcome of {transaction_id.hex()} proves nothing: {error}") from None
        if outcome.transaction_id != transaction_id:
            raise PeerError("the outcome is about another transaction")
        return outcome.proves_absence(expiry_ms=expiry_ms)

    def _verify(self, receipt: Receipt) -> None:
        head = receipt.signed_head
        if head not in self._verified:
            receipt.verify(self._domain, keys=self.keys)
            _remember(self._verified, head, count=HEADS_REMEMBERED)
            return
        leaf = receipt_leaf(receipt.transaction_id, receipt.status, head.head.sequence, self._domain)
        count = head.head.count
        root = merkle.root_from_path(leaf, receipt.path, index=receipt.index, count=count, domain=self._domain)
        if root != head.head.receipts_root:
            raise RequestError("the path does not lead to the signed root", field="path")


def _remember(known: dict[_Known, None], new: _Known, *, count: int) -> None:
    """Add the newest, and forget the oldest beyond `count`."""
    known[new] = None
    if len(known) > count:
        del known[next(iter(known))]
