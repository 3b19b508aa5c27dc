"""What transfer, issue, redeem and the ordered move demand of the state, and what they change in it."""

from collections.abc import Iterable, Sequence

from tongbao.coin.coin import Coin
from tongbao.coin.control import OrderedMove
from tongbao.coin.domain import Domain
from tongbao.coin.transaction import Body, Kind
from tongbao.errors import InvariantError
from tongbao.kernel.applied import Created
from tongbao.kernel.judge import JudgedTransaction
from tongbao.kernel.state import State, Totals
from tongbao.kernel.status import Status

__all__ = ["move_coins", "refusal"]

_Payee = tuple[int, bytes, int]
"""Whom an acceptance is about: the home that serves, the lock, the asset."""


def refusal(  # noqa: C901 - a flat list of guards in order of precedence
    judged: JudgedTransaction, state: State, *, home: int, time_ms: int
) -> Status:
    """SETTLED, or the first reason why the state does not let the money move."""
    body = judged.transaction.body
    spends_as_owner = body.kind in {Kind.TRANSFER, Kind.REDEEM}
    if spends_as_owner and any(state.serving(spent.coin.home) != home for spent in body.inputs):
        return Status.HOME_NOT_SERVED
    if not all([state.is_active(coin.home) for coin in body.outputs]):
        return Status.OUTPUT_HOME_INACTIVE
    if not all([_is_active_asset(coin, state) for coin in (*body.outputs, *(each.coin for each in body.inputs))]):
        return Status.ASSET_INACTIVE
    if body.kind == Kind.TRANSFER:
        refused = _acceptance_refusal(judged, state, home=home, time_ms=time_ms)
        if refused:
            return refused
    if any([w.lock.opens_at_ms(w.path) > time_ms for w in judged.transaction.witnesses]):
        return Status.LOCK_NOT_YET_OPEN
    if spends_as_owner and state.frozen and _frozen(judged, state):
        return Status.INPUT_FROZEN
    if not all([coin_id in state.unspent for coin_id in judged.coin_ids]):
        return Status.INPUT_NOT_UNSPENT
    if body.kind == Kind.ISSUE:
        return _quota_refusal(body, state)
    return Status.SETTLED


def _is_active_asset(coin: Coin, state: State) -> bool:
    return state.assets.get(coin.asset, (False, ""))[0]


def _frozen(judged: JudgedTransaction, state: State) -> bool:
    pairs = zip(judged.coin_ids, judged.transaction.body.inputs, strict=True)
    return any(
        state.frozen_since_ms(coin_id=coin_id, lock_id=spent.coin.lock_id) is not None for coin_id, spent in pairs
    )


def _acceptance_refusal(judged: JudgedTransaction, state: State, *, home: int, time_ms: int) -> Status:
    """Money that leaves the home needs the word of the home that it goes to."""
    foreign = [coin for coin in judged.transaction.body.outputs if state.serving(coin.home) != home]
    if not foreign and not judged.acceptances:
        return Status.SETTLED
    paid, allowed = _paid(foreign, state), _allowed(judged, state)
    if not paid.keys() <= allowed.keys():
        return Status.ACCEPTANCE_MISSING
    acceptances = judged.acceptances
    if not all([state.is_current(each.key, home=state.serving(each.home)) for each in acceptances]):
        return Status.ACCEPTANCE_KEY_NOT_CURRENT
    if any([each.expiry_ms < time_ms for each in acceptances]):
        return Status.ACCEPTANCE_EXPIRED
    if any([value > allowed[payee] for payee, value in paid.items()]):
        return Status.ACCEPTANCE_EXCEEDED
    return Status.SETTLED


def _paid(coins: Iterable[Coin], state: State) -> dict[_Payee, int]:
    paid: dict[_Payee, int] = {}
    for coin in coins:
        payee = state.serving(coin.home), coin.lock_id, coin.asset
        paid[payee] = paid.get(payee, 0) + coin.value
    return paid


def _allowed(judged: JudgedTransaction, state: State) -> dict[_Payee, int]:
    """The most that each payee may be paid; where a home and one that it succeeded both say, the larger counts."""
    allowed: dict[_Payee, int] = {}
    for acceptance in judged.acceptances:
        home = state.serving(acceptance.home)
        for lock in acceptance.locks:
            payee = home, lock.lock_id, lock.asset
            allowed[payee] = max(allowed.get(payee, 0), lock.value_max)
    return allowed


def _quota_refusal(body: Body, state: State) -> Status:
    first = body.outputs[0]
    home = state.serving(first.home)
    value = sum(coin.value for coin in body.outputs)
    allowed = state.quotas.get((first.asset, home), 0)
    if state.net_issued(asset=first.asset, home=home) + value > allowed:
        return Status.QUOTA_EXCEEDED
    return Status.SETTLED


def move_refusal(judged: JudgedTransaction, state: State, *, time_ms: int, delay_ms: int) -> Status:
    """SETTLED, or why an ordered move may not happen: its coin must have been frozen for the delay."""
    spent = judged.transaction.body.inputs[0]
    since_ms = state.frozen_since_ms(coin_id=judged.coin_ids[0], lock_id=spent.coin.lock_id)
    if since_ms is None:
        return Status.NOT_FROZEN
    return Status.FREEZE_TOO_RECENT if time_ms < since_ms + delay_ms else Status.SETTLED


def move_coins(judged: JudgedTransaction, state: State, domain: Domain) -> Sequence[Created]:
    """End the inputs and make the outputs, once nothing refuses it; return what was made."""
    body = judged.transaction.body
    for coin_id in judged.coin_ids:
        del state.unspent[coin_id]
    created = [(coin.id(domain, origin=judged.id, index=index), index, coin) for index, coin in enumerate(body.outputs)]
    for coin_id, _, coin in created:
        if coin_id in state.unspent:
            raise InvariantError(f"coin {coin_id.hex()} was made twice")
        state.unspent[coin_id] = (coin.asset, coin.home, coin.value)
    _count(body, state)
    return created


def _count(body: Body, state: State) -> None:
    if body.kind == Kind.ISSUE:
        for coin in body.outputs:
            state.add(Totals(issued=coin.value), asset=coin.asset, home=coin.home)
    elif body.kind == Kind.REDEEM:
        for spent in body.inputs:
            state.add(Totals(redeemed=spent.coin.value), asset=spent.coin.asset, home=spent.coin.home)
    elif body.kind == Kind.TRANSFER or isinstance(body.operation, OrderedMove):
        source = body.inputs[0].coin.home
        for coin in body.outputs:
            if coin.home != source:
                state.add(Totals(outflow=coin.value), asset=coin.asset, home=source)
                state.add(Totals(inflow=coin.value), asset=coin.asset, home=coin.home)
