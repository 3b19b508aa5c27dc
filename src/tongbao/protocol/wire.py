"""How bytes, money and times stand in JSON, the same in every message."""

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from tongbao.coin.coin import VALUE_MAX

__all__ = [
    "Base64",
    "Cursor",
    "Fen",
    "FenOrNone",
    "Hash",
    "Home",
    "LedgerTime",
    "Message",
    "SequenceNumber",
    "TillId",
    "WalletId",
]


class Message(BaseModel):
    """One JSON object between two actors: frozen, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def encode(self) -> bytes:
        """The message as JSON in UTF-8."""
        return self.model_dump_json().encode()


def _from_hex(length: int) -> Any:  # noqa: ANN401 - pydantic's validators take what JSON gives
    def parse(text: Any) -> bytes:  # noqa: ANN401
        if isinstance(text, bytes):
            return text
        if not isinstance(text, str) or len(text) != 2 * length or text != text.lower():
            raise ValueError(f"must be {2 * length} lower-case hexadecimal digits")
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise ValueError(f"must be {2 * length} lower-case hexadecimal digits") from None

    return parse


def _from_base64(text: Any) -> bytes:  # noqa: ANN401
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise ValueError("must be base64 text")  # noqa: TRY004 - pydantic turns ValueError into its own
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("must be base64 with padding (RFC 4648 section 4)") from None


def _hex_field(length: int) -> Any:  # noqa: ANN401
    return (
        BeforeValidator(_from_hex(length)),
        PlainSerializer(bytes.hex, return_type=str),
        WithJsonSchema({"type": "string", "pattern": f"^[0-9a-f]{{{2 * length}}}$"}),
    )


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


Hash = Annotated[bytes, *_hex_field(32)]
"""32 bytes (an id, a hash, an Ed25519 key) as 64 lower-case hexadecimal digits."""

WalletId = Annotated[bytes, *_hex_field(16)]
"""16 bytes as 32 lower-case hexadecimal digits."""

TillId = Annotated[bytes, *_hex_field(16)]
"""16 bytes as 32 lower-case hexadecimal digits."""

Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(_to_base64, return_type=str),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""One of the layouts of docs/reference/wire-format.md in base64."""

Fen = Annotated[int, Field(ge=1, le=VALUE_MAX, strict=True)]
"""An amount of the currency in fen: a positive whole number."""

FenOrNone = Annotated[int, Field(ge=0, le=VALUE_MAX, strict=True)]
"""An amount that may be nothing."""

Home = Annotated[int, Field(ge=0, lt=2**32, strict=True)]
"""An institution's number; 0 is the central bank."""

SequenceNumber = Annotated[int, Field(ge=0, lt=2**63)]
"""A batch's place in the ledger."""

LedgerTime = Annotated[int, Field(ge=0, lt=2**63)]
"""Ledger time in milliseconds since 1970 UTC."""

Cursor = Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z._-]*$")]
"""Where a listing goes on; "" is its start. To be handed back as it came."""
