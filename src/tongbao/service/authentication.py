"""Who is asking: the signature of a request, checked against the key that its signer is known by."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.requests import Request

from tongbao.coin.ed25519 import verify_fast
from tongbao.errors import RequestError
from tongbao.protocol.message_signature import SignableRequest, check_fresh, read_signature

__all__ = [
    "Authenticate",
    "Caller",
    "OwnNames",
    "authenticated",
    "authenticated_by_any",
    "home_of",
    "signable_request",
]

HOME_DIGITS_MAX: Final = 10
"""Of a u32, which numbers homes."""

_COVERED_HEADERS: Final = frozenset({b"content-digest", b"idempotency-key", b"signature", b"signature-input"})
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_IPV4_IN_IPV6: Final = "::ffff:"
"""Before an IPv4 address that a socket of IPv6 tells of."""


class _Clock(Protocol):
    def now_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """The party that signed the request."""

    key_id: str


Authenticate = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class OwnNames:
    """By what a request says that it is meant for this server; anybody else's was signed for another one.

    Whoever receives a signed request could pass it on to every other server that knows the key, if these did not ask
    for whom it was signed. Three things are this server's own: the address that the connection came to, `names`
    besides, and whatever is under `path`, since a path is signed as well.

    Attributes:
        names: hosts with their ports as clients write them, without a default port.
        path: which no other server of the network answers under, as "/homes/1/"; "" for none.
    """

    names: frozenset[str]
    path: str = ""

    @classmethod
    def of(cls, names: Collection[str], *, path: str = "") -> "OwnNames":
        """The same whatever letters are used."""
        return cls(frozenset(name.lower() for name in names), path)

    def demand(self, signable: SignableRequest, server: tuple[str, int | None] | None) -> None:
        """Return if the request is meant for the server whose socket is `server`; raises `RequestError`."""
        if self.path and signable.path.startswith(self.path):
            return
        own_names = self.names | _addresses(server)
        if signable.authority not in own_names:
            raise _not_for_us(signable.authority, own_names)


def _addresses(server: tuple[str, int | None] | None) -> frozenset[str]:
    """How the address of a socket is written by those who ask there; none of a socket without a port."""
    if server is None or server[1] is None:
        return frozenset()
    host, port = server[0].removeprefix(_IPV4_IN_IPV6), server[1]
    written = {f"[{host}]" if ":" in host else host}
    if host == "::1" or host.startswith("127."):
        written.add("localhost")
    return frozenset(each if f":{port}" in _DEFAULT_PORTS.values() else f"{each}:{port}" for each in written)


def home_of(key_id: str) -> int | None:
    """The home that a key id names, if it names one in the only form that counts, as `home:12`."""
    kind, _, number = key_id.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= HOME_DIGITS_MAX
    return int(number) if kind == "home" and is_number and number == str(int(number)) else None


def authenticated(
    public_key_of: Callable[[str], Awaitable[bytes | None]],
    clock: _Clock,
    *,
    own_names: OwnNames | None = None,
) -> Authenticate:
    """`authenticated_by_any` where each key id has one key; `public_key_of` gives it, or None."""

    async def public_keys_of(key_id: str) -> tuple[bytes, ...]:
        public_key = await public_key_of(key_id)
        return () if public_key is None else (public_key,)

    return authenticated_by_any(public_keys_of, clock, own_names=own_names)


def authenticated_by_any(
    public_keys_of: Callable[[str], Awaitable[Sequence[bytes]]],
    clock: _Clock,
    *,
    own_names: OwnNames | None = None,
) -> Authenticate:
    """Return a dependency that proves who the caller is; raises `RequestError` with a code of status 401.

    `public_keys_of` gives the Ed25519 keys that speak for a key id, as a home's own and its substitute; none where it
    is unknown. What is signed for another server than one of `own_names` is not accepted here, even if somebody passes
    it on; without them any name will do, as in a network that is played in memory.
    """

    async def authenticate(request: Request) -> Caller:
        signable = await signable_request(request)
        claimed = read_signature(signable)
        check_fresh(claimed, now_s=clock.now_ms() // 1000)
        if own_names is not None:
            own_names.demand(signable, request.scope.get("server"))
        public_keys = await public_keys_of(claimed.key_id)
        if not public_keys:
            raise _unknown(claimed.key_id)
        # No second, slow judgement here: that one keeps replicas of the ledger in agreement, and this is no ledger.
        if not any(verify_fast(public_key, claimed.signature, claimed.signed) for public_key in public_keys):
            raise _invalid(claimed.key_id)
        return Caller(claimed.key_id)

    return authenticate


async def signable_request(request: Request) -> SignableRequest:
    """Take from a request what its signature covers, byte for byte as it arrived."""
    scope = request.scope
    headers: dict[str, str] = {}
    host = ""
    for name, value in scope["headers"]:
        if name in _COVERED_HEADERS:
            text, key = value.decode("latin-1"), name.decode("ascii")
            # Sent twice, a header is one with a comma, which no signature of ours can be read from.
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        elif name == b"host":
            host = value.decode("latin-1").lower()
    return SignableRequest(
        method=scope["method"],
        authority=host.removesuffix(_DEFAULT_PORTS.get(scope["scheme"], ":")),
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=await request.body(),
    )


def _unknown(key_id: str) -> RequestError:
    return RequestError(
        f"nobody is known here by the key id {key_id}",
        code="UNAUTHENTICATED",
        field="signature-input",
        cure="register the key first, or sign with a key that is registered here",
    )


def _invalid(key_id: str) -> RequestError:
    return RequestError(
        f"the signature is not one of {key_id} over this request",
        code="SIGNATURE_INVALID",
        field="signature",
        cure="sign with the key registered for that key id, and send the request as it was signed",
    )


def _not_for_us(authority: str, own_names: Collection[str]) -> RequestError:
    return RequestError(
        f"the request is signed for {authority}, and this server is {' or '.join(sorted(own_names))}",
        code="UNAUTHENTICATED",
        field="host",
        cure="ask this server by its own name; its operator lists further ones as `names` in its configuration",
    )
