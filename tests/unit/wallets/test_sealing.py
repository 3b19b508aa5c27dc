import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base, crypto_sign_ed25519_pk_to_curve25519, crypto_sign_seed_keypair

from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError
from tongbao.wallets.sealing import EPHEMERAL_BYTES, SealBrokenError, open_sealed, seal

SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))
VECTOR = (
    "13be4feaeaf204c7fd3358fc9c00721881d174278128227ec674f37f7fe97b6d92ac9a15bf6c6a43bb7708d6ab9fdb8d0e5f4901b17ebd"
)
DICE, CONTEXT = b"\x07" * EPHEMERAL_BYTES, b"which pocket"


def sealed(text: bytes = b"for you") -> bytes:
    return seal(text, main_key=SigningKey(SEED).public_key, context=CONTEXT, entropy=DICE)


@given(text=st.binary(max_size=600), seed=st.binary(min_size=32, max_size=32), dice=st.binary(min_size=32, max_size=32))
def test_whoever_has_the_key_reads_what_was_sealed_for_it(text: bytes, seed: bytes, dice: bytes) -> None:
    made = seal(text, main_key=SigningKey(seed).public_key, context=CONTEXT, entropy=dice)

    assert open_sealed(made, secret_seed=seed, context=CONTEXT) == text


def test_the_bytes_are_those_of_the_vector_that_other_programs_read() -> None:
    """Kept so that a seal of today opens for ever."""
    assert sealed().hex() == VECTOR


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    changed = bytearray(sealed())
    changed[place] ^= 1

    with pytest.raises(SealBrokenError):
        open_sealed(bytes(changed), secret_seed=SEED, context=CONTEXT)


def test_another_key_another_context_and_a_part_open_nothing() -> None:
    for seed, context, made in (
        (OTHER_SEED, CONTEXT, sealed()),
        (SEED, b"another pocket", sealed()),
        (SEED, CONTEXT, sealed()[:40]),
        (SEED, CONTEXT, b""),
        (SEED, CONTEXT, bytes(64)),
    ):
        with pytest.raises(SealBrokenError):
            open_sealed(made, secret_seed=seed, context=context)


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_nothing_is_sealed_for_a_key_that_shares_with_nobody(key: bytes) -> None:
    with pytest.raises(RequestError, match="nothing can be sealed"):
        seal(b"x", main_key=key, context=CONTEXT, entropy=DICE)


def test_an_ed25519_key_is_mapped_as_rfc_7748_maps_the_curves() -> None:
    """The map of public keys agrees with the secret's own public key on the other curve."""
    public, secret = crypto_sign_seed_keypair(SEED)
    own = sealed()[:EPHEMERAL_BYTES]

    assert own == crypto_scalarmult_base(DICE)
    assert len(crypto_sign_ed25519_pk_to_curve25519(public)) == len(secret) // 2
