"""What stands in the log: an entry of 32 bytes for each verdict, in the journal's order, and one for each statement."""

from typing import Final

from tongbao.coin.domain import Domain
from tongbao.coin.encoding import u64
from tongbao.evidence.tiles import ENTRY_LENGTH

__all__ = ["VERDICT_BYTES", "statement_entry", "verdict_rows"]

VERDICT_BYTES: Final = 34
"""A transaction's id and its status, as a batch's verdicts are joined: what a receipt commits to, beside the batch."""


def verdict_rows(verdicts: bytes, sequence: int, domain: Domain) -> bytes:
    """The entries of all verdicts on batch `sequence`, as rows of a bundle; `verdicts` are ids and statuses, joined.

    An entry is what a receipt's leaf is the hash of (`tongbao.coin.receipt.receipt_entry`).
    """
    batch, tagged = u64(sequence), domain.hash
    starts = range(0, len(verdicts), VERDICT_BYTES)
    return b"".join(
        [ENTRY_LENGTH + tagged("tongbao/receipt-leaf/1", verdicts[at : at + VERDICT_BYTES] + batch) for at in starts]
    )


def statement_entry(statement: bytes, domain: Domain) -> bytes:
    """The entry of a supply statement, given in the bytes that the log's keys sign."""
    return domain.hash("tongbao/supply-leaf/1", statement)
