"""The native code and the reference judge every signature of every suite alike, alone and in one batch."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.vectors.suites import passkey_cases
from tests.vectors.suites.cases import Case
from tongbao.coin import PublicKey, Suite, ed25519, p256, sm2
from tongbao.coin.ed25519 import InvalidSignatureError
from tongbao.coin.suites import SuiteNotActiveError, verify_signature

_native = pytest.importorskip("tongbao._native", reason="this installation has no native kernel")

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
MESSAGES = st.binary(min_size=32, max_size=32)


def _by_passkey(number: int, message: bytes) -> tuple[bytes, bytes]:
    signer = p256.SigningKey(number % P256_ORDER or 1)
    challenge = passkey_cases.base64url(message)
    text = passkey_cases.client(challenge, rest="}" if number % 2 else ',"x":1}')
    data = passkey_cases.authenticator(number % 256 | 5)
    return passkey_cases.key(point=signer.public_key), passkey_cases.assertion(data, text, signer=signer)


def _signed(suite: Suite, number: int, message: bytes) -> tuple[bytes, bytes]:
    """Key and signature of the suite by the key with this number."""
    if suite == Suite.PASSKEY:
        return _by_passkey(number, message)
    if suite == Suite.ED25519:
        edwards = ed25519.SigningKey(number.to_bytes(32, "big"))
        return edwards.public_key, edwards.sign(message)
    if suite == Suite.P256:
        nist = p256.SigningKey(number % P256_ORDER or 1)
        return nist.public_key, nist.sign(message)
    chinese = sm2.SigningKey(number % (SM2_ORDER - 1) or 1)
    return chinese.public_key, chinese.sign(message)


@st.composite
def signatures(draw: st.DrawFn) -> Case:
    """A signature, as it was made or with one lie: a byte of it, of the key or of the message, a suite, a number."""
    suite = draw(st.sampled_from([Suite.ED25519, Suite.P256, Suite.PASSKEY, Suite.SM2]))
    message = draw(MESSAGES)
    parts = [*_signed(suite, draw(st.integers(1, 2**256 - 1)), message), message]
    judged_as: int = suite
    lie = draw(st.sampled_from(["none", "none", "byte", "byte", "length", "suite", "number"]))
    if lie == "byte":
        part = draw(st.integers(0, 2))
        place, damage = draw(st.integers(0, len(parts[part]) - 1)), draw(st.integers(1, 255))
        parts[part] = parts[part][:place] + bytes((parts[part][place] ^ damage,)) + parts[part][place + 1 :]
    elif lie == "length":
        part = draw(st.integers(0, 1))
        parts[part] = draw(st.sampled_from([parts[part][:-1], parts[part] + b"\x00", parts[part][1:]]))
    elif lie == "suite":
        judged_as = draw(st.sampled_from([0, 1, 2, 3, 4, 5, 255]))
    elif lie == "number":
        number = draw(st.sampled_from([0, 1, P256_ORDER - 1, P256_ORDER, SM2_ORDER - 1, SM2_ORDER, 2**256 - 1]))
        half = draw(st.sampled_from([slice(-64, -32), slice(-32, None)]))
        changed = bytearray(parts[1])
        changed[half] = number.to_bytes(32, "big")
        parts[1] = bytes(changed)
    return Case(lie, judged_as, parts[0], parts[1], message=parts[2])


def _accepts(case: Case) -> bool:
    try:
        verify_signature(PublicKey(case.suite, case.key), case.signature, case.message)
    except (InvalidSignatureError, SuiteNotActiveError):
        return False
    return True


@settings(deadline=None)
@given(cases=st.lists(signatures(), min_size=1, max_size=6))
def test_both_implementations_judge_every_signature_alike(cases: list[Case]) -> None:
    expected = [_accepts(case) for case in cases]

    # Of eight signatures on they are checked in lanes, where the processor has those.
    crowd = [(case.suite, case.key, case.signature, case.message) for case in cases for _ in range(8)]
    together = _native.verify_batch(crowd)
    alone = [_native.verify_batch([(case.suite, case.key, case.signature, case.message)])[0] for case in cases]

    for case, verdict in zip(cases, expected, strict=True):
        event(f"{case.name}, {'valid' if verdict else 'invalid'}")
    assert together == [verdict for verdict in expected for _ in range(8)]
    assert alone == expected
