"""What tables hold about what wallets ask of each other and offer each other."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import EXPIRY, FEN, NUMBER, WALLET, TableDescription

__all__ = ["REQUESTS"]

_STATE = "How far it is."
_REASON = "Why it was declined or withdrawn, in the words of who did."
_TOLD = "1 where the other institution knows how far it is."

_REFUND_NUMBER = "The shop's own number of the refund."
_WHY_BACK = "Why the money goes back, in the shop's words."
_DECIDED_BY = "Who decided: the payer, or silence."
_ANSWER_BY = "Until when the payer could answer, in ledger time."

REQUESTS: Final[Mapping[str, TableDescription]] = {
    "sent_requests": TableDescription(
        "What you asked others to pay you.",
        {
            "number": NUMBER,
            "order_id": "The order behind the request, with its amount and expiry.",
            "wallet_id": WALLET,
            "payer_home": "The institution of whom you asked.",
            "payer_address": "Whom you asked: an address, or the payment code that you scanned.",
            "state": _STATE,
            "reason": _REASON,
            "told": _TOLD,
            "recall_of": "The transaction that you asked back, by its id.",
        },
    ),
    "received_requests": TableDescription(
        "What others asked you to pay.",
        {
            "number": NUMBER,
            "home": "The institution of who asks.",
            "request_id": "The request, by the id of the order behind it.",
            "wallet_id": WALLET,
            "requester_wallet_id": "The wallet of who asks.",
            "requester_name": "The name of who asks, as you see it.",
            "amount_fen": FEN,
            "description": "What it is for, in the words of who asks.",
            "expires_ms": EXPIRY,
            "state": _STATE,
            "reason": _REASON,
            "told": _TOLD,
            "payment_code": "The code that your wallet showed, where you were asked by one.",
            "recall_of": "The transaction by which you received what is asked back, by its id.",
        },
    ),
    "offered_refunds": TableDescription(
        "Refunds that your shop offered.",
        {
            "number": NUMBER,
            "refund_id": "The refund's id.",
            "order_id": "The order of which it gives money back.",
            "wallet_id": WALLET,
            "refund_number": _REFUND_NUMBER,
            "asked_fen": "How much you named, in fen; nothing where it was all that was left.",
            "amount_fen": FEN,
            "reason": _WHY_BACK,
            "state": _STATE,
            "decided_by": _DECIDED_BY,
            "answer_by_ms": _ANSWER_BY,
            "undelivered": "Why the payer's institution would not take the offer, by its code.",
            "told": _TOLD,
            "payment_id": "The payment that was prepared to carry it out.",
        },
    ),
    "received_refunds": TableDescription(
        "Refunds that shops offered you.",
        {
            "number": NUMBER,
            "home": "The shop's institution.",
            "refund_id": "The refund's id.",
            "wallet_id": WALLET,
            "order_id": "The order that you paid.",
            "order_number": "The shop's own number of it.",
            "refund_number": _REFUND_NUMBER,
            "merchant_wallet_id": "The shop's wallet.",
            "merchant_name": "The shop's name.",
            "amount_fen": FEN,
            "reason": _WHY_BACK,
            "state": _STATE,
            "decided_by": _DECIDED_BY,
            "unanswered": "What it means that you do not answer.",
            "answer_by_ms": _ANSWER_BY,
        },
    ),
    "code_books": TableDescription(
        "Payment codes that your wallet shows to shops; what is older than an hour counts no more.",
        {
            "handle": "Part of each code, by which your institution finds your wallet.",
            "wallet_id": WALLET,
            "secret": "What your wallet and your institution make the codes from; it is kept back here.",
            "expires_ms": EXPIRY,
            "wrong": "How many codes were scanned too late, or guessed.",
            "claimed_home": "The institution of the shop that used a code.",
            "claimed_request": "The request that came by it.",
        },
        withheld=frozenset({"secret"}),
    ),
}
