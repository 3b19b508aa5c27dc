"""What a holder gets to see that its coin is counted in a supply statement: both parts' ways up the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.coin.coin import Input
from tongbao.coin.encoding import Reader, demand_unsigned, u8, u64
from tongbao.errors import RequestError
from tongbao.evidence.signing import VerifierKey
from tongbao.evidence.supply_statement import SupplyStatement, open_statement
from tongbao.evidence.supply_tree import DEPTH_MAX, NODE_BYTES, PARTS, SALT_BYTES, SumNode, SupplyPart, root_from_path

__all__ = ["CoinProof", "CoinProofInvalidError", "CountedCoin", "PartProof", "prove_counted"]

COIN_PROOF_VERSION = 1


class CoinProofInvalidError(RequestError):
    """A proof that does not show the coin to be counted."""

    code = "COIN_PROOF_INVALID"


@dataclass(frozen=True, slots=True)
class PartProof:
    """One part of a coin and its way up.

    Attributes:
        salt: 24 bytes.
        value: of the part.
        index: its place among the leaves.
        path: the nodes beside its way, from the leaves up.
    """

    salt: bytes
    value: int
    index: int
    path: tuple[SumNode, ...]

    def __post_init__(self) -> None:
        demand_unsigned("index", self.index, bits=DEPTH_MAX)

    def encode(self) -> bytes:
        """Salt, value, place, path."""
        return self.salt + u64(self.value) + u64(self.index) + b"".join([node.encode() for node in self.path])


@dataclass(frozen=True, slots=True)
class CoinProof:
    """A coin and its parts.

    Attributes:
        number: of the statement in which it is counted.
        opening: the coin, with what its id commits to.
        parts: two, of different leaves.
    """

    number: int
    opening: Input
    parts: tuple[PartProof, ...]

    def encode(self) -> bytes:
        """Version, number, opening, depth, parts."""
        depth = len(self.parts[0].path)
        start = u8(COIN_PROOF_VERSION) + u64(self.number) + self.opening.encode() + u8(depth)
        return start + b"".join([part.encode() for part in self.parts])

    @staticmethod
    def decode(data: bytes) -> "CoinProof":
        """The proof whose whole encoding is `data`; `verify` says whether it proves anything."""
        reader = Reader(data, "coin proof")
        if reader.u8() != COIN_PROOF_VERSION:
            raise reader.error("the version is unknown")
        number, opening, depth = reader.u64(), Input.read(reader), reader.u8()
        if depth > DEPTH_MAX:
            raise reader.error(f"a path has at most {DEPTH_MAX} nodes")
        parts = tuple(_read_part(reader, depth) for _ in range(PARTS))
        reader.finish()
        return CoinProof(number, opening, parts)

    def verify(self, statement: SupplyStatement) -> None:
        """Return if the coin is counted, whole, in a statement whose signature was verified before.

        Raises:
            CoinProofInvalidError: it is not.
        """
        coin = self.opening.coin
        supply = statement.asset(coin.asset)
        if self.number != statement.number or supply is None:
            raise CoinProofInvalidError("the proof is of another statement", field="number")
        if len({part.index for part in self.parts}) != PARTS:
            raise CoinProofInvalidError("one leaf stands for both parts of the coin", field="index")
        if sum(part.value for part in self.parts) != coin.value:
            raise CoinProofInvalidError("the parts are not worth what the coin is", field="value")
        coin_id = self.opening.coin_id(statement.domain)
        for part in self.parts:
            if supply.leaves != 1 << len(part.path):
                raise CoinProofInvalidError("the path is not as long as the tree is high", field="path")
            if _root(part, coin_id) != supply.root:
                raise CoinProofInvalidError("the path does not lead to the root and the total stated", field="path")


def _read_part(reader: Reader, depth: int) -> PartProof:
    salt, value, index = reader.take(SALT_BYTES), reader.u64(), reader.u64()
    path = tuple(SumNode.decode(reader.take(NODE_BYTES)) for _ in range(depth))
    return reader.build(PartProof, salt, value, index, path)


def _root(part: PartProof, coin_id: bytes) -> SumNode:
    try:
        return root_from_path(SupplyPart(part.salt, coin_id, part.value).leaf(), part.path, index=part.index)
    except RequestError as error:
        raise CoinProofInvalidError(str(error), field=error.field) from None


@dataclass(frozen=True, slots=True)
class CountedCoin:
    """A coin that is proven to be counted.

    Attributes:
        opening: the coin.
        statement: in which.
    """

    opening: Input
    statement: SupplyStatement


def prove_counted(proof: bytes, statement: bytes, keys: Sequence[VerifierKey]) -> CountedCoin:
    """The coin that a proof shows to be counted in a signed statement; needs the log's public keys and nothing else.

    Raises:
        CoinProofInvalidError: it shows no such thing.
        SignedTextInvalidError: the statement is not the log's.
        DecodingError: one of them is something else.
    """
    opened = open_statement(statement, keys)
    shown = CoinProof.decode(proof)
    shown.verify(opened)
    return CountedCoin(shown.opening, opened)
