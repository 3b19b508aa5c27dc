"""The registry of suites."""

import pytest

from tests.builders import ALICE, public_key, signer
from tests.vectors.suites import generate
from tongbao.coin import PublicKey, Suite
from tongbao.coin.ed25519 import InvalidSignatureError
from tongbao.coin.encoding import Reader, sized_u16
from tongbao.coin.suites import (
    KEY_BYTES_MAX,
    SIGNATURE_BYTES_MAX,
    SuiteNotActiveError,
    is_usable,
    read_signature,
    verify_signature,
)
from tongbao.errors import DecodingError, RequestError


def test_the_numbers_of_suites_are_permanent() -> None:
    assert [(suite.name, suite.value) for suite in Suite] == [
        ("ED25519", 1),
        ("P256", 2),
        ("PASSKEY", 3),
        ("SM2", 4),
        ("ML_DSA_44", 5),
    ]


def test_a_signature_of_the_key_is_accepted() -> None:
    verify_signature(public_key(ALICE), signer(ALICE).sign(b"message"), b"message")


def test_a_signature_over_something_else_is_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        verify_signature(public_key(ALICE), signer(ALICE).sign(b"message"), b"another")


def test_each_suite_judges_every_vector_as_it_says() -> None:
    wrong = [
        (name, case.name)
        for name, case in generate.stored()
        if _accepts(PublicKey(case.suite, case.key), case.signature, case.message) != case.valid
    ]

    assert wrong == []
    assert {case.suite for _, case in generate.stored() if case.valid} == {1, 2, 3, 4}


def _accepts(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        verify_signature(key, signature, message)
    except (InvalidSignatureError, SuiteNotActiveError):
        return False
    return True


def test_a_key_is_usable_where_the_vectors_say_so() -> None:
    wrong = [
        (name, case.name)
        for name, case in generate.stored()
        if is_usable(PublicKey(case.suite, case.key)) != case.usable
    ]

    assert wrong == []


def test_the_second_implementation_still_makes_the_stored_vectors(capsys: pytest.CaptureFixture[str]) -> None:
    status = generate.main(["--check"])  # it raises where its own verdict differs

    assert (status, capsys.readouterr().err) == (0, "")


def test_the_second_implementation_agrees_with_openssls_vectors() -> None:
    cases = [case for name, case in generate.stored() if name == "sm2_openssl"]

    assert [case.valid for case in cases] == [generate.is_valid(case) for case in cases]
    assert {case.valid for case in cases} == {True, False}


@pytest.mark.parametrize("suite", [0, 5, 6, 255])
def test_a_suite_that_is_not_active_verifies_nothing(suite: int) -> None:
    key = PublicKey(suite, public_key(ALICE).key)

    with pytest.raises(SuiteNotActiveError) as refused:
        verify_signature(key, signer(ALICE).sign(b"message"), b"message")

    assert (refused.value.code, refused.value.field) == ("SUITE_NOT_ACTIVE", "suite")


@pytest.mark.parametrize(
    ("suite", "length", "named"), [(1, 0, "key"), (1, KEY_BYTES_MAX + 1, "key"), (256, 32, "suite"), (-1, 32, "suite")]
)
def test_a_key_that_no_layout_holds_is_refused(suite: int, length: int, named: str) -> None:
    with pytest.raises(RequestError) as refused:
        PublicKey(suite, bytes(length))

    assert refused.value.field == named


@pytest.mark.parametrize("length", [1, KEY_BYTES_MAX])
def test_a_key_within_its_bounds_is_read_as_it_was_written(length: int) -> None:
    key = PublicKey(Suite.PASSKEY, bytes(length))

    assert PublicKey.read(Reader(key.encode(), "key")) == key


@pytest.mark.parametrize("data", [b"", public_key(ALICE).encode() + b"\x00", public_key(ALICE).encode()[:-1]])
def test_a_key_is_decoded_from_its_whole_encoding_only(data: bytes) -> None:
    assert PublicKey.decode(public_key(ALICE).encode()) == public_key(ALICE)

    with pytest.raises(DecodingError):
        PublicKey.decode(data)


@pytest.mark.parametrize(
    ("key", "usable"),
    [
        pytest.param(public_key(ALICE), True, id="an ordinary key"),
        pytest.param(PublicKey(Suite.ML_DSA_44, bytes(1312)), False, id="a suite that is not active"),
        pytest.param(PublicKey(Suite.P256, public_key(ALICE).key), False, id="a key of another suite"),
        pytest.param(PublicKey.ed25519(bytes(31)), False, id="31 bytes"),
        pytest.param(PublicKey.ed25519(bytes(32)), False, id="a point of order 4"),
        pytest.param(PublicKey.ed25519(b"\x01" + bytes(31)), False, id="the neutral point"),
        pytest.param(PublicKey.ed25519(b"\x02" + bytes(31)), False, id="no point of the curve"),
    ],
)
def test_a_key_is_usable_where_somebody_can_sign_and_not_everybody(key: PublicKey, *, usable: bool) -> None:
    assert is_usable(key) is usable


def test_the_longest_signature_is_read_and_a_longer_one_is_not() -> None:
    longest = bytes(SIGNATURE_BYTES_MAX)

    assert read_signature(Reader(sized_u16(longest), "signature")) == longest
    with pytest.raises(DecodingError, match="at most 4096 bytes, this one 4097"):
        read_signature(Reader(sized_u16(longest + b"\x00"), "signature"))
