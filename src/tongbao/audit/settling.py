"""Who may speak, and what money demands: the auditor's second opinion on each transaction that was journaled.

Written from docs/reference/statuses.md. A refusal is the name of its status; only `settle` changes anything.
"""

from collections.abc import Callable, Iterator

from tongbao.audit.control import operation_of, refusal_of_operation, take_effect
from tongbao.audit.memory import Memory, Moment
from tongbao.audit.opened import Made, Opened
from tongbao.coin import Kind
from tongbao.coin.control import AuthorityKind, ControlOperation, FreezeTarget, OrderedMove

__all__ = ["refusal_of", "settle"]


def refusal_of(opened: Opened, memory: Memory, now: Moment) -> str:
    """The name of the first status that stands against the transaction, or "" if it settles."""
    operation = operation_of(opened.operation)
    refusal = _speaker(memory, now) or _when(opened, memory, now) or _approved(opened, operation, memory)
    if refusal:
        return refusal
    if operation is not None:
        refusal = refusal_of_operation(operation, opened, memory, now)
        if refusal or not isinstance(operation, OrderedMove):
            return refusal
    return next((name for name, stands in _MONEY if stands(opened, memory, now)), "")


def _speaker(memory: Memory, now: Moment) -> str:
    institution = memory.institutions.get(now.home)
    if institution is None:
        return "ENDORSER_UNKNOWN"
    if not memory.speaks_for(now.key, now.home):
        return "ENDORSER_KEY_NOT_CURRENT"
    return "HOME_SUSPENDED" if institution.suspended else ""


def _when(opened: Opened, memory: Memory, now: Moment) -> str:
    if opened.expiry_ms < max(now.time_ms, memory.expired_before_ms):
        return "EXPIRED"
    return "EXPIRY_TOO_FAR" if opened.expiry_ms > now.time_ms + now.limits.expiry_ahead_max_ms else ""


def _approved(opened: Opened, operation: ControlOperation | None, memory: Memory) -> str:
    """Approvals and serial; a transfer needs neither, a redemption has no serial."""
    if opened.kind == Kind.TRANSFER:
        return ""
    authority = AuthorityKind.ISSUANCE if operation is None else operation.AUTHORITY
    officers = memory.authorities[authority]
    if len({key.encode() for key in officers.keys} & set(opened.approvals)) < officers.threshold:
        return "APPROVALS_MISSING"
    if opened.kind == Kind.REDEEM:
        return ""
    last = memory.serials.get((authority, _subject(opened, operation)), 0)
    return "" if opened.serial == last + 1 else "SERIAL_NOT_NEXT"


def _subject(opened: Opened, operation: ControlOperation | None) -> bytes:
    if operation is not None:
        return operation.subject()
    asset, home = opened.made[0].asset, opened.made[0].home
    return b"issue" + asset.to_bytes(4, "big") + home.to_bytes(4, "big")


# --- money ------------------------------------------------------------------------------------------------------------


def _is_owned(opened: Opened) -> bool:
    return opened.kind in {Kind.TRANSFER, Kind.REDEEM}


def _not_served(opened: Opened, memory: Memory, now: Moment) -> bool:
    return _is_owned(opened) and memory.serving(opened.spent[0].home) != now.home


def _output_inactive(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    return any([not memory.is_active(made.home) for made in opened.made])


def _asset_inactive(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    numbers = {each.asset for each in opened.spent} | {each.asset for each in opened.made}
    return any([number not in memory.assets or not memory.assets[number].active for number in numbers])


def _foreign(opened: Opened, memory: Memory, now: Moment) -> Iterator[tuple[Made, int | None]]:
    """The outputs that another home serves, each with what that home allows to its lock; None where it said nothing."""
    if opened.kind != Kind.TRANSFER:
        return
    for made in opened.made:
        if memory.serving(made.home) != now.home:
            yield made, _allowed(made, opened, memory)


def _allowed(made: Made, opened: Opened, memory: Memory) -> int | None:
    """Where homes of one successor have accepted the same lock, the larger word counts."""
    serving, where = memory.serving(made.home), (made.lock_id, made.asset)
    words = [word for word in opened.words if memory.serving(word.home) == serving and where in word.allowed]
    return max([word.allowed[where] for word in words], default=None)


def _unaccepted(opened: Opened, memory: Memory, now: Moment) -> bool:
    return any([allowed is None for _, allowed in _foreign(opened, memory, now)])


def _stranger_accepted(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    return any([not memory.speaks_for(word.key, memory.serving(word.home)) for word in opened.words])


def _accepted_late(opened: Opened, memory: Memory, now: Moment) -> bool:
    del memory
    return any([now.time_ms > word.expiry_ms for word in opened.words])


def _accepted_less(opened: Opened, memory: Memory, now: Moment) -> bool:
    paid: dict[tuple[bytes, int, int], int] = {}
    most: dict[tuple[bytes, int, int], int] = {}
    for made, allowed in _foreign(opened, memory, now):
        where = made.lock_id, made.asset, memory.serving(made.home)
        paid[where] = paid.get(where, 0) + made.value
        most[where] = allowed or 0
    return any([paid[where] > most[where] for where in paid])


def _not_open(opened: Opened, memory: Memory, now: Moment) -> bool:
    del memory
    return _is_owned(opened) and any([now.time_ms < spent.open_from_ms for spent in opened.spent])


def _frozen(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    return _is_owned(opened) and any(
        [
            (FreezeTarget.COIN, spent.coin_id) in memory.frozen or (FreezeTarget.LOCK, spent.lock_id) in memory.frozen
            for spent in opened.spent
        ]
    )


def _not_unspent(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    return any([spent.coin_id not in memory.unspent for spent in opened.spent])


def _over_quota(opened: Opened, memory: Memory, now: Moment) -> bool:
    del now
    if opened.kind != Kind.ISSUE:
        return False
    asset, home = opened.made[0].asset, opened.made[0].home
    more = sum(made.value for made in opened.made)
    serving = memory.serving(home)
    return memory.net_issued(asset, serving) + more > memory.quotas.get((asset, serving), 0)


_MONEY: tuple[tuple[str, Callable[[Opened, Memory, Moment], bool]], ...] = (
    ("HOME_NOT_SERVED", _not_served),
    ("OUTPUT_HOME_INACTIVE", _output_inactive),
    ("ASSET_INACTIVE", _asset_inactive),
    ("ACCEPTANCE_MISSING", _unaccepted),
    ("ACCEPTANCE_KEY_NOT_CURRENT", _stranger_accepted),
    ("ACCEPTANCE_EXPIRED", _accepted_late),
    ("ACCEPTANCE_EXCEEDED", _accepted_less),
    ("LOCK_NOT_YET_OPEN", _not_open),
    ("INPUT_FROZEN", _frozen),
    ("INPUT_NOT_UNSPENT", _not_unspent),
    ("QUOTA_EXCEEDED", _over_quota),
)
"""What stands against moving money, in order of precedence."""


def settle(opened: Opened, memory: Memory, now: Moment) -> None:
    """Let a transaction happen against which nothing stands."""
    operation = operation_of(opened.operation)
    if opened.kind in {Kind.ISSUE, Kind.CONTROL}:
        authority = AuthorityKind.ISSUANCE if operation is None else operation.AUTHORITY
        memory.serials[authority, _subject(opened, operation)] = opened.serial
    for spent in opened.spent:
        del memory.unspent[spent.coin_id]
    for made in opened.made:
        memory.unspent[made.coin_id] = (made.asset, made.home, made.value)
    _count(opened, memory)
    if operation is not None:
        take_effect(operation, memory, now)


def _count(opened: Opened, memory: Memory) -> None:
    if opened.kind == Kind.ISSUE:
        for made in opened.made:
            memory.count(made.asset, made.home).issued += made.value
    elif opened.kind == Kind.REDEEM:
        for spent in opened.spent:
            memory.count(spent.asset, spent.home).redeemed += spent.value
    else:
        for made in opened.made:
            source = opened.spent[0].home
            if made.home != source:
                memory.count(made.asset, made.home).inflow += made.value
                memory.count(made.asset, source).outflow += made.value
