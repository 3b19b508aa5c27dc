"""Control of the currency itself."""

from collections.abc import Callable

import pytest

from tests.builders import public_key
from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Officers,
    Quota,
    ReceiptKey,
    RegisterAsset,
)
from tongbao.coin.control.governance import OFFICERS_MAX
from tongbao.errors import RequestError

KEYS = tuple(public_key(number) for number in range(OFFICERS_MAX + 1))


@pytest.mark.parametrize(
    ("operation", "subject"),
    [
        (Quota(1, 2, 3), b"quota\x00\x00\x00\x01\x00\x00\x00\x02"),
        (Officers(AuthorityKind.OFFICES, 1, KEYS[:1]), b"officers\x03"),
        (RegisterAsset(7, active=True, code="GOLD"), b"asset\x00\x00\x00\x07"),
        (ActivateRules(2), b"rules"),
        (ClockOperation(0), b"clock"),
        (ReceiptKey(KEYS[0], active=True), b"receipt-keys"),
    ],
)
def test_a_serial_counts_within_the_thing_that_changes(operation: ControlOperation, subject: bytes) -> None:
    assert operation.subject() == subject


def test_only_a_quota_is_for_the_issuing_officers() -> None:
    assert Quota(0, 1, 1).AUTHORITY == AuthorityKind.ISSUANCE
    assert Officers(AuthorityKind.ISSUANCE, 1, KEYS[:1]).AUTHORITY == AuthorityKind.CONTROL


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: Quota(2**32, 1, 1), "asset", id="asset of a quota"),
        pytest.param(lambda: Quota(0, -1, 1), "home", id="home of a quota"),
        pytest.param(lambda: Quota(0, 1, 2**64), "value", id="value of a quota"),
        pytest.param(lambda: Officers(AuthorityKind.CONTROL, 1, ()), "keys", id="no officer"),
        pytest.param(lambda: Officers(AuthorityKind.CONTROL, 1, KEYS), "keys", id="too many officers"),
        pytest.param(lambda: Officers(AuthorityKind.CONTROL, 1, KEYS[:1] * 2), "keys", id="an officer twice"),
        pytest.param(lambda: Officers(AuthorityKind.CONTROL, 0, KEYS[:2]), "threshold", id="nobody approves"),
        pytest.param(lambda: Officers(AuthorityKind.CONTROL, 3, KEYS[:2]), "threshold", id="more than all approve"),
        pytest.param(lambda: RegisterAsset(-1, active=True, code="A"), "asset", id="asset"),
        pytest.param(lambda: RegisterAsset(7, active=True, code=""), "asset_code", id="no code"),
        pytest.param(lambda: RegisterAsset(7, active=True, code="A" * 17), "asset_code", id="long code"),
        pytest.param(lambda: RegisterAsset(7, active=True, code="A\tB"), "asset_code", id="code with a tab"),
        pytest.param(lambda: RegisterAsset(7, active=True, code="é"), "asset_code", id="code outside ASCII"),
        pytest.param(lambda: ActivateRules(2**32), "version", id="rules"),
        pytest.param(lambda: ClockOperation(-1), "time_ms", id="clock"),
    ],
)
def test_what_no_layout_holds_is_refused(make: Callable[[], ControlOperation], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named


def test_as_many_officers_as_there_may_be_must_all_approve() -> None:
    assert Officers(AuthorityKind.OFFICES, OFFICERS_MAX, KEYS[:OFFICERS_MAX]).threshold == OFFICERS_MAX
