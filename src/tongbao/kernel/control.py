"""What each control operation demands and changes. Judge first, then change: a refused one leaves no trace."""

from dataclasses import replace
from functools import singledispatch

from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
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
from tongbao.kernel.rules import RULES
from tongbao.kernel.state import CENTRAL_BANK, Institution, State
from tongbao.kernel.status import Status

__all__ = ["change", "refusal", "subject_serial"]


def subject_serial(state: State, authority: AuthorityKind, subject: bytes) -> int:
    """The last serial of the subject; 0 where there was none."""
    return state.serials.get((authority, subject), 0)


@singledispatch
def refusal(operation: ControlOperation, state: State) -> Status:
    """SETTLED, or why the state does not let the operation happen."""
    del operation, state
    return Status.SETTLED


@refusal.register
def _(operation: RegisterInstitution, state: State) -> Status:
    return Status.INSTITUTION_EXISTS if operation.home in state.institutions else Status.SETTLED


@refusal.register(SuspendInstitution)
@refusal.register(Quota)
def _(operation: SuspendInstitution | Quota, state: State) -> Status:
    # The central bank holds no coins and cannot be stopped: nobody could then endorse the control that resumes it.
    known = operation.home in state.institutions and operation.home != CENTRAL_BANK
    return Status.SETTLED if known else Status.INSTITUTION_UNKNOWN


@refusal.register(RekeyInstitution)
@refusal.register(SubstituteKey)
def _(operation: RekeyInstitution | SubstituteKey, state: State) -> Status:
    return Status.SETTLED if operation.home in state.institutions else Status.INSTITUTION_UNKNOWN


@refusal.register
def _(operation: SetSuccessor, state: State) -> Status:
    if operation.home not in state.institutions or operation.successor not in state.institutions:
        return Status.INSTITUTION_UNKNOWN
    # The central bank serves no customers, so it can neither be succeeded nor succeed.
    if CENTRAL_BANK in {operation.home, operation.successor}:
        return Status.SUCCESSOR_INVALID
    if state.serving(operation.successor) == operation.home or not state.is_active(operation.successor):
        return Status.SUCCESSOR_INVALID
    return Status.SETTLED


@refusal.register
def _(operation: ActivateRules, state: State) -> Status:
    del state
    return Status.SETTLED if operation.version in RULES else Status.RULES_UNKNOWN


@refusal.register
def _(operation: ReceiptKey, state: State) -> Status:
    if operation.active:
        return Status.SETTLED
    # Without any key nobody could be answered.
    return Status.SETTLED if state.receipt_keys - {operation.key} else Status.RECEIPT_KEY_INVALID


@refusal.register
def _(operation: Freeze, state: State) -> Status:
    return Status.ALREADY_FROZEN if (operation.target, operation.id) in state.frozen else Status.SETTLED


@refusal.register
def _(operation: Unfreeze, state: State) -> Status:
    return Status.SETTLED if (operation.target, operation.id) in state.frozen else Status.NOT_FROZEN


@singledispatch
def change(operation: ControlOperation, state: State, *, time_ms: int) -> None:
    """Make the operation happen, once nothing refuses it; `time_ms` is the batch's."""
    raise TypeError(f"{type(operation).__name__} cannot change {type(state).__name__} at {time_ms} ms")


@change.register
def _(operation: RegisterInstitution, state: State, *, time_ms: int) -> None:
    del time_ms
    state.institutions[operation.home] = Institution(operation.key)


@change.register
def _(operation: SuspendInstitution, state: State, *, time_ms: int) -> None:
    del time_ms
    before = state.institutions[operation.home]
    state.institutions[operation.home] = replace(before, suspended=operation.suspended)


@change.register
def _(operation: RekeyInstitution, state: State, *, time_ms: int) -> None:
    del time_ms
    before = state.institutions[operation.home]
    state.institutions[operation.home] = replace(before, key=operation.key, substitute=None)


@change.register
def _(operation: SubstituteKey, state: State, *, time_ms: int) -> None:
    del time_ms
    before = state.institutions[operation.home]
    state.institutions[operation.home] = replace(before, substitute=operation.key)


@change.register
def _(operation: SetSuccessor, state: State, *, time_ms: int) -> None:
    del time_ms
    before = state.institutions[operation.home]
    state.institutions[operation.home] = replace(before, successor=operation.successor)


@change.register
def _(operation: Quota, state: State, *, time_ms: int) -> None:
    del time_ms
    state.quotas[operation.asset, operation.home] = operation.value


@change.register
def _(operation: Officers, state: State, *, time_ms: int) -> None:
    del time_ms
    state.authorities[operation.authority] = operation


@change.register
def _(operation: RegisterAsset, state: State, *, time_ms: int) -> None:
    del time_ms
    state.assets[operation.asset] = (operation.active, operation.code)


@change.register
def _(operation: ActivateRules, state: State, *, time_ms: int) -> None:
    del time_ms
    state.rules = operation.version


@change.register
def _(operation: ReceiptKey, state: State, *, time_ms: int) -> None:
    del time_ms
    if operation.active:
        state.receipt_keys.add(operation.key)
    else:
        state.receipt_keys.discard(operation.key)


@change.register
def _(operation: Freeze, state: State, *, time_ms: int) -> None:
    state.frozen[operation.target, operation.id] = time_ms


@change.register
def _(operation: Unfreeze, state: State, *, time_ms: int) -> None:
    del time_ms
    del state.frozen[operation.target, operation.id]


@change.register(OrderedMove)
@change.register(ClockOperation)
def _(operation: OrderedMove | ClockOperation, state: State, *, time_ms: int) -> None:
    # A move changes money and the clock changes ledger time: `money` and `reference` do that.
    del operation, state, time_ms
