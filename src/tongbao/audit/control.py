"""What control may do, and what it then changes: the auditor's second opinion on each operation.

Written from docs/reference/statuses.md, docs/reference/wire-format.md and docs/internals/kernel.md.
"""

from collections.abc import Callable

from tongbao.audit.judge import ACTIVE_SUITES
from tongbao.audit.memory import CENTRAL_BANK, Asset, Institution, Memory, Moment
from tongbao.audit.opened import Opened
from tongbao.coin import PublicKey
from tongbao.coin.control import (
    ActivateRules,
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
    read_operation,
)
from tongbao.coin.encoding import Reader
from tongbao.coin.suites import is_usable

__all__ = ["operation_of", "refusal_of_operation", "take_effect"]


def operation_of(encoded: bytes) -> ControlOperation | None:
    """The operation behind its number, or None for a transaction that is not control."""
    return read_operation(Reader(encoded, "control operation")) if encoded else None


def refusal_of_operation(operation: ControlOperation, opened: Opened, memory: Memory, now: Moment) -> str:
    """The name of the first status that stands against the operation, or ""."""
    match operation:
        case RegisterInstitution() | SuspendInstitution() | RekeyInstitution() | SubstituteKey():
            return _institution(operation, opened, memory)
        case SetSuccessor():
            return _successor(operation, memory)
        case Quota():
            return _unknown(operation.home, memory)
        case Officers():
            return _officers(operation, opened, memory)
        case ReceiptKey():
            return _receipt_key(operation, memory)
        case ActivateRules():
            return "" if operation.version in ACTIVE_SUITES else "RULES_UNKNOWN"
        case _:
            return _offices(operation, opened, memory, now)


def _offices(operation: ControlOperation, opened: Opened, memory: Memory, now: Moment) -> str:
    match operation:
        case Freeze():
            return "ALREADY_FROZEN" if (operation.target, operation.id) in memory.frozen else ""
        case Unfreeze():
            return "" if (operation.target, operation.id) in memory.frozen else "NOT_FROZEN"
        case OrderedMove():
            return _move(opened, memory, now)
        case _:
            return ""


def _unknown(home: int, memory: Memory) -> str:
    return "" if home != CENTRAL_BANK and home in memory.institutions else "INSTITUTION_UNKNOWN"


def _institution(
    operation: RegisterInstitution | SuspendInstitution | RekeyInstitution | SubstituteKey,
    opened: Opened,
    memory: Memory,
) -> str:
    known = operation.home in memory.institutions
    if isinstance(operation, RegisterInstitution):
        if known:
            return "INSTITUTION_EXISTS"
    elif not known or (isinstance(operation, SuspendInstitution) and operation.home == CENTRAL_BANK):
        return "INSTITUTION_UNKNOWN"
    if isinstance(operation, SuspendInstitution):
        return ""
    if not _is_usable(operation.key, memory):
        return "KEY_UNUSABLE"
    proves_itself = isinstance(operation, RekeyInstitution) and operation.home == CENTRAL_BANK
    return "KEYS_UNPROVEN" if proves_itself and operation.key.encode() not in opened.approvals else ""


def _is_usable(key: PublicKey, memory: Memory) -> bool:
    return key.suite in ACTIVE_SUITES[memory.rules] and is_usable(key)


def _successor(operation: SetSuccessor, memory: Memory) -> str:
    home, successor = operation.home, operation.successor
    if home not in memory.institutions or successor not in memory.institutions:
        return "INSTITUTION_UNKNOWN"
    follows = home in memory.line_of(successor)
    inactive = memory.institutions[successor].suspended
    return "SUCCESSOR_INVALID" if CENTRAL_BANK in {home, successor} or follows or inactive else ""


def _officers(operation: Officers, opened: Opened, memory: Memory) -> str:
    if not all([_is_usable(key, memory) for key in operation.keys]):
        return "KEY_UNUSABLE"
    proven = {key.encode() for key in operation.keys} & set(opened.approvals)
    return "" if len(proven) >= operation.threshold else "KEYS_UNPROVEN"


def _receipt_key(operation: ReceiptKey, memory: Memory) -> str:
    if operation.active:
        return "" if _is_usable(operation.key, memory) else "KEY_UNUSABLE"
    return "" if memory.receipt_keys - {operation.key.encode()} else "RECEIPT_KEY_INVALID"


def _move(opened: Opened, memory: Memory, now: Moment) -> str:
    coin = opened.spent[0]
    named = ((FreezeTarget.COIN, coin.coin_id), (FreezeTarget.LOCK, coin.lock_id))
    frozen = [memory.frozen[target] for target in named if target in memory.frozen]
    if not frozen:
        return "NOT_FROZEN"
    return "FREEZE_TOO_RECENT" if now.time_ms - min(frozen) < now.limits.ordered_move_delay_ms else ""


def take_effect(operation: ControlOperation, memory: Memory, now: Moment) -> None:
    """Change what the operation changes; rules and clock count from the next batch on."""
    change = _CHANGES.get(type(operation))
    if change is not None:
        change(operation, memory)
    elif isinstance(operation, Freeze):
        memory.frozen[operation.target, operation.id] = now.time_ms
    elif isinstance(operation, ClockOperation) and operation.time_ms < now.time_ms:
        reached_ms = max(memory.expired_before_ms, now.time_ms)
        memory.expired_before_ms = min(reached_ms, operation.time_ms + now.limits.expiry_ahead_max_ms)


def _register(operation: RegisterInstitution, memory: Memory) -> None:
    memory.institutions[operation.home] = Institution(operation.key.encode())


def _suspend(operation: SuspendInstitution, memory: Memory) -> None:
    memory.institutions[operation.home].suspended = operation.suspended


def _rekey(operation: RekeyInstitution, memory: Memory) -> None:
    institution = memory.institutions[operation.home]
    institution.key, institution.substitute = operation.key.encode(), b""


def _succeed(operation: SetSuccessor, memory: Memory) -> None:
    memory.institutions[operation.home].successor = operation.successor


def _substitute(operation: SubstituteKey, memory: Memory) -> None:
    memory.institutions[operation.home].substitute = operation.key.encode()


def _quota(operation: Quota, memory: Memory) -> None:
    memory.quotas[operation.asset, operation.home] = operation.value


def _appoint(operation: Officers, memory: Memory) -> None:
    memory.authorities[operation.authority] = operation


def _admit(operation: RegisterAsset, memory: Memory) -> None:
    memory.assets[operation.asset] = Asset(active=operation.active, code=operation.code)


def _activate(operation: ActivateRules, memory: Memory) -> None:
    memory.rules = operation.version


def _unfreeze(operation: Unfreeze, memory: Memory) -> None:
    del memory.frozen[operation.target, operation.id]


def _receipt(operation: ReceiptKey, memory: Memory) -> None:
    (memory.receipt_keys.add if operation.active else memory.receipt_keys.discard)(operation.key.encode())


_CHANGES: dict[type, Callable[..., None]] = {
    RegisterInstitution: _register,
    SuspendInstitution: _suspend,
    RekeyInstitution: _rekey,
    SetSuccessor: _succeed,
    SubstituteKey: _substitute,
    Quota: _quota,
    Officers: _appoint,
    RegisterAsset: _admit,
    ActivateRules: _activate,
    Unfreeze: _unfreeze,
    ReceiptKey: _receipt,
}
