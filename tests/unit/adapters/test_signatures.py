"""Many signatures at once, by the native extension."""

import sys

import pytest

import tongbao
from tests.builders import ALICE, bytes32, public_key, signer
from tongbao.adapters.signatures import has_native_signatures, native_signatures
from tongbao.coin.suites import Suite
from tongbao.errors import ConfigurationError

needs_native = pytest.mark.skipif(not has_native_signatures(), reason="this installation has no native extension")


@needs_native
def test_each_signature_is_answered_for_itself() -> None:
    message = bytes32(1)
    good = (int(Suite.ED25519), public_key(ALICE).key, signer(ALICE).sign(message), message)
    bad = (*good[:3], bytes32(2))

    valid = native_signatures()([good, bad, good])

    assert valid == [True, False, True]


def test_an_installation_without_the_extension_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tongbao, "_native", raising=False)
    monkeypatch.setitem(sys.modules, "tongbao._native", None)

    with pytest.raises(ConfigurationError, match="--signatures coin"):
        native_signatures()
