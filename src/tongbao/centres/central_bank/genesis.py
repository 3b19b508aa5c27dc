"""Genesis of a new network from what people decide about it: names, keys, thresholds. Pure; others write it down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tongbao.coin import Genesis, GenesisInstitution, HashKind, Limits, PublicKey
from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.suites import is_usable
from tongbao.errors import RequestError

__all__ = ["NetworkDescription", "OfficerKeys", "new_genesis"]

APPROVALS_NEEDED = 2
"""Of each authority's officers, unless it is decided otherwise: no one alone, and one may be away."""

FIRST_RULES = 2  # with all suites: phones, passkeys and SM2 cards need no order of the officers first

CURE_KEY = "make a new Ed25519 key pair, keep its secret seed, and name its public key"


@dataclass(frozen=True, slots=True)
class OfficerKeys:
    """Who approves.

    Attributes:
        keys: of the officers.
        threshold: how many of them must agree.
    """

    keys: Sequence[PublicKey]
    threshold: int = APPROVALS_NEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDescription:
    """What is decided about a new network.

    Attributes:
        name: of the currency, for people.
        time_ms: ledger time of its first moment.
        test_network: whether seeds, free heartbeats and other aids of testing are allowed.
        officers: of each authority.
        central_bank_key: the endorser key of home 0.
        institutions: endorser key of each, the first of home 1.
        quota_fen: the most that may be issued into each of them, net of redemption.
        receipt_keys: of the registration centre.
        asset_code: the currency's short name.
        hash_kind: the ledger's H.
        limits: of a transaction and a batch.
    """

    name: str
    time_ms: int
    test_network: bool
    officers: dict[AuthorityKind, OfficerKeys]
    central_bank_key: PublicKey
    institutions: Sequence[PublicKey]
    quota_fen: int
    receipt_keys: Sequence[PublicKey]
    asset_code: str = "CNY"
    hash_kind: HashKind = HashKind.SHA256
    limits: Limits = field(default_factory=Limits)


def new_genesis(description: NetworkDescription) -> Genesis:
    """The genesis that the description makes.

    Raises:
        RequestError: it names the part of the description that no genesis can have, or that nobody should want: a key
            for which nobody can sign, or everybody.
    """
    for name, key in _named_keys(description):
        _demand_usable(name, key)
    authorities = [
        Officers(authority, each.threshold, tuple(each.keys))
        for authority, each in sorted(description.officers.items())
    ]
    institutions = [
        GenesisInstitution(home, key, description.quota_fen) for home, key in enumerate(description.institutions, 1)
    ]
    return Genesis(
        name=description.name,
        hash_kind=description.hash_kind,
        test_network=description.test_network,
        time_ms=description.time_ms,
        rules=FIRST_RULES,
        asset_code=description.asset_code,
        limits=description.limits,
        authorities=tuple(authorities),
        central_bank_key=description.central_bank_key,
        institutions=tuple(institutions),
        receipt_keys=tuple(description.receipt_keys),
    )


def _named_keys(description: NetworkDescription) -> Iterator[tuple[str, PublicKey]]:
    """Every key of the description, by the name that whoever made it knows it by."""
    for authority, officers in sorted(description.officers.items()):
        for number, key in enumerate(officers.keys, 1):
            yield f"officers.{authority.name.lower()}[{number}]", key
    yield "central_bank_key", description.central_bank_key
    for home, key in enumerate(description.institutions, 1):
        yield f"institutions[{home}]", key
    for number, key in enumerate(description.receipt_keys, 1):
        yield f"receipt_keys[{number}]", key


def _demand_usable(name: str, key: PublicKey) -> None:
    """Raise `RequestError` where the kernel would not let control set the key; genesis is not judged by anybody."""
    if not is_usable(key):
        raise RequestError(
            f"the key {name}, {key.key.hex()}, is not one that its owner and nobody else can sign for",
            field=name,
            cure=CURE_KEY,
        )
