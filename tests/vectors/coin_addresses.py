"""Addresses that are none, made by a second Bech32m encoder that knows no rule of ours."""

from collections.abc import Iterator

from tests.vectors import coin_valid

BECH32M, BECH32 = 0x2BC830A3, 1
_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32m(prefix: str, words: list[int], *, constant: int = BECH32M) -> str:
    """The words of five bits behind their prefix, with a checksum."""
    codes = [ord(character) for character in prefix]
    expanded = [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]
    remainder = _remainder([*expanded, *words, 0, 0, 0, 0, 0, 0]) ^ constant
    checksum = [remainder >> shift & 31 for shift in (25, 20, 15, 10, 5, 0)]
    return f"{prefix}1" + "".join(_CHARACTERS[word] for word in words + checksum)


def _remainder(words: list[int]) -> int:
    # The polynomial's remainders of 1, 2, 4, 8 and 16 shifted by six places, as BIP 173 gives them.
    generator = {1: 0x3B6A57B2, 2: 0x26508E6D, 4: 0x1EA119FA, 8: 0x3D4233DD, 16: 0x2A1462B3}
    value = 1
    for word in words:
        carried = value >> 25
        value = (value % 2**25) * 32 ^ word
        for bit, part in generator.items():
            value ^= part * bool(carried & bit)
    return value


def words_of(content: bytes, *, padding: str = "") -> list[int]:
    """The bytes as words of five bits, padded with the given bits, or else with zeros."""
    bits = "".join(f"{byte:08b}" for byte in content)
    bits += padding or "0" * (-len(bits) % 5)
    return [int(bits[place : place + 5], 2) for place in range(0, len(bits), 5)]


def refused() -> Iterator[tuple[str, str]]:
    """Reason and text of each."""
    truth = str(coin_valid.addresses()["a wallet at home 1"])
    content = b"\x01\x00\x00\x00\x01" + coin_valid.addresses()["a wallet at home 1"].wallet_id
    yield "nothing at all", ""
    yield "no separator", truth.replace("1", "", 1)
    yield "no prefix", truth[2:]
    yield "another prefix", bech32m("bc", words_of(content))
    yield "a prefix of ours with the other's checksum", truth.replace("tb1", "tbt1", 1)
    yield "a space in front", " " + truth
    yield "a character too many", truth + "q"
    yield "a character too few", truth[:-1]
    yield "mixed cases", truth[:4] + truth[4].upper() + truth[5:]
    yield "a capital in the prefix only", "T" + truth[1:]
    yield "a character that no address has", truth[:5] + "b" + truth[6:]
    yield "the kelvin sign, whose lower case is k", truth.upper().replace("K", "\u212a", 1)
    yield "two characters swapped", truth[:11] + truth[12] + truth[11] + truth[13:]
    yield "a checksum of Bech32 instead of Bech32m", bech32m("tb", words_of(content), constant=BECH32)
    yield "a prefix and a checksum only", bech32m("tb", [])
    yield "version 0", bech32m("tb", words_of(b"\x00" + content[1:]))
    yield "version 2", bech32m("tb", words_of(b"\x02" + content[1:]))
    yield "a byte too few", bech32m("tb", words_of(content[:-1]))
    yield "a byte too many", bech32m("tb", words_of(content + b"\x00"))
    yield "padding that is not zero", bech32m("tb", words_of(content, padding="01"))
    yield "padding of more than four bits", bech32m("tb", [*words_of(content), 0])
    yield "91 characters", bech32m("tb", [*words_of(content + bytes(30)), 0, 0])
    yield (
        "an address of Bitcoin's test network (BIP 350)",
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
    )
