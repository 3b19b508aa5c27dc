"""Who asks and what he may ask, and how recent an answer must be.

Key ids: `teller`, `home:12`, `wallet:` and `till:` with 32 digits of hexadecimal, `key:` and `watcher:` with 64; each
party has one spelling.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.requests import Request

from tongbao.coin.address import WALLET_ID_BYTES
from tongbao.errors import RequestError
from tongbao.institutions.institution import Institution, Repeatable
from tongbao.institutions.orders.orders import OrderMaker
from tongbao.institutions.premises import key_reused
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.till import TILL_ID_BYTES
from tongbao.service.authentication import Authenticate, Caller, OwnNames, authenticated_by_any, home_of
from tongbao.service.operation import Call

__all__ = [
    "RecentKeys",
    "authentication",
    "demand_home",
    "demand_reader",
    "demand_teller",
    "demand_wallet",
    "home_of_caller",
    "key_of_caller",
    "maker_of",
    "reach",
    "repeatable",
    "till_of",
    "wallet_of",
]

_TELLER = "teller"
_KEY_BYTES = 32  # an Ed25519 key
_SEQUENCE_DIGITS_MAX = 18
_KEYS_REMEMBERED = 32_768  # ten megabytes, and the requests of a busy half minute


class _Clock(Protocol):
    def now_ms(self) -> int: ...


def authentication(institution: Institution, clock: _Clock, own_names: OwnNames | None = None) -> Authenticate:
    """Prove who asks: a wallet, a home, a new wallet's key or a teller."""
    known = _Known(institution)
    prove = authenticated_by_any(known.public_keys_of, clock, own_names=own_names)
    prove_anew = authenticated_by_any(known.public_keys_learnt_anew, clock, own_names=own_names)

    async def authenticate(request: Request) -> Caller:
        try:
            return await prove(request)
        except RequestError as error:
            if error.code != "SIGNATURE_INVALID":
                raise
        # Control may have given the home another key a moment ago.
        return await prove_anew(request)

    return authenticate


class _Known:
    """Those whom an institution knows, by their key ids."""

    def __init__(self, institution: Institution) -> None:
        self._institution = institution

    async def public_keys_of(self, key_id: str) -> Sequence[bytes]:
        """The keys that speak for a key id; none where nobody is known by it."""
        wallet_id = _named(key_id, "wallet", length=WALLET_ID_BYTES)
        if wallet_id is not None:
            return _as_keys(await self._institution.wallet_key(wallet_id))
        home = home_of(key_id)
        if home is not None:
            return await self._institution.home_keys(home)
        if key_id == _TELLER:
            return (self._institution.teller_key,)
        till_id = till_of(key_id)
        if till_id is not None:
            return _as_keys(await self._institution.shops.tills.key(till_id))
        watcher = _named(key_id, "watcher", length=_KEY_BYTES)
        if watcher is not None:
            return () if await self._institution.watchers.watched(watcher) is None else (watcher,)
        return _as_keys(_named(key_id, "key", length=_KEY_BYTES))

    async def public_keys_learnt_anew(self, key_id: str) -> Sequence[bytes]:
        """The same after a question to the centre, where that may make a difference."""
        if home_of(key_id) is not None:
            await self._institution.learn_home_keys()
        return await self.public_keys_of(key_id)


def _as_keys(key: bytes | None) -> tuple[bytes, ...]:
    return () if key is None else (key,)


def _named(key_id: str, kind: str, *, length: int) -> bytes | None:
    """The bytes that a key id of this kind names, written in the only way that counts."""
    found, _, digits = key_id.partition(":")
    if found != kind or len(digits) != 2 * length:
        return None
    try:
        name = bytes.fromhex(digits)
    except ValueError:
        return None
    return name if name.hex() == digits else None


def _forbidden(who: str) -> RequestError:
    return RequestError(
        f"only {who} may ask for this", code="FORBIDDEN", field="signature-input", cure=f"sign the request as {who}"
    )


def wallet_of(caller: Caller) -> bytes:
    """The id of the wallet that asks."""
    wallet_id = _named(caller.key_id, "wallet", length=WALLET_ID_BYTES)
    if wallet_id is None:
        raise _forbidden("a wallet")
    return wallet_id


def till_of(key_id: str) -> bytes | None:
    """The till that a key id names, if it names one."""
    return _named(key_id, "till", length=TILL_ID_BYTES)


async def maker_of(caller: Caller, institution: Institution) -> OrderMaker:
    """The merchant or the till that asks."""
    till_id = till_of(caller.key_id)
    if till_id is None:
        return OrderMaker(wallet_of(caller))
    return await institution.shops.tills.maker(till_id)


def demand_wallet(caller: Caller, wallet_id: bytes) -> None:
    """Return if that very wallet asks."""
    if wallet_of(caller) != wallet_id:
        raise _forbidden("the wallet itself")


async def demand_reader(caller: Caller, wallet_id: bytes, institution: Institution) -> None:
    """Return if that very wallet asks, or one who may see it."""
    watcher = _named(caller.key_id, "watcher", length=_KEY_BYTES)
    if watcher is None:
        demand_wallet(caller, wallet_id)
    elif await institution.watchers.watched(watcher) != wallet_id:
        raise _forbidden("the wallet itself, or as a watcher of it")


def demand_teller(caller: Caller) -> None:
    """Return if a teller asks."""
    if caller.key_id != _TELLER:
        raise _forbidden("a teller")


def demand_home(caller: Caller, home: int) -> None:
    """Return if that very home asks."""
    if home_of(caller.key_id) != home:
        raise _forbidden(f"home:{home}")


def home_of_caller(caller: Caller) -> int:
    """The number of the institution that asks; the central bank knows keys, and asks nobody for people."""
    home = home_of(caller.key_id)
    if home is None or home == CENTRAL_BANK:
        raise _forbidden("an institution")
    return home


def key_of_caller(caller: Caller) -> bytes:
    """The raw key that asks, which nobody knows here yet."""
    key = _named(caller.key_id, "key", length=_KEY_BYTES)
    if key is None:
        raise _forbidden("the new wallet's key (key:<public key>)")
    return key


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
