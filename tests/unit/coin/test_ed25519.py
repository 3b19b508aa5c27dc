"""Signing, and verification on its fast and its slow path."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests.vectors.ed25519 import generate
from tongbao.coin import ed25519, zip215
from tongbao.coin.ed25519 import InvalidSignatureError, SigningKey, SlowBudget, SlowBudgetExhaustedError
from tongbao.errors import BusyError, RequestError

WYCHEPROOF = Path(__file__).resolve().parents[4] / "shared/data/crypto/ed25519_test.json"

SEED = bytes(range(32))
MESSAGE = b"tongbao"
SEEDS = st.binary(min_size=32, max_size=32)
# Valid, and refused by the fast library: A and R are the neutral element, S is 0.
NEUTRAL = bytes([1]) + bytes(31)
SLOW_SIGNATURE = NEUTRAL + bytes(32)


def accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether verification returns."""
    try:
        ed25519.verify(public_key, signature, message)
    except InvalidSignatureError:
        return False
    return True


def rfc8032_vectors() -> list[dict[str, str]]:
    """The vectors that come with their secret seeds."""
    text = (generate.HERE / "rfc8032.json").read_text(encoding="utf-8")
    vectors: list[dict[str, str]] = json.loads(text)["vectors"]
    return vectors


def test_every_vector_is_judged_as_it_says() -> None:
    vectors = generate.stored()

    wrong = [case.name for case in vectors if accepts(case.public_key, case.signature, case.message) != case.valid]

    assert wrong == []


def test_the_fast_path_accepts_no_vector_that_is_invalid() -> None:
    vectors = generate.stored()

    accepted = [case for case in vectors if ed25519.verify_fast(case.public_key, case.signature, case.message)]

    assert all(case.valid for case in accepted)
    assert {case.name.partition(":")[0] for case in accepted} >= {"ordinary", "mixed order", "TEST 1"}


def test_some_valid_vectors_need_the_slow_path() -> None:
    vectors = [case for case in generate.stored() if case.valid]

    slow = [case for case in vectors if not ed25519.verify_fast(case.public_key, case.signature, case.message)]

    assert len(slow) >= 196


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


@pytest.mark.parametrize("case", rfc8032_vectors(), ids=lambda case: str(case["name"]))
def test_signing_gives_the_bytes_of_the_standard(case: dict[str, str]) -> None:
    seed, message = bytes.fromhex(case["secret_seed"]), bytes.fromhex(case["message"])

    signature = ed25519.sign(seed, message)

    assert signature.hex() == case["signature"]
    assert ed25519.public_key(seed).hex() == case["public_key"]
    assert SigningKey(seed).sign(message) == signature


@given(seed=SEEDS, message=st.binary(max_size=300))
def test_what_is_signed_verifies_on_both_paths(seed: bytes, message: bytes) -> None:
    key = SigningKey(seed)

    signature = key.sign(message)

    assert ed25519.verify_fast(key.public_key, signature, message)
    zip215.verify(key.public_key, signature, message)


@given(seed=SEEDS, message=st.binary(max_size=100), place=st.integers(0, 95), damage=st.integers(1, 255))
def test_one_damaged_byte_of_key_or_signature_is_refused(seed: bytes, message: bytes, place: int, damage: int) -> None:
    key = SigningKey(seed)
    damaged = bytearray(key.public_key + key.sign(message))

    damaged[place] ^= damage

    assert not accepts(bytes(damaged[:32]), bytes(damaged[32:]), message)


@given(seed=SEEDS, message=st.binary(max_size=100), other=st.binary(max_size=100))
def test_another_message_is_refused(seed: bytes, message: bytes, other: bytes) -> None:
    assume(message != other)
    key = SigningKey(seed)

    signature = key.sign(message)

    assert not accepts(key.public_key, signature, other)


# Every part comes from where libraries disagree; a plain random signature would never be accepted by anything.
@given(
    key_torsion=st.integers(0, 7),
    commitment=st.sampled_from(generate.small_order_encodings()) | st.none(),
    message=st.binary(max_size=8),
    excess=st.sampled_from([0, 0, 0, 1, generate.ORDER]),
)
def test_what_the_fast_path_accepts_is_valid(
    key_torsion: int, commitment: bytes | None, message: bytes, excess: int
) -> None:
    key = generate.encode(generate.add(generate.KEY, generate.small_order_points()[key_torsion]))
    first_half = commitment or generate.encode(generate.COMMITMENT)
    nonce = 0 if commitment else generate.NONCE
    response = generate.signed(first_half, key, message, nonce=nonce) + excess
    signature = first_half + response.to_bytes(32, "little")

    accepted = ed25519.verify_fast(key, signature, message)

    event("accepted" if accepted else "refused")
    assert not accepted or generate.is_valid(key, signature, message)
    assert accepts(key, signature, message) == generate.is_valid(key, signature, message)


def test_an_ordinary_signature_takes_nothing_from_the_budget() -> None:
    key = SigningKey(SEED)
    budget = SlowBudget(allowed=0)

    ed25519.verify(key.public_key, key.sign(MESSAGE), MESSAGE, budget=budget)

    assert budget.used == 0


@pytest.mark.parametrize(
    ("public_key", "signature"),
    [
        (NEUTRAL[:31], SLOW_SIGNATURE),
        (NEUTRAL, SLOW_SIGNATURE[:63]),
        (NEUTRAL, NEUTRAL + generate.ORDER.to_bytes(32, "little")),
    ],
)
def test_what_is_plainly_no_signature_takes_nothing_from_the_budget(public_key: bytes, signature: bytes) -> None:
    budget = SlowBudget(allowed=1)

    with pytest.raises(InvalidSignatureError):
        ed25519.verify(public_key, signature, MESSAGE, budget=budget)

    assert budget.used == 0
    assert not ed25519.verify_fast(public_key, signature, MESSAGE)


def test_slow_judgements_are_counted_whatever_they_find() -> None:
    budget = SlowBudget(allowed=2)

    ed25519.verify(NEUTRAL, SLOW_SIGNATURE, MESSAGE, budget=budget)
    with pytest.raises(InvalidSignatureError):
        ed25519.verify(NEUTRAL, NEUTRAL + NEUTRAL, MESSAGE, budget=budget)

    assert budget.used == 2


def test_beyond_the_budget_nothing_is_said_about_the_signature() -> None:
    budget = SlowBudget(allowed=1)
    ed25519.verify(NEUTRAL, SLOW_SIGNATURE, MESSAGE, budget=budget)

    with pytest.raises(SlowBudgetExhaustedError, match="all 1 slow") as exhausted:
        ed25519.verify(NEUTRAL, SLOW_SIGNATURE, MESSAGE, budget=budget)

    assert isinstance(exhausted.value, BusyError)
    assert budget.used == 1


def test_without_a_budget_slow_judgements_are_unrationed() -> None:
    verdicts = [accepts(NEUTRAL, SLOW_SIGNATURE, bytes([number])) for number in range(50)]

    assert all(verdicts)


def test_an_invalid_signature_is_the_requests_fault() -> None:
    with pytest.raises(RequestError) as refusal:
        ed25519.verify(NEUTRAL, NEUTRAL + NEUTRAL, MESSAGE)

    assert refusal.value.code == "SIGNATURE_INVALID"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_makes_no_key(length: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, this one {length}"):
        SigningKey(bytes(length))


def test_a_signing_key_does_not_show_its_secret() -> None:
    key = SigningKey(SEED)

    shown = repr(key) + str(key)

    assert repr(key.public_key) in shown
    assert repr(SEED)[2:20] not in shown
    assert "secret" not in shown


def test_a_signing_key_reaches_a_worker_process_whole() -> None:
    key = SigningKey(SEED)

    copy = pickle.loads(pickle.dumps(key))  # noqa: S301 - our own bytes, as they travel to a worker

    assert copy == key
    assert copy.sign(MESSAGE) == key.sign(MESSAGE)


def test_keys_are_equal_if_their_seeds_are() -> None:
    first, second, other = SigningKey(SEED), SigningKey(SEED), SigningKey(bytes(32))

    distinct = {first, second, other}

    assert first == second
    assert len(distinct) == 2
