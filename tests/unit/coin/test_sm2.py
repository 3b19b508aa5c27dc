"""SM2 in plain Python, held to vectors, to the standard's example, to a second implementation and to OpenSSL."""

import pickle
import shutil
import subprocess
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors.suites import curves, generate
from tests.vectors.suites.cases import Case, der
from tongbao.coin import sm2
from tongbao.coin.ed25519 import SlowBudget, SlowBudgetExhaustedError
from tongbao.coin.sm2 import SigningKey
from tongbao.coin.suites import Suite
from tongbao.coin.zip215 import InvalidSignatureError

OPENSSL = shutil.which("openssl")
SECRET = 0x1234567890
MESSAGE = bytes(range(32))
SECRETS = st.integers(1, curves.SM2.order - 2)
# SubjectPublicKeyInfo of an SM2 key, up to the point (RFC 5480 with the curve 1.2.156.10197.1.301).
KEY_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether verification returns."""
    try:
        sm2.verify(public_key, signature, message)
    except InvalidSignatureError:
        return False
    return True


def vectors() -> list[Case]:
    """The vectors of this suite."""
    return [case for _, case in generate.stored() if case.suite == Suite.SM2]


def test_every_vector_is_judged_as_it_says() -> None:
    cases = vectors()

    wrong = [case.name for case in cases if accepts(case.key, case.signature, case.message) != case.valid]

    assert wrong == []
    assert len(cases) > 150


def test_a_key_is_one_where_the_vectors_say_that_it_is_usable() -> None:
    wrong = [case.name for case in vectors() if sm2.is_key(case.key) != case.usable]

    assert wrong == []


def test_the_example_of_the_standard_holds() -> None:
    # GB/T 32918.5-2017, annex A.2.
    key = SigningKey(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
    nonce = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21

    signature = sm2.sign_with_nonce(key, b"message digest", nonce)

    assert key.public_key.hex() == (
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    assert signature is not None
    assert signature.hex() == (
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    sm2.verify(key.public_key, signature, b"message digest")


@pytest.mark.skipif(OPENSSL is None, reason="there is no openssl on this machine")
def test_openssl_judges_every_vector_alike(tmp_path: Path) -> None:
    # It takes keys in other encodings, which are none here.
    cases = [case for case in vectors() if len(case.key) == 65 and case.key[0] == 4 and len(case.signature) == 64]

    wrong = [case.name for case in cases if _openssl_accepts(case, tmp_path) != case.valid]

    assert wrong == []
    assert len(cases) > 120


def _openssl_accepts(case: Case, folder: Path) -> bool:
    files = {"key": KEY_PREFIX + case.key, "signature": der(case.signature), "message": case.message}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = f"{OPENSSL} pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:1234567812345678 -pubin -keyform DER"
    given = ["-inkey", "key", "-sigfile", "signature", "-in", "message"]
    return subprocess.run([*command.split(), *given], cwd=folder, capture_output=True, check=False).returncode == 0


@given(secret=SECRETS, message=st.binary(max_size=100))
def test_what_is_signed_verifies_in_both_implementations(secret: int, message: bytes) -> None:
    key = SigningKey(secret)

    signature = key.sign(message)

    assert accepts(key.public_key, signature, message)
    assert curves.is_valid_sm2(key.public_key, signature, message)
    assert key.sign(message) == signature


@given(place=st.integers(0, 128), damage=st.integers(1, 255))
def test_one_damaged_byte_of_key_or_signature_is_refused(place: int, damage: int) -> None:
    key = SigningKey(SECRET)
    damaged = bytearray(key.public_key + key.sign(MESSAGE))

    damaged[place] ^= damage

    assert not accepts(bytes(damaged[:65]), bytes(damaged[65:]), MESSAGE)


def test_valid_signatures_are_judged_however_many_they_are() -> None:
    key = SigningKey(SECRET)
    budget = SlowBudget(allowed=1)

    for _ in range(3):
        sm2.verify(key.public_key, key.sign(MESSAGE), MESSAGE, budget=budget)

    assert budget.used == 0


def test_a_signature_that_costs_milliseconds_and_does_not_hold_is_charged() -> None:
    key = SigningKey(SECRET)
    budget = SlowBudget(allowed=1)

    with pytest.raises(InvalidSignatureError):
        sm2.verify(key.public_key, key.sign(MESSAGE), MESSAGE[1:], budget=budget)

    assert budget.used == 1
    with pytest.raises(SlowBudgetExhaustedError):
        sm2.verify(key.public_key, key.sign(MESSAGE), MESSAGE, budget=budget)


def test_what_is_plainly_no_signature_takes_nothing_from_the_budget() -> None:
    key = SigningKey(SECRET)
    budget = SlowBudget(allowed=1)

    for public_key, signature in [(key.public_key, bytes(64)), (key.public_key, b""), (bytes(65), bytes(64))]:
        with pytest.raises(InvalidSignatureError):
            sm2.verify(public_key, signature, MESSAGE, budget=budget)

    assert budget.used == 0


@pytest.mark.parametrize("secret", [0, -1, curves.SM2.order - 1, curves.SM2.order])
def test_a_secret_out_of_range_makes_no_key(secret: int) -> None:
    with pytest.raises(ValueError, match="from 1 to the group order less 2"):
        SigningKey(secret)


def test_a_nonce_that_the_standard_excludes_gives_no_signature() -> None:
    order, x = curves.SM2.order, curves.SM2.base[0]
    without_r, with_r_of_minus_nonce = -x % order, (-1 - x) % order
    # s is 0 where the nonce is r times the secret: with nonce 1 and secret 1/2, r is 2.
    half = (order + 1) // 2

    found = [
        sm2.sign_number(SECRET, 5, 0),
        sm2.sign_number(SECRET, 5, order),
        sm2.sign_number(SECRET, without_r, 1),
        sm2.sign_number(SECRET, with_r_of_minus_nonce, 1),
        sm2.sign_number(half, 2 - x, 1),
    ]

    assert found == [None] * 5
    assert sm2.sign_number(SECRET, without_r + 1, 1) is not None


def test_another_nonce_follows_one_that_gives_no_signature() -> None:
    candidates = list(islice(sm2.nonces(SECRET, MESSAGE), 3))

    assert candidates == list(islice(sm2.nonces(SECRET, MESSAGE), 3))
    assert len(set(candidates)) == 3
    assert set(candidates).isdisjoint(islice(sm2.nonces(SECRET, bytes(32)), 3))


def test_a_signing_key_does_not_show_its_secret_and_travels_whole() -> None:
    key = SigningKey(SECRET)

    copy = pickle.loads(pickle.dumps(key))  # noqa: S301 - our own bytes, as they travel to a worker

    assert str(SECRET) not in repr(key)
    assert copy == key
    assert copy.sign(MESSAGE) == key.sign(MESSAGE)
