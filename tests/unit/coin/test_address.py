"""Addresses: a wrong character never pays somebody else."""

import random

import pytest

from tests.builders import bytes32
from tongbao.coin import Address
from tongbao.coin.address import _ALPHABET, _BECH32M, ADDRESS_CHARACTERS_MAX, _expand, _polymod
from tongbao.errors import DecodingError, RequestError

ADDRESS = Address(7, bytes32(0)[:16], test_network=False)

# BIP 350, "Test vectors for Bech32m" (https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki).
BIP_350_VALID = (
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11" + "l" * 82 + "ludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
)
# What BIP 350 calls invalid for its checksum or its characters; the rest of its list is about lengths and prefixes.
BIP_350_WRONG = ("M1VUXWEZ", "y1b0jsk6g", "lt1igcx5c0", "mm1crxm3i", "au1s5cgom")
# BIP 350 gives these as addresses of Bitcoin: the first is Bech32m, the second has the checksum of Bech32.
BITCOIN_TEST_ADDRESS = "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c"
BITCOIN_BECH32 = "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf"


def holds(text: str, *, prefix_as_written: bool = False) -> bool:
    """Whether the checksum of any Bech32m text holds by the functions that addresses use."""
    written, _, rest = text.rpartition("1")
    if not set(rest.lower()) <= set(_ALPHABET):
        return False
    prefix = written if prefix_as_written else written.lower()
    return _polymod(_expand(prefix) + [_ALPHABET.index(each) for each in rest.lower()]) == _BECH32M


@pytest.mark.parametrize("text", [*BIP_350_VALID, BITCOIN_TEST_ADDRESS])
def test_the_checksum_is_that_of_bip_350(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize("text", [*BIP_350_WRONG, BITCOIN_BECH32])
def test_the_checksum_refuses_what_bip_350_refuses(text: str) -> None:
    assert not holds(text)


def test_the_checksum_covers_the_prefix_in_lower_case() -> None:
    assert holds("M1VUXWEZ", prefix_as_written=True)


def test_no_address_of_bitcoin_is_an_address_here() -> None:
    with pytest.raises(DecodingError, match="its version is unknown"):
        Address.parse(BITCOIN_TEST_ADDRESS)


@pytest.mark.parametrize("test_network", [False, True])
def test_an_address_is_read_in_either_case(*, test_network: bool) -> None:
    address = Address(2**32 - 1, bytes32(1)[:16], test_network=test_network)

    assert Address.parse(str(address)) == Address.parse(str(address).upper()) == address
    assert str(address).startswith("tbt1" if test_network else "tb1")
    assert len(str(address)) < ADDRESS_CHARACTERS_MAX


def test_every_single_wrong_character_is_detected() -> None:
    text = str(ADDRESS)

    for place in range(len(text)):
        for character in set(_ALPHABET + "1bio-") - {text[place]}:
            with pytest.raises(DecodingError) as refused:
                Address.parse(text[:place] + character + text[place + 1 :])
            assert refused.value.code == "ADDRESS_INVALID"


def test_swapped_lost_and_doubled_characters_are_detected() -> None:
    text = str(ADDRESS)
    wrong = {text[:place] + text[place + 1] + text[place] + text[place + 2 :] for place in range(len(text) - 1)}
    wrong |= {text[:place] + text[place + 1 :] for place in range(len(text))}
    wrong |= {text[:place] + text[place] + text[place:] for place in range(len(text))}

    for each in wrong - {text}:
        with pytest.raises(DecodingError):
            Address.parse(each)


def test_up_to_four_wrong_characters_are_detected() -> None:
    dice, text = random.Random(20260101), str(ADDRESS)

    for _ in range(2_000):
        wrong = list(text)
        for place in dice.sample(range(3, len(text)), dice.randint(2, 4)):
            wrong[place] = dice.choice(_ALPHABET.replace(text[place], ""))
        with pytest.raises(DecodingError, match="its checksum does not fit"):
            Address.parse("".join(wrong))


def test_text_is_too_long_before_anything_is_computed_of_it() -> None:
    with pytest.raises(DecodingError, match="it is too long"):
        Address.parse("tb1" + "q" * (ADDRESS_CHARACTERS_MAX - 2))
    with pytest.raises(DecodingError, match="its checksum does not fit"):
        Address.parse("tb1" + "q" * (ADDRESS_CHARACTERS_MAX - 3))


def test_a_wrong_address_says_what_to_do() -> None:
    with pytest.raises(DecodingError, match="this is not an address: its checksum does not fit") as refused:
        Address.parse(str(ADDRESS)[:-1] + ("q" if str(ADDRESS)[-1] != "q" else "p"))

    assert (refused.value.field, refused.value.cure) == ("address", "copy it again")


@pytest.mark.parametrize(
    ("home", "wallet_id", "named"), [(2**32, bytes(16), "home"), (-1, bytes(16), "home"), (1, bytes(15), "wallet_id")]
)
def test_an_address_that_no_text_holds_is_refused(home: int, wallet_id: bytes, named: str) -> None:
    with pytest.raises(RequestError) as refused:
        Address(home, wallet_id, test_network=False)

    assert refused.value.field == named
