"""Recovery phrases by BIP-39: 12 or 24 words, in English or simplified Chinese, from which every key is made again.

Source: https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki
"""

import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final

from mnemonic import Mnemonic

from tongbao.errors import RequestError

__all__ = ["ENTROPY_BYTES", "PhraseInvalidError", "PhraseLanguage", "new_phrase", "read_phrase", "seed_of"]

ENTROPY_BYTES: Final = {12: 16, 24: 32}
"""Random bytes by number of words. 12 words are 128 bits, as strong as Ed25519 itself; 24 are common elsewhere."""


class PhraseLanguage(StrEnum):
    """The language of the words; another language is another phrase and other keys."""

    ENGLISH = "english"
    CHINESE = "chinese_simplified"


class PhraseInvalidError(RequestError):
    """A text that is no recovery phrase."""

    code = "PHRASE_INVALID"


@cache
def _words(language: PhraseLanguage) -> Mnemonic:
    return Mnemonic(language)


def new_phrase(entropy: bytes, language: PhraseLanguage = PhraseLanguage.ENGLISH) -> str:
    """The phrase that stands for 16 or 32 random bytes."""
    if len(entropy) not in ENTROPY_BYTES.values():
        raise ValueError(f"entropy has 16 or 32 bytes, this one {len(entropy)}")
    return str(_words(language).to_mnemonic(entropy))


def read_phrase(text: str) -> str:
    """The phrase as it was made, from what somebody typed: case, spaces and missing spaces between hanzi are forgiven.

    Raises:
        PhraseInvalidError: the number of words, a word or the checksum is wrong; the message says which.
    """
    words = unicodedata.normalize("NFKD", text).lower().split()
    if len(words) == 1 and not words[0].isascii():
        words = list(words[0])
    if len(words) not in ENTROPY_BYTES:
        raise _invalid(f"it has {len(words)} words, not 12 or 24", cure="type all words in their order")
    phrase = " ".join(words)
    if not _words(_language_of(words)).check(phrase):
        raise _invalid("its words do not belong together", cure="compare each word and their order with your copy")
    return phrase


def _language_of(words: list[str]) -> PhraseLanguage:
    """The language that knows all words; no word is in both lists."""
    strange = {language: set(words) - set(_words(language).wordlist) for language in PhraseLanguage}
    language = min(strange, key=lambda each: len(strange[each]))
    if strange[language]:
        # Never the word itself: what is nearly a word of the phrase tells a reader of a log too much.
        place = next(place for place, word in enumerate(words, 1) if word in strange[language])
        raise _invalid(f"word {place} is in no word list", cure="compare it with your copy")
    return language


def _invalid(reason: str, *, cure: str) -> PhraseInvalidError:
    return PhraseInvalidError(f"this is no recovery phrase: {reason}", field="phrase", cure=cure)


def seed_of(phrase: str) -> bytes:
    """The 64 bytes of BIP-39 that a phrase, as `read_phrase` returns it, is stretched to."""
    return bytes(Mnemonic.to_seed(phrase))
