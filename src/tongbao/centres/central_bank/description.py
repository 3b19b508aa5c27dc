"""What a body does, in words for the officers who are asked to approve it. Pure.

Ids, locks and keys stand whole: what officers sign must not be something else that begins alike.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tongbao.centres.central_bank.bodies import value_of
from tongbao.coin import CURRENCY, Body, Coin
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
)

__all__ = ["coin_text", "describe", "worth_text"]

SHOWN_COINS = 8  # of an ordered move in its description; who approves it sees them all
FEN_PER_YUAN = 100
DATE_MS_MAX = 253_402_300_799_999  # the end of the year 9999; a clock may be set to later times by mistake


def describe(body: Body, *, home: int) -> str:
    """What a body does, for the officers who are asked."""
    if body.operation is not None:
        return _WORDS[type(body.operation)](body.operation) + _move_text(body)
    coins = body.outputs or body.inputs
    in_coins = "1 coin" if len(coins) == 1 else f"{len(coins)} coins"
    return f"{body.kind.name.lower()} {worth_text(CURRENCY, value_of(body))} in {in_coins}, home {home}"


def worth_text(asset: int, value: int) -> str:
    """A value of an asset; of the currency in yuan."""
    if asset != CURRENCY:
        return f"{value:,} of asset {asset}"
    return f"¥{value // FEN_PER_YUAN:,}.{value % FEN_PER_YUAN:02d}"


def coin_text(coin: Coin) -> str:
    """A coin with its whole lock."""
    return f"{worth_text(coin.asset, coin.value)} under lock {coin.lock_id.hex()} at home {coin.home}"


def _move_text(body: Body) -> str:
    """From where to where an ordered move takes money; nothing where the operation moves none."""
    told = [f", from {coin_text(spent.coin)}" for spent in body.inputs]
    told += [f", to {coin_text(coin)}" for coin in body.outputs[:SHOWN_COINS]]
    more = len(body.outputs) - SHOWN_COINS
    return "".join(told) + (f", and to {more} more" if more > 0 else "")


def _target(operation: Freeze | Unfreeze) -> str:
    what = "the coin" if operation.target == FreezeTarget.COIN else "every coin under the lock"
    return f"{what} {operation.id.hex()}"


def _officers(operation: Officers) -> str:
    keys = ", ".join(key.key.hex() for key in operation.keys)
    needed = f"{operation.threshold} of {len(operation.keys)} must approve"
    return f"replace the officers of {operation.authority.name.lower()}; {needed}: {keys}"


def _asset(operation: RegisterAsset) -> str:
    name = f"asset {operation.asset}, {operation.code}"
    return f"admit {name}" if operation.active else f"stop all coins of {name}"


def _clock(operation: ClockOperation) -> str:
    """The time in words and, as it may be any number, in milliseconds."""
    shown = f"{operation.time_ms} ms since 1970"
    if operation.time_ms > DATE_MS_MAX:
        return f"set ledger time to {shown}"
    date = datetime.fromtimestamp(operation.time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"set ledger time to {date}, {shown}"


_WORDS: Mapping[type[ControlOperation], Callable[[Any], str]] = {
    RegisterInstitution: lambda o: f"admit an institution as home {o.home}, with endorser key {o.key.key.hex()}",
    SuspendInstitution: lambda o: f"{'suspend' if o.suspended else 'resume'} home {o.home}",
    RekeyInstitution: lambda o: f"replace the endorser key of home {o.home} by {o.key.key.hex()}",
    SetSuccessor: lambda o: f"end home {o.home}; home {o.successor} serves its coins",
    SubstituteKey: lambda o: f"let a substitute key endorse for home {o.home}: {o.key.key.hex()}",
    Quota: lambda o: f"let at most {worth_text(o.asset, o.value)} be issued into home {o.home}, net of redemption",
    Officers: _officers,
    RegisterAsset: _asset,
    ActivateRules: lambda o: f"let version {o.version} of the rules judge",
    ClockOperation: _clock,
    ReceiptKey: lambda o: f"{'admit' if o.active else 'end'} the receipt key {o.key.key.hex()}",
    Freeze: lambda o: f"freeze {_target(o)}",
    Unfreeze: lambda o: f"unfreeze {_target(o)}",
    OrderedMove: lambda o: f"move the frozen coin {o.coin_id.hex()} by order",
}
