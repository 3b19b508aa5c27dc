"""Who may ask what, and how recent an answer must be."""

from collections import OrderedDict
from typing import Any

from starlette.requests import Request

from tongbao.errors import RequestError
from tongbao.institutions.institution import Institution, Repeatable
from tongbao.institutions.premises import key_reused
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.service.authentication import Caller
from tongbao.service.operation import Call

__all__ = [
    "RecentKeys",
    "demand_home",
    "demand_teller",
    "demand_wallet",
    "key_of_caller",
    "reach",
    "repeatable",
    "wallet_of",
]

_SEQUENCE_DIGITS_MAX = 18
_KEYS_REMEMBERED = 32_768  # ten megabytes, and the requests of a busy half minute


def _forbidden(who: str) -> RequestError:
    return RequestError(
        f"only {who} may ask for this", code="FORBIDDEN", field="signature-input", cure=f"sign the request as {who}"
    )


def wallet_of(caller: Caller) -> bytes:
    """The id of the wallet that asks."""
    kind, _, name = caller.key_id.partition(":")
    if kind != "wallet":
        raise _forbidden("a wallet")
    return bytes.fromhex(name)


def demand_wallet(caller: Caller, wallet_id: bytes) -> None:
    """Return if that very wallet asks."""
    if wallet_of(caller) != wallet_id:
        raise _forbidden("the wallet itself")


def demand_teller(caller: Caller) -> None:
    """Return if a teller asks."""
    if caller.key_id != "teller":
        raise _forbidden("a teller")


def demand_home(caller: Caller, home: int) -> None:
    """Return if that very home asks."""
    if caller.key_id != f"home:{home}":
        raise _forbidden(f"home:{home}")


def key_of_caller(caller: Caller) -> bytes:
    """The raw key that asks, which nobody knows here yet."""
    kind, _, name = caller.key_id.partition(":")
    if kind != "key":
        raise _forbidden("the new wallet's key (key:<public key>)")
    return bytes.fromhex(name)


class RecentKeys:
    """Which Idempotency-Keys came lately, and with what, for requests whose repetition is harmless by itself.

    An order's number, a preparation's anchor and a transaction's id make these happen once, however long ago they came
    first. What is remembered here only tells a caller that mixes up his keys, so it may be forgotten.
    """

    def __init__(self) -> None:
        self._hashes: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def demand_same(self, call: Call[Any, Any]) -> None:
        """Return unless the key came with another request."""
        named, found = (call.caller.key_id, call.idempotency_key), await call.request_hash()
        if self._hashes.setdefault(named, found) != found:
            raise key_reused()
        if len(self._hashes) > _KEYS_REMEMBERED:
            self._hashes.popitem(last=False)


async def reach(institution: Institution, request: Request, *, with_coins: bool = False) -> None:
    """Wait for the batch that the asker knows of; `with_coins` also for the coins that it brought to this home."""
    text = request.headers.get(MINIMUM_SEQUENCE_HEADER)
    if text is None:
        return
    if not (text.isascii() and text.isdecimal() and len(text) <= _SEQUENCE_DIGITS_MAX):
        raise RequestError(
            f"{MINIMUM_SEQUENCE_HEADER} must be a batch's number",
            code="INVALID_FIELD",
            field=MINIMUM_SEQUENCE_HEADER,
            cure="send the sequence of an answer that you have",
        )
    await institution.reach(int(text), with_coins=with_coins)


async def repeatable(institution: Institution, call: Call[Any, Any]) -> Repeatable:
    """What makes a repeat of this request the same request."""
    return institution.repeatable(call.caller.key_id, call.idempotency_key, await call.request_hash())
