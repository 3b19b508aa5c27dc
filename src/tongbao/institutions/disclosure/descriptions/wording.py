"""How a table is described, and what fields that many tables have mean."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "ANCHOR",
    "EXPIRY",
    "FEN",
    "LOCK",
    "NUMBER",
    "REQUEST",
    "REQUEST_HASH",
    "SALT",
    "TIME",
    "TRANSACTION",
    "WALLET",
    "TableDescription",
]


@dataclass(frozen=True, slots=True)
class TableDescription:
    """What a table is for, and what each of its fields means.

    Attributes:
        about: what the table is for.
        fields: what each field means.
        withheld: fields that stand there without their values: secrets that are no use but to a thief of the archive.
    """

    about: str
    fields: Mapping[str, str]
    withheld: frozenset[str] = frozenset()


WALLET = "The wallet, by its id."
TIME = "When, in ledger time: milliseconds since 1970 UTC."
NUMBER = "The place of the row, counted over all customers."
FEN = "How much, in fen."
TRANSACTION = "The transaction's id."
LOCK = "The lock that is paid to: a hash."
SALT = "What made the lock unguessable, where the institution chose it."
REQUEST = "The request, by a hash of who asked under which Idempotency-Key."
REQUEST_HASH = "A hash of what was asked."
EXPIRY = "Until when it counts, in ledger time."
ANCHOR = "A coin that the payment must spend, by its id."
