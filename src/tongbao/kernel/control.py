"""What each control operation demands and changes. Judge first, then change: a refused one leaves no trace."""

from collections.abc import Collection
from dataclasses import replace

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
from tongbao.coin.suites import PublicKey, is_usable
from tongbao.errors import InvariantError
from tongbao.kernel.rules import RULES
from tongbao.kernel.state import CENTRAL_BANK, ControlState, Institution
from tongbao.kernel.status import Status

__all__ = ["change", "refusal", "subject_serial"]


def subject_serial(state: ControlState, authority: AuthorityKind, subject: bytes) -> int:
    """The last serial of the subject; 0 where there was none."""
    return state.serials.get((authority, subject), 0)


def refusal(operation: ControlOperation, state: ControlState, *, approving: Collection[PublicKey]) -> Status:
    """SETTLED, or why the state does not let happen what the keys `approving` have approved."""
    refused = _subject_refusal(operation, state)
    return _keys_refusal(operation, state, approving) if refused == Status.SETTLED else refused


def _subject_refusal(operation: ControlOperation, state: ControlState) -> Status:  # noqa: C901 - one case per operation
    match operation:
        case RegisterInstitution():
            return Status.INSTITUTION_EXISTS if operation.home in state.institutions else Status.SETTLED
        case SuspendInstitution() | Quota():
            # The central bank holds no coins and cannot be stopped: nobody could then endorse what resumes it.
            known = operation.home in state.institutions and operation.home != CENTRAL_BANK
            return Status.SETTLED if known else Status.INSTITUTION_UNKNOWN
        case RekeyInstitution() | SubstituteKey():
            return Status.SETTLED if operation.home in state.institutions else Status.INSTITUTION_UNKNOWN
        case SetSuccessor():
            return _successor_refusal(operation, state)
        case ActivateRules():
            return Status.SETTLED if operation.version in RULES else Status.RULES_UNKNOWN
        case ReceiptKey():
            # Without any key nobody could be answered.
            left = operation.active or state.receipt_keys - {operation.key}
            return Status.SETTLED if left else Status.RECEIPT_KEY_INVALID
        case Freeze():
            return Status.ALREADY_FROZEN if (operation.target, operation.id) in state.frozen else Status.SETTLED
        case Unfreeze():
            return Status.SETTLED if (operation.target, operation.id) in state.frozen else Status.NOT_FROZEN
        case Officers() | RegisterAsset() | ClockOperation():
            return Status.SETTLED
        case _:
            raise InvariantError(f"no rule says when {type(operation).__name__} may happen")


def _successor_refusal(operation: SetSuccessor, state: ControlState) -> Status:
    if operation.home not in state.institutions or operation.successor not in state.institutions:
        return Status.INSTITUTION_UNKNOWN
    # The central bank serves no customers, so it can neither be succeeded nor succeed.
    if CENTRAL_BANK in (operation.home, operation.successor):
        return Status.SUCCESSOR_INVALID
    # The home may have a successor already, so the way from the new one may lead through it to another end.
    if operation.home in state.succession(operation.successor):
        return Status.SUCCESSOR_INVALID
    return Status.SETTLED if state.is_active(operation.successor) else Status.SUCCESSOR_INVALID


def _keys_refusal(operation: ControlOperation, state: ControlState, approving: Collection[PublicKey]) -> Status:
    """What is demanded of the keys that an operation sets: that somebody can use them."""
    keys = _keys_set(operation)
    suites = RULES[state.rules].suites
    if not all(key.suite in suites and is_usable(key) for key in keys):
        return Status.KEY_UNUSABLE
    proven = sum(key in approving for key in keys)
    return Status.SETTLED if proven >= _proofs_demanded(operation) else Status.KEYS_UNPROVEN


def _keys_set(operation: ControlOperation) -> tuple[PublicKey, ...]:
    match operation:
        case Officers():
            return operation.keys
        case RegisterInstitution() | RekeyInstitution() | SubstituteKey() | ReceiptKey(active=True):
            return (operation.key,)
        case _:
            return ()


def _proofs_demanded(operation: ControlOperation) -> int:
    """How many of the new keys must approve, too, because without them nobody could put a mistake right.

    Officers could be replaced by keys that nobody holds, and all control passes through the central bank's key. New
    root keys of The Update Framework prove themselves in the same way.
    """
    match operation:
        case Officers():
            return operation.threshold
        case RekeyInstitution() if operation.home == CENTRAL_BANK:
            return 1
        case _:
            return 0


def change(operation: ControlOperation, state: ControlState, *, time_ms: int) -> None:  # noqa: C901 - one case per operation
    """Make the operation happen, once nothing refuses it; `time_ms` is the batch's."""
    match operation:
        case RegisterInstitution():
            state.institutions[operation.home] = Institution(operation.key)
        case SuspendInstitution() | RekeyInstitution() | SetSuccessor() | SubstituteKey():
            state.institutions[operation.home] = _changed(state.institutions[operation.home], operation)
        case Quota():
            state.quotas[operation.asset, operation.home] = operation.value
        case Officers():
            state.authorities[operation.authority] = operation
        case RegisterAsset():
            state.assets[operation.asset] = (operation.active, operation.code)
        case ActivateRules():
            state.rules = operation.version
        case ReceiptKey():
            (state.receipt_keys.add if operation.active else state.receipt_keys.discard)(operation.key)
        case Freeze():
            state.frozen[operation.target, operation.id] = time_ms
        case Unfreeze():
            del state.frozen[operation.target, operation.id]
        case OrderedMove() | ClockOperation():
            pass  # A move changes money and the clock changes ledger time: `money` and `reference` do that.
        case _:
            raise InvariantError(f"no rule says what {type(operation).__name__} changes")


def _changed(
    before: Institution, operation: SuspendInstitution | RekeyInstitution | SetSuccessor | SubstituteKey
) -> Institution:
    match operation:
        case SuspendInstitution():
            return replace(before, suspended=operation.suspended)
        case RekeyInstitution():
            return replace(before, key=operation.key, substitute=None)
        case SetSuccessor():
            return replace(before, successor=operation.successor)
        case _:
            return replace(before, substitute=operation.key)
