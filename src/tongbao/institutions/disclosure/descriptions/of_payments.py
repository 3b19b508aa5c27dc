"""What tables hold about orders and payments."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import (
    ANCHOR,
    EXPIRY,
    FEN,
    LOCK,
    NUMBER,
    TIME,
    TRANSACTION,
    WALLET,
    TableDescription,
)

__all__ = ["PAYMENTS"]

_ANSWER_S = "How many seconds a payer has to answer when you offer a refund; nothing where refunds go out at once."
_UNANSWERED = "What it means that a payer does not answer."

PAYMENTS: Final[Mapping[str, TableDescription]] = {
    "merchants": TableDescription(
        "Your shop.",
        {
            "wallet_id": WALLET,
            "name": "The name that payers see.",
            "category": "What it sells, by ISO 18245.",
            "since_ms": TIME,
            "refund_answer_s": _ANSWER_S,
            "refund_unanswered": _UNANSWERED,
        },
    ),
    "orders": TableDescription(
        "Your shop's orders.",
        {
            "number": NUMBER,
            "order_id": "The order's id.",
            "wallet_id": WALLET,
            "order_number": "Your own number of it.",
            "amount_fen": FEN,
            "refunded_fen": "What of it was returned, in fen.",
            "description": "What you wrote to it.",
            "life_s": "How many seconds it was to be paid in.",
            "lock_id": LOCK,
            "expires_ms": EXPIRY,
            "anchor": "The coin that its payer named, by its id.",
            "anchor_expiry_ms": "Until when the order is kept for that payer, in ledger time.",
            "payer_home": "The payer's institution.",
            "payer_handle": "What that institution calls the payment, for refunds.",
            "paid_ms": "When it was paid, in ledger time.",
            "paid_transaction_id": "The transaction that paid it.",
            "till_id": "The till that made it, if one did.",
            "tip_fen_max": "The most that its payer could add as a tip, in fen.",
            "tip_fen": "The tip that came with it, in fen.",
            "cancelled_ms": "When you took it back, in ledger time.",
            "paid_coin_id": "The coin that it was paid with, by its id.",
            "refund_answer_s": _ANSWER_S,
            "refund_unanswered": _UNANSWERED,
            "wanted_back_ms": "Until when nobody may begin to pay it, since you want it back, in ledger time.",
        },
    ),
    "checkouts": TableDescription(
        "Where payers of your orders were sent back to.",
        {
            "order_id": "The order.",
            "wallet_id": WALLET,
            "success_url": "The address for those who have paid.",
            "cancel_url": "The address for those who have not.",
        },
    ),
    "tills": TableDescription(
        "Your tills, which make orders of yours.",
        {
            "till_id": "The till's id.",
            "wallet_id": WALLET,
            "number": "In which order they were opened.",
            "name": "What you call it.",
            "public_key": "The key by which it proves that it asks.",
            "since_ms": "When you opened it, in ledger time.",
            "closed_ms": "When you closed it, in ledger time.",
        },
    ),
    "payments": TableDescription(
        "What you asked to pay, whether you paid it or not.",
        {
            "payment_id": "The payment's id.",
            "wallet_id": WALLET,
            "kind": "What for: an order, a person, a refund, your own deposit.",
            "order_id": "The order, where it is of this institution.",
            "payee": "What you asked for.",
            "payee_home": "The payee's institution.",
            "payee_wallet_id": "The payee's wallet.",
            "counterparty": "The payee, as you know it.",
            "amount_fen": FEN,
            "lock_id": LOCK,
            "anchor": ANCHOR,
            "reference": "What the transaction carried to name its purpose: a hash.",
            "acceptance": "The signed word of the payee's institution.",
            "proof": "Why the lock is the payee's, from another institution.",
            "expiry_ms": EXPIRY,
            "description": "What the payee said that it was for.",
            "tip_fen": "What of it was a tip, in fen.",
        },
    ),
    "acceptances": TableDescription(
        "What this institution promised to other institutions, so that their customers could pay you.",
        {
            "anchor": ANCHOR,
            "lock_id": LOCK,
            "request": "What was asked for.",
            "wallet_id": WALLET,
            "payer_home": "The payer's institution.",
            "amount_fen": FEN,
            "expiry_ms": EXPIRY,
            "content": "The answer that was given.",
        },
    ),
    "transactions": TableDescription(
        "What you signed, and what became of it.",
        {
            "number": NUMBER,
            "transaction_id": TRANSACTION,
            "kind": "A payment.",
            "subject": "The payment's id.",
            "content": "The signed bytes.",
            "expiry_ms": EXPIRY,
            "recorded_ms": "When it was recorded, in ledger time.",
            "open": "1 while it has no final outcome.",
            "state": "How far it is.",
            "status": "What the registration centre said.",
            "receipt": "The registration centre's proof.",
            "sequence": "The batch that settled it.",
            "time_ms": TIME,
        },
    ),
    "receipts": TableDescription(
        "Receipts of what others paid you, as far as you asked for them.",
        {"transaction_id": TRANSACTION, "receipt": "The registration centre's proof."},
    ),
}
