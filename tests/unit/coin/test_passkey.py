"""Passkeys, held to vectors and to the layouts of the wire format."""

import pytest

from tests.vectors.suites import generate, passkey_cases
from tests.vectors.suites.cases import MESSAGE, Case
from tests.wire_layouts import encode
from tongbao.coin import passkey
from tongbao.coin.passkey import ORIGIN_BYTES_MAX, Assertion, PasskeyKey
from tongbao.coin.suites import Suite
from tongbao.coin.zip215 import InvalidSignatureError
from tongbao.errors import DecodingError, RequestError

KEY = PasskeyKey(passkey_cases.RP_ID_HASH, passkey_cases.SIGNER.public_key, passkey_cases.ORIGIN)


def accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether verification returns."""
    try:
        passkey.verify(key, signature, message)
    except InvalidSignatureError:
        return False
    return True


def vectors() -> list[Case]:
    """The vectors of this suite."""
    return [case for _, case in generate.stored() if case.suite == Suite.PASSKEY]


def test_every_vector_is_judged_as_it_says() -> None:
    cases = vectors()

    wrong = [case.name for case in cases if accepts(case.key, case.signature, case.message) != case.valid]

    assert wrong == []
    assert len(cases) > 90


def test_a_key_is_one_where_the_vectors_say_that_it_is_usable() -> None:
    wrong = [case.name for case in vectors() if passkey.is_key(case.key) != case.usable]

    assert wrong == []


def test_what_a_wallet_makes_of_an_authenticators_answer_is_valid() -> None:
    text = passkey.client_data(MESSAGE, KEY.origin) + b"}"
    unsigned = Assertion(passkey_cases.authenticator(), text, bytes(64))

    signature = passkey_cases.SIGNER.sign(unsigned.signed)
    assertion = Assertion(unsigned.authenticator_data, unsigned.client_data, signature)

    assert accepts(KEY.encode(), assertion.encode(), MESSAGE)


def test_key_and_assertion_have_the_layouts_of_the_page() -> None:
    assertion = Assertion(b"data", b"{}", bytes(range(64)))

    assert KEY.encode() == encode(
        "passkey key", {"rp_id_hash": KEY.rp_id_hash.hex(), "point": KEY.point.hex(), "origin": KEY.origin}
    )
    assert assertion.encode() == encode(
        "passkey assertion",
        {"authenticator_data": b"data".hex(), "client_data": b"{}".hex(), "signature": bytes(range(64)).hex()},
    )
    assert PasskeyKey.decode(KEY.encode()) == KEY
    assert Assertion.decode(assertion.encode()) == assertion


@pytest.mark.parametrize("origin", ["", "a" * (ORIGIN_BYTES_MAX + 1), 'a"', "a\\", "a b", "a\n", "支付"])
def test_an_origin_that_json_would_write_otherwise_makes_no_key(origin: str) -> None:
    with pytest.raises(RequestError) as refused:
        PasskeyKey(KEY.rp_id_hash, KEY.point, origin)

    assert refused.value.field == "origin"


@pytest.mark.parametrize(("rp_id_hash", "point", "named"), [(31, 65, "rp_id_hash"), (32, 64, "point")])
def test_a_key_of_other_lengths_is_refused(rp_id_hash: int, point: int, named: str) -> None:
    with pytest.raises(RequestError) as refused:
        PasskeyKey(bytes(rp_id_hash), bytes(point), "x")

    assert refused.value.field == named


@pytest.mark.parametrize("data", [KEY.encode()[:-1], KEY.encode() + b"x"])
def test_a_key_is_decoded_from_its_whole_encoding_only(data: bytes) -> None:
    with pytest.raises(DecodingError):
        PasskeyKey.decode(data)


def test_an_assertion_has_a_signature_of_64_bytes() -> None:
    with pytest.raises(RequestError) as refused:
        Assertion(b"", b"", bytes(63))

    assert refused.value.field == "signature"
