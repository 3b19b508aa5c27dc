"""Everybody who may knock at a role, and which of them the tables of `tongbao.protocol` let in.

The column "by" of those tables is the one place that says who may ask for an operation. Here its words get their
meaning for the tests: an operation with new words needs a row here, and nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tests.api.signing import Party
from tests.api.things import (
    Things,
    home_party,
    new_party,
    officer_party,
    teller_party,
    till_party,
    wallet_party,
    watcher_party,
)
from tongbao.coin.control import AuthorityKind
from tools.http_reference import askers


class Kind(StrEnum):
    """Kinds of callers."""

    NOBODY = "nobody: no signature"
    STRANGER = "a key that nobody has seen"
    BYSTANDER = "another wallet of this institution"
    GUEST = "a wallet of another institution"
    TILL = "a till of the shop"
    WATCHER = "a watcher of the payer"
    TELLER = "a teller of this institution"
    FOREIGN_TELLER = "a teller of another institution"
    THIS_HOME = "this institution"
    OTHER_HOME = "another institution"
    CENTRAL_BANK = "the central bank"
    OFFICER = "an officer of issuance"


EVERYBODY = frozenset(Kind)
# What belongs to another of their kind is not there for them, rather than forbidden: no id is to be found by trying.
NOT_TOLD = frozenset({Kind.TILL, Kind.BYSTANDER, Kind.GUEST, Kind.OTHER_HOME})

MAY_ASK: Mapping[str, frozenset[Kind]] = MappingProxyType(
    {
        "anyone": EVERYBODY,
        "whoever knows the id": EVERYBODY,
        "whoever knows the coin": EVERYBODY,
        "a wallet": frozenset({Kind.BYSTANDER}),
        "a wallet, through its own home": frozenset({Kind.BYSTANDER}),
        "a merchant's wallet": frozenset(),
        "a merchant's wallet, or a till of it": frozenset({Kind.TILL}),
        "a merchant's wallet, or a till for its own": frozenset({Kind.TILL}),
        "the merchant": frozenset(),
        "the merchant's wallet": frozenset(),
        "the merchant's wallet, or the till": frozenset({Kind.TILL}),
        "the merchant's wallet, or the till that made the order": frozenset(),
        "the payer": frozenset(),
        "the payer's home": frozenset(),
        "the payer or the requester": frozenset(),
        "the maker or the other wallet": frozenset(),
        "the maker's home": frozenset(),
        "the requester": frozenset(),
        "the requester's home": frozenset(),
        "the shop's home": frozenset(),
        "the home of the other party": frozenset(),
        "the wallet": frozenset(),
        "the wallet, or a watcher of it": frozenset({Kind.WATCHER}),
        "the wallet's new key (`key:<public key>`)": frozenset({Kind.STRANGER}),
        "a teller": frozenset({Kind.TELLER}),
        "a teller, for many wallets at once": frozenset({Kind.TELLER}),
        "a home": frozenset({Kind.THIS_HOME, Kind.OTHER_HOME}),
        "a home, of its own coins": frozenset({Kind.THIS_HOME, Kind.OTHER_HOME}),
        "the home that endorsed it": frozenset(),
        "the central bank": frozenset({Kind.CENTRAL_BANK}),
        "an officer": frozenset({Kind.OFFICER}),
        "an officer; a home sees its own": frozenset(
            {Kind.OFFICER, Kind.THIS_HOME, Kind.OTHER_HOME, Kind.CENTRAL_BANK}
        ),
        "an officer; the home that it is about": frozenset({Kind.OFFICER, Kind.THIS_HOME, Kind.CENTRAL_BANK}),
    }
)
"""Who else may ask than the party of the meaning, by the words of the protocol's tables."""


def words_of(method: str, path: str) -> str:
    """Who may ask for an operation, in the words of its table."""
    key = f"{method} {path}"
    found = askers().get(key)
    assert found is not None, f"{key} stands in no table of tongbao.protocol: add its row, with who may ask"
    return found[0]


def may_ask(words: str) -> frozenset[Kind]:
    """The kinds of callers that the words let in."""
    assert words in MAY_ASK, f"nothing says whom “{words}” lets in: add a row to MAY_ASK in tests/api/callers.py"
    return MAY_ASK[words]


def callers(things: Things) -> dict[Kind, Party | None]:
    """Somebody of each kind, known where his kind can be known."""
    data = things.data
    return {
        Kind.NOBODY: None,
        Kind.STRANGER: new_party(),
        Kind.BYSTANDER: wallet_party(things.bystander),
        Kind.GUEST: wallet_party(things.guest),
        Kind.TILL: till_party(things.till),
        Kind.WATCHER: watcher_party(things.watcher),
        Kind.TELLER: teller_party(data, 1),
        Kind.FOREIGN_TELLER: teller_party(data, 2),
        Kind.THIS_HOME: home_party(data, 1),
        Kind.OTHER_HOME: home_party(data, 2),
        Kind.CENTRAL_BANK: home_party(data, 0),
        Kind.OFFICER: officer_party(data, AuthorityKind.ISSUANCE),
    }
