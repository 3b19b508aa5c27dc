"""ECDSA on P-256, held to vectors, to RFC 6979, to a second implementation and to Wycheproof."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors.suites import curves, generate
from tests.vectors.suites.cases import Case
from tongbao.coin import p256
from tongbao.coin.p256 import SigningKey
from tongbao.coin.suites import Suite
from tongbao.coin.zip215 import InvalidSignatureError

WYCHEPROOF = Path(__file__).resolve().parents[4] / "shared/data/crypto/ecdsa_secp256r1_sha256_p1363_test.json"
SECRET = 0x1234567890
MESSAGE = bytes(range(32))


def accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether verification returns."""
    try:
        p256.verify(public_key, signature, message)
    except InvalidSignatureError:
        return False
    return True


def vectors() -> list[Case]:
    """The vectors of this suite."""
    return [case for _, case in generate.stored() if case.suite == Suite.P256]


def test_every_vector_is_judged_as_it_says() -> None:
    cases = vectors()

    wrong = [case.name for case in cases if accepts(case.key, case.signature, case.message) != case.valid]

    assert wrong == []
    assert len(cases) > 80


def test_a_key_is_one_where_the_vectors_say_that_it_is_usable() -> None:
    wrong = [case.name for case in vectors() if p256.is_key(case.key) != case.usable]

    assert wrong == []


@pytest.mark.skipif(not WYCHEPROOF.exists(), reason=f"Wycheproof's vectors are not at {WYCHEPROOF}")
def test_no_case_of_wycheproof_is_judged_otherwise_here() -> None:
    groups = json.loads(WYCHEPROOF.read_text(encoding="utf-8"))["testGroups"]
    cases = [(bytes.fromhex(group["publicKey"]["uncompressed"]), case) for group in groups for case in group["tests"]]

    divergent = [
        case["tcId"]
        for key, case in cases
        if accepts(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])) != (case["result"] == "valid")
    ]

    assert divergent == []
    assert len(cases) > 200


def test_signing_gives_the_bytes_of_the_standard() -> None:
    # RFC 6979, appendix A.2.5, with SHA-256.
    key = SigningKey(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721)

    signature = key.sign(b"sample")

    assert signature.hex() == (
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )


@given(secret=st.integers(1, curves.P256.order - 1), message=st.binary(max_size=100))
def test_what_is_signed_verifies_in_both_implementations(secret: int, message: bytes) -> None:
    key = SigningKey(secret)

    signature = key.sign(message)

    assert key.public_key == curves.P256.public_key(secret)
    assert accepts(key.public_key, signature, message)
    assert curves.is_valid_p256(key.public_key, signature, message)


@given(place=st.integers(0, 128), damage=st.integers(1, 255))
def test_one_damaged_byte_of_key_or_signature_is_refused(place: int, damage: int) -> None:
    key = SigningKey(SECRET)
    damaged = bytearray(key.public_key + key.sign(MESSAGE))

    damaged[place] ^= damage

    assert not accepts(bytes(damaged[:65]), bytes(damaged[65:]), MESSAGE)


@pytest.mark.parametrize("secret", [0, -1, curves.P256.order])
def test_a_secret_out_of_range_makes_no_key(secret: int) -> None:
    with pytest.raises(ValueError, match="from 1 to the group order less 1"):
        SigningKey(secret)


def test_a_signing_key_does_not_show_its_secret() -> None:
    assert str(SECRET) not in repr(SigningKey(SECRET))
