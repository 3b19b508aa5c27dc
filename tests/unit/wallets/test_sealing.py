import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base, crypto_sign_ed25519_pk_to_curve25519, crypto_sign_seed_keypair

from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError
from tongbao.wallets.sealing import EPHEMERAL_BYTES, SealBrokenError, open_sealed, seal

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "wallet" / "pockets.json").read_text(encoding="utf-8"))
SEED = bytes(range(32))
DICE, CONTEXT = b"\x07" * EPHEMERAL_BYTES, b"which pocket"


def sealed(text: bytes = b"for you") -> bytes:
    return seal(text, main_key=SigningKey(SEED).public_key, context=CONTEXT, entropy=DICE)


@given(text=st.binary(max_size=600), seed=st.binary(min_size=32, max_size=32), dice=st.binary(min_size=32, max_size=32))
def test_whoever_has_the_key_reads_what_was_sealed_for_it(text: bytes, seed: bytes, dice: bytes) -> None:
    made = seal(text, main_key=SigningKey(seed).public_key, context=CONTEXT, entropy=dice)

    assert open_sealed(made, secret_seed=seed, context=CONTEXT) == text


@pytest.mark.parametrize("vector", VECTORS["seals"], ids=lambda vector: str(vector["name"]))
def test_the_bytes_are_those_of_the_vectors_that_other_programs_read(vector: dict[str, str]) -> None:
    """Kept so that a seal of today opens for ever."""
    text, context, seed = (bytes.fromhex(vector[name]) for name in ("text", "context", "secret_seed"))
    main_key, dice = bytes.fromhex(vector["main_key"]), bytes.fromhex(vector["entropy"])

    made = seal(text, main_key=main_key, context=context, entropy=dice)

    assert made.hex() == vector["sealed"]
    assert open_sealed(bytes.fromhex(vector["sealed"]), secret_seed=seed, context=context) == text


@pytest.mark.parametrize("vector", VECTORS["broken_seals"], ids=lambda vector: str(vector["reason"]))
def test_what_the_vectors_call_broken_opens_for_nobody(vector: dict[str, str]) -> None:
    sealed, seed, context = (bytes.fromhex(vector[name]) for name in ("sealed", "secret_seed", "context"))

    with pytest.raises(SealBrokenError):
        open_sealed(sealed, secret_seed=seed, context=context)


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    changed = bytearray(sealed())
    changed[place] ^= 1

    with pytest.raises(SealBrokenError):
        open_sealed(bytes(changed), secret_seed=SEED, context=CONTEXT)


@pytest.mark.parametrize("key", VECTORS["keys_without_seal"])
def test_nothing_is_sealed_for_a_key_that_shares_with_nobody(key: str) -> None:
    with pytest.raises(RequestError, match="nothing can be sealed"):
        seal(b"x", main_key=bytes.fromhex(key), context=CONTEXT, entropy=DICE)


def test_an_ed25519_key_is_mapped_as_rfc_7748_maps_the_curves() -> None:
    """The map of public keys agrees with the secret's own public key on the other curve."""
    public, secret = crypto_sign_seed_keypair(SEED)
    own = sealed()[:EPHEMERAL_BYTES]

    assert own == crypto_scalarmult_base(DICE)
    assert len(crypto_sign_ed25519_pk_to_curve25519(public)) == len(secret) // 2
