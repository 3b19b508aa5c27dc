"""What tables hold about pockets."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import (
    FEN,
    NUMBER,
    TIME,
    TRANSACTION,
    WALLET,
    TableDescription,
)

__all__ = ["POCKETS"]

_POCKET = "The pocket, by the id of the lock that its money lies under."
_SEALED = "What your wallet wrote about it for itself; your institution cannot read it."
_TAKEN = "When the money was taken out, in ledger time."
_TAKEN_BY = "Who took it: who made the pocket, or the other one who can open it."

POCKETS: Final[Mapping[str, TableDescription]] = {
    "pockets": TableDescription(
        "Money that you put where another wallet can open it, too.",
        {
            "number": NUMBER,
            "pocket_id": _POCKET,
            "wallet_id": WALLET,
            "other_home": "The institution of the other wallet.",
            "other_wallet_id": "The other wallet.",
            "amount_fen": FEN,
            "sealed": _SEALED,
            "sealed_for_other": "What your wallet wrote about it for the other one; your institution cannot read it.",
            "since_ms": TIME,
            "filled_ms": "When the money came into it, in ledger time.",
            "told": "1 where the other wallet's institution knows of it.",
            "taken_ms": _TAKEN,
            "taken_by": _TAKEN_BY,
            "transaction_id": TRANSACTION,
        },
    ),
    "received_pockets": TableDescription(
        "Money that others put where your wallet can open it, too.",
        {
            "number": NUMBER,
            "home": "The institution where it lies.",
            "pocket_id": _POCKET,
            "wallet_id": WALLET,
            "maker_address": "The address of who put it there.",
            "amount_fen": FEN,
            "sealed": "What the other wallet wrote about it for yours; your institution cannot read it.",
            "since_ms": TIME,
            "taken_ms": _TAKEN,
            "taken_by": _TAKEN_BY,
            "transaction_id": TRANSACTION,
        },
    ),
}
