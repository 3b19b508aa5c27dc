"""What tables hold about coins, the locks that they lie under, and exchanges."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import (
    EXPIRY,
    FEN,
    LOCK,
    NUMBER,
    REQUEST,
    REQUEST_HASH,
    SALT,
    TRANSACTION,
    WALLET,
    TableDescription,
)

__all__ = ["COINS"]

COINS: Final[Mapping[str, TableDescription]] = {
    "lock_stocks": TableDescription(
        "The stocks of locks that you left, signed, so that you can be paid while you are away.",
        {
            "wallet_id": WALLET,
            "first": "The place of its first lock among all of yours.",
            "count": "How many locks it has.",
            "tree": "Hashes by which a payer can check that a lock is of this stock.",
            "lock_ids": "The locks, 32 bytes each.",
            "signature": "Your signature.",
        },
    ),
    "locks": TableDescription(
        "The locks that were handed out for you to be paid on.",
        {
            "lock_id": LOCK,
            "purpose": "What for: an order, a person's payment, a refund.",
            "wallet_id": WALLET,
            "subject": "The order, or the coin that the payer named.",
            "position": "Its place among the locks that you left.",
            "salt": SALT,
        },
    ),
    "coins": TableDescription(
        "Every coin that you have or had at this institution.",
        {
            "number": NUMBER,
            "coin_id": "The coin's id.",
            "origin": "The transaction that made it.",
            "output_index": "Which of that transaction's outputs it is.",
            "asset": "What it is worth something of; 0 is the currency.",
            "value": "Its value, in fen.",
            "home": "The institution where it is.",
            "lock_id": "The lock that it lies under: a hash.",
            "owner": "That it belongs to a wallet.",
            "wallet_id": WALLET,
            "salt": SALT,
            "sequence": "The batch that made it.",
            "spent": "1 where you have spent it.",
        },
    ),
    "expected": TableDescription(
        "Money on its way to you that counts against the most that you may hold.",
        {"lock_id": LOCK, "wallet_id": WALLET, "amount_fen": FEN, "expiry_ms": EXPIRY},
    ),
    "exchanges": TableDescription(
        "Deposit that you turned into coins.",
        {
            "request_id": REQUEST,
            "item": "The place in the request; a teller may ask for several customers at once.",
            "wallet_id": WALLET,
            "amount_fen": FEN,
            "status": "Whether it was accepted, or why not.",
            "transaction_id": "The transaction that made the coin.",
            "output_index": "Which of that transaction's outputs it is.",
            "salt": SALT,
        },
    ),
    "exchange_requests": TableDescription(
        "The requests for those exchanges, kept so that nothing is exchanged twice.",
        {"request_id": REQUEST, "request_hash": REQUEST_HASH, "transaction_id": TRANSACTION},
    ),
}
