"""The issuance vault: the only place where the bodies are made by which coins begin and end.

Nothing begins or ends by a body alone: an issue needs k of n officers, a redemption also its owner.

    body = issue_body([Coin(CURRENCY, 100_00, home, lock_id)], serial=1, expiry_ms=expiry_ms, reference=reference)
    body = redeem_body([coin.opening for coin in coins], expiry_ms=expiry_ms, reference=reference)
"""

from collections.abc import Sequence

from tongbao.coin.coin import Coin, Input
from tongbao.coin.transaction import Body, Kind
from tongbao.errors import RequestError

__all__ = ["issue_body", "redeem_body"]


def issue_body(coins: Sequence[Coin], *, serial: int, expiry_ms: int, reference: bytes) -> Body:
    """The body that makes `coins`; `serial` is the last plus one of their asset at their home.

    Raises:
        RequestError: there are none, or they are of different assets or homes, which no officer could approve at once.
    """
    if not coins:
        raise RequestError("an issue makes at least one coin", field="coins", cure="name the coins to be made")
    if len({(coin.asset, coin.home) for coin in coins}) > 1:
        raise RequestError(
            "the coins of one issue are of one asset at one home", field="coins", cure="ask for each home by itself"
        )
    if serial < 1:
        raise RequestError(f"serial must be at least 1, was {serial}", field="serial")
    return Body(Kind.ISSUE, expiry_ms, reference, outputs=tuple(coins), serial=serial)


def redeem_body(inputs: Sequence[Input], *, expiry_ms: int, reference: bytes) -> Body:
    """The body that ends the coins opened by `inputs`.

    Raises:
        RequestError: there are none, one is named twice, or they belong to different homes.
    """
    if not inputs:
        raise RequestError("a redemption ends at least one coin", field="inputs", cure="name the coins to be ended")
    if len(set(inputs)) < len(inputs):
        raise RequestError("a coin is named twice", field="inputs", cure="name each coin once")
    if len({spent.coin.home for spent in inputs}) > 1:
        raise RequestError(
            "the coins of one redemption belong to one home", field="inputs", cure="redeem for each home by itself"
        )
    return Body(Kind.REDEEM, expiry_ms, reference, inputs=tuple(inputs))
