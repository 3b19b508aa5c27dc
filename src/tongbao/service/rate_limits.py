"""How much each caller may ask, so that one who asks without end leaves room for the others.

Whoever signs is counted under his key id, and differently for each kind of party; whoever does not sign, or signs with
a key that anyone can make up, under the address that he asks from. An allowance fills up evenly while nothing is asked
(the generic cell rate algorithm: one number per caller). Every answer says what is left, in the header fields of the
Internet-Draft draft-ietf-httpapi-ratelimit-headers.
"""

import asyncio
import math
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from tongbao.errors import RateLimitedError

__all__ = ["HEADERS", "Allowance", "RateLimitSettings", "RateLimits", "rate_limit_headers"]

HEADERS: Final = ("RateLimit-Policy", "RateLimit")

# Those who asked lately: ten megabytes. Who is forgotten has his whole allowance again.
CALLERS_REMEMBERED_MAX: Final = 65_536
# Beyond this nobody counts, and a rate is a typing error.
PER_S_MAX: Final = 1_000_000
BURST_MAX: Final = 100_000_000

_SCOPE_KEY: Final = "tongbao.rate_limit"
# Kinds of key ids that stand for a party somebody has let in. Any number of others can be made up.
_KNOWN_KINDS: Final = frozenset({"wallet", "teller", "home", "officer"})
_ADDRESS: Final = "address"
_OTHER: Final = "other"
_SUBSCRIBER_BYTES: Final = 8  # of an IPv6 address; the rest is his to choose


class Allowance(BaseModel):
    """How much one caller may ask: `burst` requests at once, filled up again by `per_s` a second."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_s: Annotated[float, Field(gt=0, le=PER_S_MAX, allow_inf_nan=False)]
    burst: Annotated[int, Field(ge=1, le=BURST_MAX)]


class RateLimitSettings(BaseModel):
    """The allowance of one caller of each kind.

    Attributes:
        address: of all who do not sign, or sign with a key that nobody has let in, from one address; a reverse proxy
            is one address.
        wallet: one wallet; a shop's sells a hundred times a second.
        teller: all tellers of an institution together, who also run payrolls.
        home: one institution, which speaks for all its customers.
        officer: one officer.
        other: whoever signs as anything else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Allowance = Allowance(per_s=1_000, burst=60_000)
    wallet: Allowance = Allowance(per_s=100, burst=6_000)
    teller: Allowance = Allowance(per_s=1_000, burst=60_000)
    home: Allowance = Allowance(per_s=10_000, burst=600_000)
    officer: Allowance = Allowance(per_s=100, burst=6_000)
    other: Allowance = Allowance(per_s=100, burst=6_000)


class RateLimits:
    """Counts what each caller asks."""

    def __init__(self, settings: RateLimitSettings, *, now_s: Callable[[], float] | None = None) -> None:
        self._now_s = now_s
        self._rates = {kind: _Rate(kind, allowance) for kind, allowance in settings}
        # When each caller's allowance will be whole again.
        self._whole_at_s: dict[str, float] = {}

    def count(self, key_id: str, scope: Scope) -> None:
        """Count one request of the party with that key id, "" for nobody, and let its answer say what is left.

        Raises:
            RateLimitedError: the caller's allowance is used up; nothing was done, and nothing is counted.
        """
        kind, caller = _counted_as(key_id, scope)
        rate, now_s = self._rates[kind], self._now()
        whole_at_s = max(self._whole_at_s.get(caller, now_s), now_s)
        taken_s = whole_at_s - now_s + rate.interval_s
        if taken_s > rate.window_s + rate.tolerance_s:
            wait_s = math.ceil(taken_s - rate.window_s)
            scope[_SCOPE_KEY] = rate.headers(left=0, whole_in_s=taken_s - rate.interval_s)
            raise RateLimitedError(rate.told, retry_after_s=wait_s)
        if len(self._whole_at_s) >= CALLERS_REMEMBERED_MAX:
            self._forget(now_s)
        self._whole_at_s[caller] = now_s + taken_s
        left = int((rate.window_s - taken_s) / rate.interval_s + rate.tolerance_s)
        scope[_SCOPE_KEY] = rate.headers(left=left, whole_in_s=taken_s)

    def _now(self) -> float:
        return self._now_s() if self._now_s is not None else asyncio.get_running_loop().time()

    def _forget(self, now_s: float) -> None:
        """Forget those whose allowance is whole; where that is too few, also those who came first."""
        kept = [(caller, at_s) for caller, at_s in self._whole_at_s.items() if at_s > now_s]
        self._whole_at_s = dict(kept[-CALLERS_REMEMBERED_MAX // 2 :])


class _Rate:
    """What follows from an allowance."""

    def __init__(self, kind: str, allowance: Allowance) -> None:
        self.interval_s = 1 / allowance.per_s
        self.window_s = allowance.burst / allowance.per_s
        # A sum of many intervals misses their product by rounding.
        self.tolerance_s = self.interval_s / 1_000
        self.told = f"this {kind} asked {allowance.burst} times, and goes on beyond {allowance.per_s:g} times a second"
        self._policy = (b"ratelimit-policy", f'"{kind}";q={allowance.burst};w={math.ceil(self.window_s)}'.encode())
        self._kind = kind

    def headers(self, *, left: int, whole_in_s: float) -> list[tuple[bytes, bytes]]:
        return [self._policy, (b"ratelimit", b'"%s";r=%d;t=%d' % (self._kind.encode(), left, math.ceil(whole_in_s)))]


def _counted_as(key_id: str, scope: Scope) -> tuple[str, str]:
    """The kind of caller, and the name under which he is counted."""
    kind = key_id.partition(":")[0]
    if kind in _KNOWN_KINDS:
        return kind, key_id
    if kind and kind != "key":
        return _OTHER, key_id
    client = scope.get("client")
    return _ADDRESS, _place_of(client[0]) if client else ""


def _place_of(address: str) -> str:
    """What one subscriber asks from: of IPv6, everybody has as many addresses as he likes in a network of 64 bits."""
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or IPv6Network((found.packed[:_SUBSCRIBER_BYTES] + bytes(8), 64)))


def rate_limit_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """What the answer to a counted request says of its caller's allowance."""
    found: list[tuple[bytes, bytes]] = scope.get(_SCOPE_KEY, [])
    return found
