"""Every decoder of the coin layer by the name of its layout, for tests that hold of all of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.wire_layouts import Record
from tongbao.coin import (
    Acceptance,
    Address,
    Batch,
    Coin,
    Genesis,
    Input,
    Lock,
    Outcome,
    Receipt,
    Submission,
    Transaction,
)
from tongbao.coin.encoding import Reader
from tongbao.coin.lock import read_lock
from tongbao.errors import DecodingError

VECTORS = Path(__file__).resolve().parent / "vectors/coin"


@dataclass(frozen=True)
class Decoder:
    """How bytes become a value and a value bytes.

    Attributes:
        decode: raises `RequestError` where the bytes are no encoding.
        encode: the value's only encoding.
    """

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _whole(read: Callable[[Reader], Any]) -> Callable[[bytes], Any]:
    """A decoder out of a function that reads from the middle of something larger."""

    def decode(data: bytes) -> object:
        reader = Reader(data, "test")
        value = read(reader)
        reader.finish()
        return value

    return decode


def decode_lock(data: bytes) -> Lock:
    """The lock whose whole encoding is `data`."""
    lock: Lock = _whole(read_lock)(data)
    return lock


def _decode_address(data: bytes) -> Address:
    """Text is bytes to a fuzzer; upper case is read, too, but is not the form that is written."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise DecodingError("not text") from None
    address = Address.parse(text)
    return address if text == text.lower() else Address.parse(text.lower())


DECODERS = {
    "acceptance": Decoder(Acceptance.decode, Acceptance.encode),
    "batch": Decoder(Batch.decode, Batch.encode),
    "coin": Decoder(_whole(Coin.read), Coin.encode),
    "genesis": Decoder(Genesis.decode, Genesis.encode),
    "input": Decoder(_whole(Input.read), Input.encode),
    "lock": Decoder(decode_lock, lambda lock: lock.encode()),
    "outcome": Decoder(Outcome.decode, Outcome.encode),
    "receipt": Decoder(Receipt.decode, Receipt.encode),
    "submission": Decoder(Submission.decode, Submission.encode),
    "transaction": Decoder(Transaction.decode, Transaction.encode),
}
"""Layouts in bytes."""

TEXT_DECODERS = {"address": Decoder(_decode_address, lambda address: str(address).encode())}
"""Layouts in text."""


def vectors(name: str) -> Record:
    """The content of a vector file."""
    content: Record = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def corpus(name: str) -> Iterator[bytes]:
    """What the vectors hold for a decoder, valid and refused: where a fuzzer begins."""
    for path in sorted(VECTORS.glob("*.json")):
        content = vectors(path.stem)
        if content.get("layout") != name:
            continue
        for case in (*content["valid"], *content["refused"], *content.get("disproved", ())):
            yield case["text"].encode() if "text" in case else bytes.fromhex(case["bytes"])
    if name == "coin":
        yield from (each[-48:] for each in corpus("input"))
