"""Addresses: how a person names where to be paid. Versioned, checksummed text in the Bech32m alphabet (BIP 350).

An address names a wallet at its home, not a lock: each payment to it goes to a fresh lock that the home hands out
from the wallet's own signed stock, so payments to one address cannot be linked on the ledger.
"""

from dataclasses import dataclass

from tongbao.coin.encoding import Reader, demand_bytes, demand_unsigned, u8, u32
from tongbao.errors import DecodingError

__all__ = ["Address"]

ADDRESS_VERSION = 1
WALLET_ID_BYTES = 16
PREFIX = "tb"
TEST_PREFIX = "tbt"
ADDRESS_CHARACTERS_MAX = 90  # the length up to which the checksum finds any four wrong characters (BIP 173)
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M = 0x2BC830A3
_CHECKSUM_CHARACTERS = 6
_WORD_BITS = 5
_CONTENT_BYTES = 1 + 4 + WALLET_ID_BYTES  # version, home, wallet


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is paid.

    Attributes:
        home: the institution that serves the wallet.
        wallet_id: 16 bytes.
        test_network: addresses of test networks look different, so that nobody pays real money to them.
    """

    home: int
    wallet_id: bytes
    test_network: bool

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)
        demand_bytes("wallet_id", self.wallet_id, length=WALLET_ID_BYTES)

    def __str__(self) -> str:
        prefix = TEST_PREFIX if self.test_network else PREFIX
        words = _regroup(u8(ADDRESS_VERSION) + u32(self.home) + self.wallet_id)
        checksum = _polymod(_expand(prefix) + words + [0] * _CHECKSUM_CHARACTERS) ^ _BECH32M
        tail = [(checksum >> 5 * (5 - place)) & 31 for place in range(_CHECKSUM_CHARACTERS)]
        return f"{prefix}1" + "".join(_ALPHABET[word] for word in words + tail)

    @staticmethod
    def parse(text: str) -> "Address":
        """The address written as `text`, in lower or upper case but not in both.

        Raises:
            DecodingError: a character is wrong, and it says so rather than pay somebody else.
        """
        if len(text) > ADDRESS_CHARACTERS_MAX:
            raise _wrong("it is too long")
        # Outside ASCII there are letters whose lower case is an ASCII letter, such as the kelvin sign.
        if not text.isascii() or text not in {text.lower(), text.upper()}:
            raise _wrong("it mixes cases or has a character that no address has")
        prefix, separator, rest = text.lower().rpartition("1")
        if not separator or prefix not in {PREFIX, TEST_PREFIX}:
            raise _wrong(f"it must begin with {PREFIX}1, or {TEST_PREFIX}1 on a test network")
        if any(character not in _ALPHABET for character in rest):
            raise _wrong("it has a character that no address has")
        words = [_ALPHABET.index(character) for character in rest]
        if _polymod(_expand(prefix) + words) != _BECH32M:
            raise _wrong("its checksum does not fit")
        content = _ungroup(words[:-_CHECKSUM_CHARACTERS])
        if content[:1] != u8(ADDRESS_VERSION):
            raise _wrong("its version is unknown")
        if len(content) != _CONTENT_BYTES:
            raise _wrong("its length is wrong")
        reader = Reader(content[1:], "address")
        return Address(reader.u32(), reader.take(WALLET_ID_BYTES), prefix == TEST_PREFIX)


def _wrong(reason: str) -> DecodingError:
    return DecodingError(
        f"this is not an address: {reason}", field="address", cure="copy it again", code="ADDRESS_INVALID"
    )


def _expand(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(words: list[int]) -> int:
    checksum = 1
    for word in words:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ word
        for place, generator in enumerate(_GENERATOR):
            checksum ^= generator if top >> place & 1 else 0
    return checksum


def _regroup(data: bytes) -> list[int]:
    """Bytes as words of five bits, padded with zero bits."""
    bits = len(data) * 8
    padding = -bits % 5
    number = int.from_bytes(data, "big") << padding
    return [number >> place & 31 for place in range(bits + padding - 5, -1, -5)]


def _ungroup(words: list[int]) -> bytes:
    """Words of five bits as bytes; what pads them must be fewer than five zero bits."""
    number = 0
    for word in words:
        number = number << 5 | word
    bits = len(words) * 5
    padding = bits % 8
    if padding >= _WORD_BITS or number & ((1 << padding) - 1):
        raise _wrong("its padding is wrong")
    return (number >> padding).to_bytes(bits // 8, "big")
