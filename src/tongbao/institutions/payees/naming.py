"""Names as strangers may see them: enough for a payer to notice that it is somebody else, too little to learn who.

- A company's name is shown whole: it is public.
- A name in Chinese, Japanese or Korean script without spaces hides its first character, the family name: *小明.
- Any other name shows the first letter of each word, and hides whatever follows, however long: Li Wei is L*** W***.
- A telephone number shows its country's code and first three digits, and the last two: +86138******00.
"""

import re
import unicodedata

from tongbao.protocol.wallet import WalletKind

__all__ = ["masked_name", "masked_phone", "same_name"]

_HIDDEN = "*"
_REST = "***"
_WORDS_SHOWN_MAX = 4

# Han, kana and hangul, with the marks between the parts of names.
_EAST_ASIAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff·・]+")

_PHONE_TAIL = 2
_PHONE_HEAD = {"+86": 6}
_PHONE_HEAD_ELSEWHERE = 4


def masked_name(name: str, kind: WalletKind) -> str:
    """The name, with what a stranger does not need hidden."""
    words = unicodedata.normalize("NFKC", name).split()
    if kind is WalletKind.CORPORATE:
        return " ".join(words)
    if len(words) == 1 and _EAST_ASIAN.fullmatch(words[0]):
        return _HIDDEN + words[0][1:]
    return " ".join(word[0] + _REST for word in words[:_WORDS_SHOWN_MAX])


def same_name(typed: str, name: str) -> bool:
    """Whether both are one name: width, case, marks between parts, and the order of words do not count."""
    return _parts(typed) == _parts(name)


def _parts(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold()
    kept = [each if each.isalnum() or unicodedata.category(each).startswith("M") else " " for each in plain]
    parts = "".join(kept).split()
    # Words of these scripts are written without spaces, or with them for looks.
    return ["".join(parts)] if _EAST_ASIAN.fullmatch("".join(parts)) else sorted(parts)


def masked_phone(phone: str) -> str:
    """A number in the form of E.164, with its middle hidden."""
    head = _PHONE_HEAD.get(phone[:3], _PHONE_HEAD_ELSEWHERE)
    return phone[:head] + _HIDDEN * (len(phone) - head - _PHONE_TAIL) + phone[-_PHONE_TAIL:]
