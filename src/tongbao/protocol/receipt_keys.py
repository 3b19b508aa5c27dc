"""The registration centre's keys as whoever gets receipts knows them, and which heads they were seen to have signed."""

from collections.abc import Sequence
from typing import Final

from tongbao.coin import Domain, PublicKey, Receipt, SignedHead

__all__ = ["ReceiptKeys"]

HEADS_REMEMBERED: Final = 64
"""Receipts of one batch share its head; a handful of batches are being answered at a time."""


class ReceiptKeys:
    """Verifies receipts, the head of a batch once for all of them.

    Attributes:
        keys: with which the centre signs, as far as is known; at first those of genesis.
        domain: of the network.
    """

    def __init__(self, domain: Domain, keys: Sequence[PublicKey]) -> None:
        self.keys = tuple(keys)
        self.domain = domain
        self._verified: dict[SignedHead, None] = {}

    def learn(self, keys: Sequence[PublicKey]) -> None:
        """Take keys that control admitted since; earlier ones stay, because what they signed stays true."""
        self.keys = tuple(dict.fromkeys((*self.keys, *keys)))

    def verify(self, receipt: Receipt) -> None:
        """Return if the receipt proves its status.

        Raises:
            ReceiptInvalidError: it does not.
        """
        head = receipt.signed_head
        if head in self._verified:
            receipt.verify_path(self.domain)
            return
        receipt.verify(self.domain, keys=self.keys)
        self._verified[head] = None
        if len(self._verified) > HEADS_REMEMBERED:
            del self._verified[next(iter(self._verified))]
