"""Every decoder of the coin layer by the name of its layout, for tests that hold of all of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.wire_layouts import Record, encode
from tongbao.coin import (
    Acceptance,
    Address,
    Batch,
    Coin,
    Genesis,
    Input,
    Lock,
    Outcome,
    PublicKey,
    Receipt,
    Submission,
    Transaction,
)
from tongbao.coin.coin import COIN_BYTES
from tongbao.coin.encoding import Reader
from tongbao.coin.lock import read_lock
from tongbao.coin.verdicts import Verdicts
from tongbao.errors import RequestError

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


DECODERS = {
    "address": Decoder(
        lambda data: Address.parse(data.decode(errors="surrogateescape")), lambda address: str(address).encode()
    ),
    "acceptance": Decoder(Acceptance.decode, Acceptance.encode),
    "batch": Decoder(Batch.decode, Batch.encode),
    "coin": Decoder(_whole(Coin.read), Coin.encode),
    "genesis": Decoder(Genesis.decode, Genesis.encode),
    "input": Decoder(_whole(Input.read), Input.encode),
    "key": Decoder(PublicKey.decode, PublicKey.encode),
    "lock": Decoder(decode_lock, lambda lock: lock.encode()),
    "outcome": Decoder(Outcome.decode, Outcome.encode),
    "receipt": Decoder(Receipt.decode, Receipt.encode),
    "submission": Decoder(Submission.decode, Submission.encode),
    "transaction": Decoder(Transaction.decode, Transaction.encode),
    "verdicts": Decoder(Verdicts.decode, Verdicts.encode),
}
"""Every one; an address is text and comes as its bytes."""


def answer(name: str, data: bytes) -> str:
    """The code with which a decoder refuses the bytes, or "" where it takes them.

    Any other exception is a fault of the decoder and comes out, and so does a value that has another form.
    """
    decoder = DECODERS[name]
    try:
        value = decoder.decode(data)
    except RequestError as error:
        return error.code
    # An address is also read in upper case, and written in lower.
    canonical = data.lower() if name == "address" else data
    if decoder.encode(value) != canonical:
        raise AssertionError(f"{name}: {data.hex()} decodes, and encodes as {decoder.encode(value).hex()}")
    return ""


def vectors(name: str) -> Record:
    """The content of a vector file."""
    content: Record = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return content


@cache
def corpus(name: str) -> tuple[bytes, ...]:
    """What the vectors hold for a decoder, valid and refused: where a fuzzer begins."""
    if name == "coin":
        return tuple(each[-COIN_BYTES:] for each in corpus("input"))
    if name == "key":
        return tuple(encode("key", case["fields"]["key"]) for case in vectors("lock")["valid"])
    of_layout = [
        content for path in sorted(VECTORS.glob("*.json")) if (content := vectors(path.stem)).get("layout") == name
    ]
    cases = [case for each in of_layout for case in (*each["valid"], *each["refused"], *each.get("disproved", ()))]
    return tuple(case["text"].encode() if name == "address" else bytes.fromhex(case["bytes"]) for case in cases)
