"""What is held about whom a customer pays, and how he is found."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import EXPIRY, TIME, WALLET, TableDescription

__all__ = ["PEOPLE"]

PEOPLE: Final[Mapping[str, TableDescription]] = {
    "aliases": TableDescription(
        "The telephone numbers by which you are found.",
        {
            "alias_key": "The number, as a hash under a secret of the institution.",
            "wallet_id": WALLET,
            "masked": "The number, with its middle hidden; the institution has no more of it.",
            "since_ms": TIME,
        },
    ),
    "alias_claims": TableDescription(
        "The telephone numbers that wait for the code that went there.",
        {
            "wallet_id": WALLET,
            "alias_key": "The number, as a hash under a secret of the institution.",
            "masked": "The number, with its middle hidden.",
            "code_hash": "The code, as a hash under a secret of the institution.",
            "attempts": "How many wrong codes came.",
            "expires_ms": EXPIRY,
        },
    ),
    "lookups": TableDescription(
        "How much you have looked up on a day, so that nobody lists customers by trying.",
        {
            "kind": "Whether payees were looked up, or codes asked for.",
            "asker": WALLET,
            "day": "The day, as 20210611.",
            "points": "What the lookups cost.",
        },
    ),
}
