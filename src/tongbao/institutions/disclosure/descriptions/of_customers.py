"""What tables hold about a customer as such: account, wallet, limits, history."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import (
    NUMBER,
    REQUEST,
    REQUEST_HASH,
    TIME,
    TRANSACTION,
    WALLET,
    TableDescription,
)

__all__ = ["CUSTOMERS"]

CUSTOMERS: Final[Mapping[str, TableDescription]] = {
    "customers": TableDescription(
        "You, as a customer.",
        {
            "customer_id": "Your number here.",
            "name": "Your name, as it was given when the wallet was opened.",
            "kind": "A person or a company.",
            "since_ms": TIME,
        },
    ),
    "accounts": TableDescription(
        "Your deposit account.",
        {
            "account_id": "The account's number.",
            "name": "What the bank ledger calls it.",
            "kind": "A deposit.",
            "customer_id": "Your number here.",
            "balance_fen": "What the institution owes you, in fen.",
        },
    ),
    "entries": TableDescription(
        "What was booked on your deposit account.",
        {
            "entry_id": "The entry's number.",
            "kind": "What happened.",
            "subject": "The transaction or the request that it was booked for.",
            "time_ms": TIME,
        },
    ),
    "postings": TableDescription(
        "What each entry changed on your deposit account. The lines of others in the same entry are theirs.",
        {
            "entry_id": "The entry's number.",
            "line": "The line of the entry.",
            "account_id": "Your account's number.",
            "amount_fen": "What was added, or taken away where it is negative, in fen.",
        },
    ),
    "teller_requests": TableDescription(
        "What tellers booked for you at the counter, kept so that nothing is booked twice.",
        {"request_id": REQUEST, "request_hash": REQUEST_HASH, "entry_id": "The entry's number."},
    ),
    "wallets": TableDescription(
        "Your wallet.",
        {
            "wallet_id": WALLET,
            "customer_id": "Your number here.",
            "account_id": "The number of the deposit account beside it.",
            "main_key": "The wallet's public key, by which you sign requests.",
            "wallet_class": "How well you are known, I to IV; it decides the limits.",
            "kind": "Personal or corporate.",
            "holder_name": "Your name, as it was given when the wallet was opened.",
            "balance_fen": "What your coins are worth, in fen.",
            "locks_given": "How many of your locks were handed out to be paid to.",
            "locks_stocked": "How many locks you have left here in all.",
            "since_ms": TIME,
            "closing_ms": "Since when nobody can pay it any more, in ledger time.",
            "closed_ms": "Since when it is closed, in ledger time.",
            "moved_to": "Your address at another institution, where payers are sent on.",
        },
    ),
    "watchers": TableDescription(
        "Who may see your wallet besides you, or could.",
        {
            "public_key": "The watcher's key.",
            "wallet_id": WALLET,
            "number": "The how manieth of your wallet it is.",
            "name": "What you call the watcher.",
            "since_ms": TIME,
            "ended_ms": "Since when the watcher sees nothing any more, in ledger time.",
        },
    ),
    "usage": TableDescription(
        "What you have paid per day and year, for the limits.",
        {
            "wallet_id": WALLET,
            "period": "A day as 20210611 or a year as 2021.",
            "used_fen": "What was paid in it, in fen.",
        },
    ),
    "history": TableDescription(
        "What happened to your wallet.",
        {
            "number": NUMBER,
            "wallet_id": WALLET,
            "kind": "What happened.",
            "amount_fen": "What came in, or went out where it is negative, in fen.",
            "counterparty": "With whom, or what for, as you know it.",
            "transaction_id": TRANSACTION,
            "state": "Whether it settled or never will.",
            "time_ms": TIME,
            "tip_fen": "What of it was a tip, in fen.",
        },
    ),
    "events": TableDescription(
        "What you were told, or could have been told, of what happened to your wallet.",
        {
            "number": NUMBER,
            "wallet_id": WALLET,
            "kind": "What happened.",
            "subject": "What it happened to, as an order.",
            "content": "What there was to say, as JSON.",
            "time_ms": TIME,
        },
    ),
}
