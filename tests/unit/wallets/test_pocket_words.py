import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import public_key
from tongbao.coin import KeyLock, Path, TimedLock
from tongbao.errors import RequestError
from tongbao.wallets.pocket_words import PURPOSE_BYTES_MAX, PocketWords

LOCK = TimedLock(public_key(1), public_key(2), 1_800_000_000_000, (1, 2), (b"\x05" * 32,), b"\x06" * 32)


@given(
    path=st.sampled_from(Path),
    number=st.none() | st.integers(0, 2**31 - 1),
    purpose=st.text(max_size=PURPOSE_BYTES_MAX // 4),
)
def test_what_was_written_is_read(path: Path, number: int | None, purpose: str) -> None:
    words = PocketWords(LOCK, path, number, purpose)

    assert PocketWords.decode(words.encode()) == words


def test_the_layout_is_that_of_the_page() -> None:
    encoded = PocketWords(LOCK, Path.B, None, "租").encode()

    assert encoded == b"\x01\x01\xff\xff\xff\xff" + LOCK.encode() + "租".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02\x00\xff\xff\xff\xff" + LOCK.encode(),
        b"\x01\x02\xff\xff\xff\xff" + LOCK.encode(),
        b"\x01\x00\xff\xff\xff\xff" + KeyLock(public_key(1), bytes(32)).encode(),
        b"\x01\x00\xff\xff\xff\xff" + LOCK.encode()[:-1],
    ],
    ids=["empty", "later version", "no such path", "lock of one key", "cut short"],
)
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(RequestError):
        PocketWords.decode(content)


def test_words_that_are_no_text_do_not_hide_the_money() -> None:
    words = PocketWords.decode(PocketWords(LOCK, Path.A, 3, "").encode() + b"\xff\xfe")

    assert (words.lock, words.number) == (LOCK, 3)
