"""Texts with signatures under them, by the vectors of golang.org/x/mod/sumdb/note (note_test.go, BSD-3-Clause)."""

import pytest

from tongbao.errors import DecodingError, RequestError
from tongbao.evidence import SignatureLine, SignedText

TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"


def test_a_signed_text_is_read_as_its_text_and_its_signatures() -> None:
    signed = SignedText.decode(f"{TEXT}\n{PETER}{ENOCH}".encode())

    assert signed.text == TEXT
    assert [(each.name, each.key_id.hex()) for each in signed.signatures] == [
        ("PeterNeumann", "c74f20a3"),
        ("EnochRoot", "af0cfe78"),
    ]


def test_a_signed_text_is_written_as_it_was_read() -> None:
    data = f"{TEXT}\n{PETER}{ENOCH}".encode()

    assert SignedText.decode(data).encode() == data


def test_the_signatures_stand_behind_the_last_empty_line() -> None:
    signed = SignedText.decode(f"one\n\ntwo\n\n{PETER}".encode())

    assert signed.text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "whole",
    [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + PETER[:-1],
        "\x01" + TEXT + "\n" + PETER,
        "\xff".encode("latin-1").decode("latin-1") + "\r" + TEXT + "\n" + PETER,
        TEXT + "\n" + "— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZQ==\n",
        TEXT + "\n" + PETER + "Unexpected line.\n",
        TEXT + "\n" + PETER.replace("— ", "- "),
        TEXT + "\n" + "— a+b x08go/Y=\n",
        TEXT + "\n" + "— name x08gow==\n",
        TEXT + "\n" + "— name x08go/Z=\n",
        TEXT + "\n" + PETER * 101,
    ],
)
def test_what_is_no_signed_text_is_refused(whole: str) -> None:
    with pytest.raises(DecodingError):
        SignedText.decode(whole.encode())


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(DecodingError, match="UTF-8"):
        SignedText.decode(b"\xff" + f"{TEXT}\n{PETER}".encode())


def test_a_signed_text_of_more_bytes_than_allowed_is_refused() -> None:
    with pytest.raises(DecodingError, match="at most"):
        SignedText.decode(b"a" * 1_000_001)


@pytest.mark.parametrize("text", ["abc", "", "a\tb\n"])
def test_a_text_that_cannot_be_signed_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        SignedText(text, (SignatureLine("name", bytes(4), b"x"),))


def test_a_further_signature_of_the_same_key_takes_the_place_of_the_earlier() -> None:
    earlier, later = SignatureLine("one", bytes(4), b"a"), SignatureLine("one", bytes(4), b"b")
    other = SignatureLine("two", bytes(4), b"c")

    assert SignedText("x\n", (earlier, other)).with_signatures(later).signatures == (later, other)
