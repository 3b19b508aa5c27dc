"""Key files: what opens them, what does not, and what each failure is called."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.wallets.keyfile import KeyFileContent, WrongPasswordError, _File, open_key_file, seal_key_file

CONTENT = KeyFileContent("abandon " * 11 + "about", account=2)
WALLET_ID = bytes(range(16))
ENTROPY = bytes(range(28))
QUICK = 4  # log2 of scrypt's N; the real one takes a third of a second


def sealed(password: str = "correct horse", *, content: KeyFileContent = CONTENT) -> bytes:
    return seal_key_file(content, password, wallet_id=WALLET_ID, entropy=ENTROPY, work_log2=QUICK)


def changed(**fields: object) -> bytes:
    return json.dumps({**json.loads(sealed()), **fields}).encode()


def test_the_password_opens_what_it_sealed() -> None:
    assert open_key_file(sealed(), "correct horse") == CONTENT


def test_the_default_work_opens_too() -> None:
    data = seal_key_file(CONTENT, "p", wallet_id=WALLET_ID, entropy=ENTROPY)

    assert json.loads(data)["work_log2"] == 17
    assert open_key_file(data, "p") == CONTENT


def test_the_file_shows_the_wallet_and_not_the_phrase() -> None:
    data = sealed()

    assert json.loads(data)["wallet_id"] == WALLET_ID.hex()
    assert b"abandon" not in data
    assert "abandon" not in repr(CONTENT)


@pytest.mark.parametrize("password", ["", "correct hors", "Correct horse", "correct horse "])
def test_another_password_is_called_wrong(password: str) -> None:
    with pytest.raises(WrongPasswordError) as caught:
        open_key_file(sealed(), password)

    assert caught.value.code == "WRONG_PASSWORD"


def test_a_letter_typed_as_two_characters_is_the_same_letter() -> None:
    data = sealed("caf\u00e9 通宝")

    assert open_key_file(data, "cafe\u0301 通宝") == CONTENT


def test_an_empty_password_seals_nothing() -> None:
    with pytest.raises(RequestError) as caught:
        sealed("")

    assert (caught.value.code, caught.value.field) == ("PASSWORD_EMPTY", "password")


@pytest.mark.parametrize("length", [0, 27, 29])
def test_sealing_takes_just_the_entropy_that_it_needs(length: int) -> None:
    with pytest.raises(ValueError, match="28 random bytes"):
        seal_key_file(CONTENT, "p", wallet_id=WALLET_ID, entropy=bytes(length), work_log2=QUICK)


@given(place=st.integers(0, len(sealed()) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_blamed_on_the_password(place: int, bit: int) -> None:
    data = bytearray(sealed())
    data[place] ^= 1 << bit

    try:
        content = open_key_file(bytes(data), "correct horse")
    except (DamageError, ConfigurationError):
        return

    assert content == CONTENT  # the bit was in the space between two fields


@pytest.mark.parametrize("length", [0, 1, 100, -2])
def test_a_file_cut_short_is_called_damaged(length: int) -> None:
    with pytest.raises(DamageError, match="restore it from a copy"):
        open_key_file(sealed()[:length], "correct horse")


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{}", b"\xff\xfe", changed(extra=1), changed(work_log2="17"), changed(nonce="zz"), changed(checksum="")],
)
def test_what_is_no_key_file_is_called_damaged(data: bytes) -> None:
    with pytest.raises(DamageError):
        open_key_file(data, "correct horse")


def test_a_file_of_a_newer_program_is_told_apart() -> None:
    with pytest.raises(ConfigurationError, match="version 2"):
        open_key_file(changed(tongbao_key_file=2), "correct horse")


@pytest.mark.parametrize("forged", [{"work_log2": 40}, {"work_log2": 0}, {"salt": "zz"}])
def test_a_file_whose_checksum_was_made_to_fit_cannot_ask_for_the_impossible(forged: dict[str, object]) -> None:
    data = json.loads(changed(**forged, checksum=""))
    data["checksum"] = _File(**data).computed_checksum()

    with pytest.raises(DamageError):
        open_key_file(json.dumps(data).encode(), "correct horse")
