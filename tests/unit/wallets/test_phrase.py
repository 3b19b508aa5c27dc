"""Recovery phrases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.wallets.phrase import PhraseInvalidError, PhraseLanguage, new_phrase, read_phrase, seed_of

# From the vectors of BIP-39 (https://github.com/trezor/python-mnemonic/blob/master/vectors.json).
ABOUT = "abandon " * 11 + "about"
ART = "abandon " * 23 + "art"
LEGAL = "legal winner thank year wave sausage worth useful legal winner thank yellow"

ENTROPIES = st.sampled_from([16, 32]).flatmap(lambda length: st.binary(min_size=length, max_size=length))


@pytest.mark.parametrize(
    ("entropy", "phrase"),
    [(bytes(16), ABOUT), (bytes(32), ART), (b"\x7f" * 16, LEGAL)],
)
def test_english_phrases_are_those_of_the_standard(entropy: bytes, phrase: str) -> None:
    assert new_phrase(entropy) == phrase
    assert read_phrase(phrase) == phrase


def test_the_seed_is_that_of_the_standard_without_a_passphrase() -> None:
    # The same phrase and seed stand in the documentation of most wallets.
    expected = (
        "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
        "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
    )

    assert seed_of(ABOUT).hex() == expected


def test_a_chinese_phrase_is_read_with_or_without_spaces() -> None:
    phrase = new_phrase(bytes(16), PhraseLanguage.CHINESE)

    assert phrase == "的 " * 11 + "在"
    assert read_phrase("的" * 11 + "在") == phrase
    assert read_phrase("的\u3000" * 11 + "在 ") == phrase


@given(entropy=ENTROPIES, language=st.sampled_from(PhraseLanguage))
def test_every_phrase_that_is_made_is_read_as_it_was_made(entropy: bytes, language: PhraseLanguage) -> None:
    phrase = new_phrase(entropy, language)

    assert read_phrase(phrase) == phrase
    assert read_phrase("  " + phrase.replace(" ", "\n  ").upper() + "\t") == phrase


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has 0 words"),
        ("abandon " * 13, "it has 13 words"),
        ("的" * 11, "it has 11 words"),
        ("abandon " * 11 + "abandon", "do not belong together"),
        ("legal winner thank year wave sausage worth useful legal winner yellow thank", "do not belong together"),
        ("abandon " * 4 + "abandom " + "abandon " * 6 + "about", "word 5 is in no word list"),
        ("abandon " * 11 + "在", "word 12 is in no word list"),
    ],
)
def test_a_wrong_phrase_is_told_what_is_wrong_with_it(text: str, message: str) -> None:
    with pytest.raises(PhraseInvalidError, match=message) as caught:
        read_phrase(text)

    assert caught.value.code == "PHRASE_INVALID"


def test_a_mistyped_word_does_not_reach_the_message() -> None:
    with pytest.raises(PhraseInvalidError) as caught:
        read_phrase(LEGAL.replace("sausage", "sausagge"))

    assert "sausa" not in str(caught.value) + caught.value.cure


def test_entropy_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="16 or 32"):
        new_phrase(bytes(20))
