"""The tagged hash H and the domain in which every id of one currency is computed."""

import enum
import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from tongbao.coin.encoding import demand_bytes

__all__ = ["Domain", "HashKind", "tagged_hash"]

HASH_BYTES = 32


class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...
    def copy(self) -> "_Hasher": ...


class HashKind(enum.IntEnum):
    """The ledger's H, fixed by genesis."""

    SHA256 = 1
    SM3 = 2

    @property
    def algorithm(self) -> str:
        """The name under which hashlib knows it."""
        return {HashKind.SHA256: "sha256", HashKind.SM3: "sm3"}[self]


def tagged_hash(kind: HashKind, tag: str, data: bytes) -> bytes:
    """H: the tag keeps a hash made for one purpose from meaning anything for another."""
    prefix = tag.encode("ascii")
    return hashlib.new(kind.algorithm, bytes((len(prefix),)) + prefix + data).digest()


@dataclass(frozen=True)
class Domain:
    """What ids depend on besides their content, so that nothing signed for one network counts on another.

    Attributes:
        network_id: 32 bytes, the hash of genesis.
        hash_kind: the ledger's H.
    """

    network_id: bytes
    hash_kind: HashKind
    _prefixes: dict[str, _Hasher] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        demand_bytes("network_id", self.network_id, length=HASH_BYTES)

    def hash(self, tag: str, data: bytes) -> bytes:
        """H(tag, data), 32 bytes."""
        prefix = self._prefixes.get(tag)
        if prefix is None:
            name = tag.encode("ascii")
            prefix = hashlib.new(self.hash_kind.algorithm, bytes((len(name),)) + name)
            self._prefixes[tag] = prefix
        hasher = prefix.copy()
        hasher.update(data)
        return hasher.digest()

    def untagged_hash(self, data: bytes) -> bytes:
        """The bare hash, for the Merkle trees of RFC 6962, which separate their domains by a first byte."""
        return hashlib.new(self.hash_kind.algorithm, data).digest()

    def __reduce__(self) -> tuple[type["Domain"], tuple[bytes, HashKind]]:
        """Pickle without the prepared hashers: workers prepare their own."""
        return (Domain, (self.network_id, self.hash_kind))
