"""What each control operation leaves behind in the state. When it is refused is told by the vectors."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.builders import GENESIS_TIME_MS, INSTITUTIONS, OFFICERS, bytes32, control, public_key
from tests.kernel_builders import SETTLED, Ledger
from tongbao.coin.control import (
    OPERATIONS,
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
)
from tongbao.errors import InvariantError
from tongbao.kernel import Status
from tongbao.kernel.control import change, refusal, subject_serial
from tongbao.kernel.state import Institution, State

LOCK = bytes32(1)
OWN = public_key(INSTITUTIONS[1])
OTHER = public_key(14)
NEW_OFFICERS = Officers(AuthorityKind.OFFICES, 1, (public_key(51),))

Place = tuple[str, object]

# What is done before the operation, the operation, and the only thing that it changes.
CHANGES: Mapping[str, tuple[tuple[ControlOperation, ...], ControlOperation, Place, object]] = {
    "admits": ((), RegisterInstitution(3, OTHER), ("institutions", 3), Institution(OTHER)),
    "suspends": ((), SuspendInstitution(1, suspended=True), ("institutions", 1), Institution(OWN, suspended=True)),
    "resumes": (
        (SuspendInstitution(1, suspended=True),),
        SuspendInstitution(1, suspended=False),
        ("institutions", 1),
        Institution(OWN),
    ),
    "sets a new key and ends the substitute": (
        (SubstituteKey(1, public_key(15)),),
        RekeyInstitution(1, OTHER),
        ("institutions", 1),
        Institution(OTHER),
    ),
    "sets a substitute": ((), SubstituteKey(1, OTHER), ("institutions", 1), Institution(OWN, substitute=OTHER)),
    "sets a successor": ((), SetSuccessor(1, 2), ("institutions", 1), Institution(OWN, successor=2)),
    "keeps what it does not change": (
        (SubstituteKey(1, OTHER), SetSuccessor(1, 2)),
        SuspendInstitution(1, suspended=True),
        ("institutions", 1),
        Institution(OWN, suspended=True, successor=2, substitute=OTHER),
    ),
    "sets a quota": ((), Quota(9, 1, 77), ("quotas", (9, 1)), 77),
    "replaces officers": ((), NEW_OFFICERS, ("authorities", 3), NEW_OFFICERS),
    "admits an asset": ((), RegisterAsset(9, active=True, code="BOND"), ("assets", 9), (True, "BOND")),
    "stops an asset": ((), RegisterAsset(0, active=False, code="CNY"), ("assets", 0), (False, "CNY")),
    "freezes": ((), Freeze(FreezeTarget.LOCK, LOCK), ("frozen", (FreezeTarget.LOCK, LOCK)), GENESIS_TIME_MS + 1_000),
    "unfreezes": (
        (Freeze(FreezeTarget.COIN, LOCK),),
        Unfreeze(FreezeTarget.COIN, LOCK),
        ("frozen", (FreezeTarget.COIN, LOCK)),
        None,
    ),
    "activates rules": ((), ActivateRules(1), ("rules", None), 1),
    "admits a receipt key": ((), ReceiptKey(OTHER, active=True), ("receipt_keys", OTHER), True),
    "ends a receipt key": (
        (ReceiptKey(OTHER, active=True),),
        ReceiptKey(OTHER, active=False),
        ("receipt_keys", OTHER),
        None,
    ),
    "sets the clock back": ((), ClockOperation(GENESIS_TIME_MS), ("expired_before_ms", None), GENESIS_TIME_MS + 1_000),
}


def flat(state: State) -> dict[Place, object]:
    """The state as places with values, without serials."""
    parts = {
        "unspent": state.unspent,
        "totals": state.totals,
        "institutions": state.institutions,
        "quotas": state.quotas,
        "authorities": state.authorities,
        "assets": state.assets,
        "frozen": state.frozen,
        "receipt_keys": dict.fromkeys(state.receipt_keys, True),
        "rules": {None: state.rules},
        "expired_before_ms": {None: state.expired_before_ms},
    }
    return {(part, key): value for part, values in parts.items() for key, value in values.items()}  # type: ignore[attr-defined]


def ordered(ledger: Ledger, *operations: ControlOperation) -> None:
    """Let the operations settle in one batch at the same time as ever."""
    state = ledger.state
    for operation in operations:
        approvers = (*OFFICERS[operation.AUTHORITY][:2], 51)
        serial = subject_serial(state, operation.AUTHORITY, operation.subject()) + 1
        transaction = control(operation, serial=serial, approvers=approvers)
        assert ledger.control(transaction, time_ms=GENESIS_TIME_MS + 1_000) == [SETTLED]


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.usefixtures("each_kernel")
def test_an_operation_changes_just_what_it_says(name: str) -> None:
    before_it, operation, what, value = CHANGES[name]
    ledger = Ledger()
    ordered(ledger, *before_it)
    before = flat(ledger.state)

    ordered(ledger, operation)

    expected = {**before, what: value}
    assert flat(ledger.state) == {each: found for each, found in expected.items() if found is not None}


def test_every_operation_has_its_change_tested() -> None:
    tested = {type(operation).NUMBER for _, operation, _, _ in CHANGES.values()}

    assert tested == set(OPERATIONS) - {OrderedMove.NUMBER}  # it changes money alone: tests/unit/kernel/test_money.py


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.usefixtures("each_kernel")
def test_a_settled_operation_takes_one_serial_of_its_subject(name: str) -> None:
    before_it, operation, _, _ = CHANGES[name]
    ledger = Ledger()
    ordered(ledger, *before_it)
    before = dict(ledger.state.serials)

    ordered(ledger, operation)

    subject = operation.AUTHORITY, operation.subject()
    assert ledger.state.serials == {**before, subject: before.get(subject, 0) + 1}


@pytest.mark.usefixtures("each_kernel")
def test_a_refused_operation_leaves_no_trace() -> None:
    ledger = Ledger()
    ordered(ledger, SetSuccessor(1, 2))
    before = ledger.kernel.state_digest()

    found = ledger.control(control(SetSuccessor(2, 1)))

    assert found == [Status.SUCCESSOR_INVALID]
    assert ledger.kernel.state_digest() == before


@pytest.mark.usefixtures("each_kernel")
def test_the_clock_goes_on_from_where_it_was_set() -> None:
    ledger = Ledger()
    far_ms = GENESIS_TIME_MS + 10**12

    ordered(ledger, ClockOperation(far_ms))

    assert ledger.kernel.time_ms == far_ms
    assert ledger.state.expired_before_ms == 0


@pytest.mark.usefixtures("each_kernel")
def test_a_clock_set_to_the_time_that_it_is_changes_nothing() -> None:
    ledger = Ledger()

    ordered(ledger, ClockOperation(GENESIS_TIME_MS + 1_000))

    assert (ledger.kernel.time_ms, ledger.state.expired_before_ms) == (GENESIS_TIME_MS + 1_000, 0)


@dataclass(frozen=True)
class Unheard:
    """An operation that no rule mentions."""

    NUMBER = 99
    AUTHORITY = AuthorityKind.CONTROL

    def subject(self) -> bytes:
        """Nothing."""
        return b""

    def payload(self) -> bytes:
        """Nothing."""
        return b""


def test_an_operation_without_a_rule_is_never_let_pass_in_silence() -> None:
    state = Ledger().state

    with pytest.raises(InvariantError, match="no rule says when Unheard may happen"):
        refusal(Unheard(), state, approving=())
    with pytest.raises(InvariantError, match="no rule says what Unheard changes"):
        change(Unheard(), state, time_ms=0)


def test_serials_count_by_authority_and_subject() -> None:
    state = State(serials={(AuthorityKind.CONTROL, b"x"): 3})

    serials = [
        subject_serial(state, authority, subject)
        for authority, subject in (
            (AuthorityKind.CONTROL, b"x"),
            (AuthorityKind.OFFICES, b"x"),
            (AuthorityKind.CONTROL, b"y"),
        )
    ]

    assert serials == [3, 0, 0]
