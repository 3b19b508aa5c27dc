"""Keys that sign texts: vectors of golang.org/x/mod/sumdb/note, and the messages that tlog-cosignature lays out."""

from base64 import b64decode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from tongbao.errors import DecodingError, RequestError
from tongbao.evidence import (
    Checkpoint,
    SignatureKind,
    SignatureLine,
    SignedText,
    SignedTextInvalidError,
    SigningKey,
    VerifierKey,
    verify,
)

TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETER_SECRET = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]

CHECKPOINT = Checkpoint("example.com/log", 7, bytes(range(32)))
LOG = SigningKey("example.com/log", SignatureKind.ED25519, b"l" * 32)
CLASSICAL = SigningKey("example.com/w1", SignatureKind.COSIGNATURE_ED25519, b"w" * 32)
QUANTUM_SAFE = SigningKey("example.com/w2", SignatureKind.COSIGNATURE_ML_DSA_44, b"q" * 32)
TIME_S = 1_679_315_147


def signed(*lines: SignatureLine, text: str = CHECKPOINT.encode()) -> SignedText:
    return SignedText(text, lines)


def test_a_text_is_signed_byte_for_byte_as_the_go_project_signs_it() -> None:
    key = SigningKey("PeterNeumann", SignatureKind.ED25519, PETER_SECRET)

    assert key.sign(TEXT).encode() == PETER
    assert key.verifier_key.encode() == PETER_KEY


def test_signatures_of_known_keys_are_found_and_others_passed_over() -> None:
    both = SignedText.decode(f"{TEXT}\n{PETER}{ENOCH}".encode())
    peter, enoch = VerifierKey.decode(PETER_KEY), VerifierKey.decode(ENOCH_KEY)

    assert [each.key.name for each in verify(both, [peter])] == ["PeterNeumann"]
    assert [each.key.name for each in verify(both, [peter, enoch])] == ["PeterNeumann", "EnochRoot"]


def test_a_text_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(SignedTextInvalidError, match="no signature"):
        verify(SignedText.decode(f"{TEXT}\n{PETER}".encode()), [VerifierKey.decode(ENOCH_KEY)])


def test_a_signature_of_a_known_key_that_does_not_hold_spoils_the_text_whoever_else_signed() -> None:
    broken = SignedText.decode(f"{TEXT}\n{PETER[:60]}ABCD{PETER[60:]}{ENOCH}".encode())

    with pytest.raises(SignedTextInvalidError, match="PeterNeumann does not hold"):
        verify(broken, [VerifierKey.decode(PETER_KEY), VerifierKey.decode(ENOCH_KEY)])


def test_each_mangling_of_a_verifier_key_is_refused() -> None:
    cut = {PETER_KEY[a:b] for a in range(len(PETER_KEY)) for b in range(a, len(PETER_KEY))} - {PETER_KEY}
    cut |= {PETER_KEY[a:] for a in range(1, len(PETER_KEY))}
    changed = {PETER_KEY[:at] + chr(ord(PETER_KEY[at]) + 1) + PETER_KEY[at + 1 :] for at in range(len(PETER_KEY))}

    for mangled in cut | changed:
        with pytest.raises(DecodingError):
            VerifierKey.decode(mangled)


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_of_another_length_or_kind_is_refused_with_its_right_id_too(key: str) -> None:
    with pytest.raises(DecodingError):
        VerifierKey.decode(key)


def test_a_key_for_which_everybody_could_sign_is_refused() -> None:
    with pytest.raises(RequestError):
        VerifierKey("example.com/log", SignatureKind.ED25519, bytes(32))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\tb", "n" * 256])
def test_a_name_that_a_key_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(RequestError):
        VerifierKey(name, LOG.kind, LOG.verifier_key.key)


@pytest.mark.parametrize("key", [LOG, CLASSICAL, QUANTUM_SAFE])
def test_a_verifier_key_is_read_as_it_was_written(key: SigningKey) -> None:
    assert VerifierKey.decode(key.verifier_key.encode()) == key.verifier_key


def test_a_classical_cosignature_signs_its_time_and_the_text() -> None:
    line = CLASSICAL.sign(CHECKPOINT.encode(), time_s=TIME_S)
    message = b"cosignature/v1\ntime 1679315147\n" + CHECKPOINT.encode().encode()

    assert line.signature[:8] == TIME_S.to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(CLASSICAL.verifier_key.key).verify(line.signature[8:], message)


def test_a_post_quantum_cosignature_signs_its_cosigner_its_time_and_the_checkpoint() -> None:
    line = QUANTUM_SAFE.sign(CHECKPOINT.encode(), time_s=TIME_S)
    message = b"".join(
        (
            b"subtree/v1\n\x00",
            b"\x0eexample.com/w2",
            TIME_S.to_bytes(8, "big"),
            b"\x0fexample.com/log",
            bytes(8),
            (7).to_bytes(8, "big"),
            bytes(range(32)),
        )
    )

    assert len(line.signature) == 8 + 2420
    MLDSA44PublicKey.from_public_bytes(QUANTUM_SAFE.verifier_key.key).verify(line.signature[8:], message)


@pytest.mark.parametrize("key", [CLASSICAL, QUANTUM_SAFE])
def test_a_cosignature_is_verified_with_its_time(key: SigningKey) -> None:
    (found,) = verify(signed(key.sign(CHECKPOINT.encode(), time_s=TIME_S)), [key.verifier_key])

    assert found.time_s == TIME_S


@pytest.mark.parametrize("key", [CLASSICAL, QUANTUM_SAFE])
@pytest.mark.parametrize("at", [0, 7, 8, 40])
def test_a_cosignature_with_one_other_bit_does_not_hold(key: SigningKey, at: int) -> None:
    line = key.sign(CHECKPOINT.encode(), time_s=TIME_S)
    flipped = bytearray(line.signature)
    flipped[at] ^= 1

    with pytest.raises(SignedTextInvalidError):
        verify(signed(replace(line, signature=bytes(flipped))), [key.verifier_key])


@pytest.mark.parametrize("key", [LOG, CLASSICAL, QUANTUM_SAFE])
@pytest.mark.parametrize("length", [1, 8, 63, 65])
def test_a_signature_of_another_length_does_not_hold(key: SigningKey, length: int) -> None:
    line = SignatureLine(key.name, key.verifier_key.key_id, bytes(length))

    with pytest.raises(SignedTextInvalidError):
        verify(signed(line), [key.verifier_key])


@pytest.mark.parametrize(
    "other", [replace(CHECKPOINT, size=8), replace(CHECKPOINT, root=bytes(32)), replace(CHECKPOINT, origin="other")]
)
@pytest.mark.parametrize("key", [CLASSICAL, QUANTUM_SAFE])
def test_a_cosignature_does_not_hold_under_another_checkpoint(key: SigningKey, other: Checkpoint) -> None:
    line = key.sign(CHECKPOINT.encode(), time_s=TIME_S)

    with pytest.raises(SignedTextInvalidError):
        verify(signed(line, text=other.encode()), [key.verifier_key])


def test_a_cosignature_stands_under_a_checkpoint_only() -> None:
    line = CLASSICAL.sign(CHECKPOINT.encode(), time_s=TIME_S)

    with pytest.raises(SignedTextInvalidError):
        verify(signed(line, text=TEXT), [CLASSICAL.verifier_key])
    with pytest.raises(DecodingError):
        CLASSICAL.sign(TEXT, time_s=TIME_S)


def test_a_second_beyond_those_that_cosignatures_have_is_refused() -> None:
    with pytest.raises(RequestError):
        CLASSICAL.sign(CHECKPOINT.encode(), time_s=1 << 63)


def test_only_a_cosignature_has_a_time() -> None:
    with pytest.raises(ValueError, match="has a time"):
        LOG.sign(TEXT, time_s=TIME_S)
    with pytest.raises(ValueError, match="has a time"):
        CLASSICAL.sign(CHECKPOINT.encode())


def test_a_secret_seed_is_32_bytes_and_is_never_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SigningKey("name", SignatureKind.ED25519, b"short")
    assert "l" * 32 not in repr(LOG)
