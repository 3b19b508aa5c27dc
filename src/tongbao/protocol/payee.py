"""Whom a payer is about to pay: the name behind an address, and the address behind a telephone number.

A payer hears a masked name and, where he types the name that he has in mind, whether it is the payee's. An alias is
asked for by its id, a slow hash of the number that the payer's wallet makes itself (`alias_id`), so that homes which
have no such customer do not learn the number.

| request | by | answer |
|---|---|---|
| `POST /v1/payees` | a wallet | `PayeeName` |
| `POST /v1/payees/names` | a home | `PayeeName` |
| `POST /v1/payees/aliases` | a wallet | `FoundPayee` |
| `POST /v1/payees/holders` | a home | `HolderAnswer` |
| `POST /v1/aliases/claims` | a wallet | `AliasClaim` |
| `POST /v1/aliases` | a wallet | `Alias` |
| `GET  /v1/aliases` | a wallet | `AliasList` |
| `POST /v1/aliases/release` | a wallet | `AliasList` |
| `GET  /v1/bank/codes` | a teller | `SentCodes` |
"""

import hashlib
import re
from typing import Annotated, Final

from pydantic import Field

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.errors import RequestError
from tongbao.protocol.wallet import WalletKind
from tongbao.protocol.wire import Hash, Home, LedgerTime, Message, WalletId

__all__ = [
    "CODE_DIGITS",
    "Alias",
    "AliasClaim",
    "AliasClaimRequest",
    "AliasConfirmation",
    "AliasHolder",
    "AliasList",
    "AliasRelease",
    "AliasRequest",
    "FoundPayee",
    "HolderAnswer",
    "PayeeName",
    "PayeeRequest",
    "SentCode",
    "SentCodes",
    "alias_id",
    "is_phone",
    "read_phone",
]

CODE_DIGITS: Final = 6

# 16 MiB and a twentieth of a second for each number that somebody tries; an institution pays that once per claim.
_SLOW_COST: Final = 1 << 14
_SLOW_BLOCK: Final = 8

_MAINLAND: Final = re.compile(r"1[3-9][0-9]{9}")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{7,14}")

_Address = Annotated[str, Field(min_length=1, max_length=90)]
_NameAsked = Annotated[str, Field(max_length=128)]


def _number(text: str) -> str:
    bare = re.sub(r"[\s().-]", "", text)
    return f"+86{bare}" if _MAINLAND.fullmatch(bare) else bare


def is_phone(text: str) -> bool:
    """Whether a text is a telephone number, and nothing else that names a payee."""
    return _PHONE.fullmatch(_number(text)) is not None


def read_phone(text: str) -> str:
    """The number in the form of E.164: `+8613800138000`; eleven digits of a mainland mobile number may stand alone.

    Raises:
        RequestError: PHONE_INVALID.
    """
    number = _number(text)
    if _PHONE.fullmatch(number) is None:
        raise RequestError(
            "this is no telephone number",
            code="PHONE_INVALID",
            field="phone",
            cure="write it with + and the country's code, as +86 138 0013 8000",
        )
    return number


def alias_id(phone: str, domain: Domain) -> bytes:
    """What stands for a telephone number (as `read_phone` returns it) between wallets and homes, 32 bytes.

    scrypt of RFC 7914: whoever holds an id needs so long for each number that he tries; another network, another id.
    """
    salt = b"tongbao/alias/1" + domain.network_id
    return hashlib.scrypt(phone.encode(), salt=salt, n=_SLOW_COST, r=_SLOW_BLOCK, p=1, dklen=HASH_BYTES)


class PayeeRequest(Message):
    """Whose address is it? `name` is whom the payer believes to pay, or "" for not saying."""

    address: _Address
    name: _NameAsked = ""


class PayeeName(Message):
    """The payee's name, masked unless it is a company's; `matches` is null where no name was given to compare.

    `main_key` is the Ed25519 key that the address names by a hash: what is sealed for it only the payee can read.
    """

    address: str
    name: str
    kind: WalletKind
    matches: bool | None
    main_key: Hash | None = None


class AliasRequest(Message):
    """Who has the alias? `name` as in `PayeeRequest`."""

    alias_id: Hash
    name: _NameAsked = ""


class AliasHolder(Message):
    """Who holds an alias at one home, and since when he has proven that it is his."""

    payee: PayeeName
    since_ms: LedgerTime


class HolderAnswer(Message):
    """Who holds the alias here; null for nobody."""

    holder: AliasHolder | None


class FoundPayee(Message):
    """Who holds the alias: whoever has proven it last, among the homes that answered.

    A home in `unanswered` may have another answer, and a later one.
    """

    payee: PayeeName
    home: Home
    since_ms: LedgerTime
    unanswered: list[Home]


class AliasClaimRequest(Message):
    """Let the asking wallet be found by a telephone number; a code goes there."""

    phone: Annotated[str, Field(min_length=1, max_length=32)]


class AliasClaim(Message):
    """A code is on its way; it counts until `expires_ms`."""

    masked: str
    expires_ms: LedgerTime


class AliasConfirmation(Message):
    """The code that came to the number."""

    alias_id: Hash
    code: Annotated[str, Field(pattern=rf"^[0-9]{{{CODE_DIGITS}}}$")]


class Alias(Message):
    """A number by which a wallet is found; its home keeps no more of it than `masked` and a keyed hash."""

    masked: str
    since_ms: LedgerTime


class AliasList(Message):
    """The aliases of a wallet, oldest first."""

    aliases: list[Alias]


class AliasRelease(Message):
    """Let the asking wallet be found by the alias no more."""

    alias_id: Hash


class SentCode(Message):
    """A code that a teller hands over, where no gateway sends messages."""

    wallet_id: WalletId
    masked: str
    code: str
    expires_ms: LedgerTime


class SentCodes(Message):
    """The latest codes, newest first."""

    codes: list[SentCode]
