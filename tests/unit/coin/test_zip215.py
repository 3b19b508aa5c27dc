"""The rule in plain Python, held to vectors, to a second implementation and to Wycheproof."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.vectors.ed25519 import generate
from tongbao.coin import zip215
from tongbao.coin.zip215 import InvalidSignatureError

WYCHEPROOF = Path(__file__).resolve().parents[4] / "shared/data/crypto/ed25519_test.json"

# As other implementations of ZIP 215 list them.
SMALL_ORDER_ENCODINGS = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}
NEUTRAL = bytes([1]) + bytes(31)
OFF_CURVE = bytes([2]) + bytes(31)


def accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the rule in plain Python returns."""
    try:
        zip215.verify(public_key, signature, message)
    except InvalidSignatureError:
        return False
    return True


def affine(encoding: bytes) -> generate.Affine | None:
    """What the rule in plain Python decodes, as a pair."""
    point = zip215.decode_point(encoding)
    if point is None:
        return None
    x, y, z, t = point
    assert all(0 <= coordinate < zip215.P for coordinate in point)
    assert x * y % zip215.P == z * t % zip215.P
    inverse = pow(z, -1, zip215.P)
    return x * inverse % zip215.P, y * inverse % zip215.P


def test_every_vector_is_judged_as_it_says() -> None:
    vectors = generate.stored()

    wrong = [case.name for case in vectors if accepts(case.public_key, case.signature, case.message) != case.valid]

    assert wrong == []
    assert {case.valid for case in vectors} == {True, False}


def test_the_second_implementation_still_makes_the_stored_vectors() -> None:
    generated = generate.files()  # it raises where its own verdict differs

    stored = {name: (generate.HERE / name).read_text(encoding="utf-8") for name in generated}

    assert stored == generated


def test_the_second_implementation_accepts_the_copied_vectors() -> None:
    copied = json.loads((generate.HERE / "rfc8032.json").read_text(encoding="utf-8"))["vectors"]

    verdicts = [
        generate.is_valid(*(bytes.fromhex(case[field]) for field in ("public_key", "signature", "message")))
        for case in copied
    ]

    assert verdicts == [True] * 5


def test_all_encodings_of_small_order_points_are_known_and_combined_with_each_other() -> None:
    vectors = [case for case in generate.stored() if case.message == b"Zcash" and case.signature[32:] == bytes(32)]

    pairs = {(case.public_key.hex(), case.signature[:32].hex()) for case in vectors if case.valid}

    assert pairs == {(key, commitment) for key in SMALL_ORDER_ENCODINGS for commitment in SMALL_ORDER_ENCODINGS}


def test_vectors_reach_both_sides_of_the_factor_8() -> None:
    valid = [case for case in generate.stored() if case.valid and case.name.startswith("mixed order")]

    strict = [generate.is_valid(case.public_key, case.signature, case.message, factor=1) for case in valid]

    assert {True, False} == set(strict)


@pytest.mark.skipif(not WYCHEPROOF.exists(), reason=f"Wycheproof's vectors are not at {WYCHEPROOF}")
def test_only_case_151_of_wycheproof_is_judged_otherwise_here() -> None:
    groups = json.loads(WYCHEPROOF.read_text(encoding="utf-8"))["testGroups"]
    cases = [(bytes.fromhex(group["publicKey"]["pk"]), case) for group in groups for case in group["tests"]]

    divergent = [
        case["tcId"]
        for key, case in cases
        if accepts(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])) != (case["result"] == "valid")
    ]

    assert divergent == [151]
    assert len(cases) == 151


@pytest.mark.parametrize(
    ("public_key", "signature", "reason", "field"),
    [
        (bytes(31), bytes(64), "public key has 32 bytes, this one 31", "public_key"),
        (bytes(33), bytes(64), "public key has 32 bytes, this one 33", "public_key"),
        (NEUTRAL, bytes(63), "signature has 64 bytes, this one 63", "signature"),
        (NEUTRAL, bytes(65), "signature has 64 bytes, this one 65", "signature"),
        (NEUTRAL, NEUTRAL + zip215.L.to_bytes(32, "little"), "not below the group order", "signature"),
        (OFF_CURVE, NEUTRAL + bytes(32), "public key is not a point", "public_key"),
        (NEUTRAL, OFF_CURVE + bytes(32), "first half of the signature is not a point", "signature"),
        (NEUTRAL, NEUTRAL + NEUTRAL, "not made by this key", "signature"),
    ],
)
def test_each_condition_of_the_rule_refuses_with_its_own_reason(
    public_key: bytes, signature: bytes, reason: str, field: str
) -> None:
    with pytest.raises(InvalidSignatureError, match=reason) as refusal:
        zip215.verify(public_key, signature, b"")

    assert refusal.value.field == field
    assert refusal.value.code == "SIGNATURE_INVALID"


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("excess", range(19))
def test_y_beyond_the_prime_decodes_like_its_remainder(excess: int, sign: int) -> None:
    beyond = (zip215.P + excess | sign << 255).to_bytes(32, "little")
    within = (excess | sign << 255).to_bytes(32, "little")

    decoded = affine(beyond)

    assert decoded == affine(within) == generate.decode(within)


@given(encoding=st.binary(min_size=32, max_size=32))
def test_both_implementations_decode_alike(encoding: bytes) -> None:
    expected = generate.decode(encoding)
    event("a point" if expected else "no point")

    decoded = affine(encoding)

    assert decoded == expected


# Secrets, torsion and the lie are drawn apart, so that most examples are valid or one step away from it.
@given(
    key_torsion=st.integers(0, 7),
    commitment_torsion=st.integers(0, 7),
    secret=st.sampled_from([0, 1, generate.SECRET]),
    message=st.binary(max_size=64),
    lie=st.sampled_from([0, 0, 1, generate.ORDER, generate.ORDER - 1]),
)
def test_both_implementations_judge_alike_what_is_one_lie_away_from_valid(
    key_torsion: int, commitment_torsion: int, secret: int, message: bytes, lie: int
) -> None:
    torsion = generate.small_order_points()
    key = generate.encode(generate.add(generate.times(secret, generate.BASE), torsion[key_torsion]))
    commitment = generate.encode(generate.add(generate.COMMITMENT, torsion[commitment_torsion]))
    challenge = int.from_bytes(hashlib.sha512(commitment + key + message).digest(), "little")
    response = (generate.NONCE + challenge * secret) % generate.ORDER + lie
    signature = commitment + response.to_bytes(32, "little")
    expected = generate.is_valid(key, signature, message)
    event("valid" if expected else "invalid")

    accepted = accepts(key, signature, message)

    assert accepted == expected == (lie == 0)
