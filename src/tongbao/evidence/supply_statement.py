"""Supply statements: what the registration centre says, signed, of all money at one batch, and what follows from it.

A statement is a text of lines, signed as C2SP's signed-note describes by the key of the transparency log:

    tongbao/supply-statement/1
    number 12
    network 5f0c... sha256
    batch 3072 time_ms 1767225600000
    chain_head 9a41...
    state_digest 77d0...
    previous 03be...
    log 18021 c0ff...
    asset 0 issued 900000 redeemed 100000 outstanding 800000
    tree 0 leaves 16 total 800000 root 1d2e...
    home 0 1 issued 900000 redeemed 100000 inflow 0 outflow 300000 unspent 500000
    home 0 2 issued 0 redeemed 0 inflow 300000 outflow 0 unspent 300000

`previous` is `none` in the first, `log` is `none` where the centre kept no log. Every figure is in the asset's smallest
unit. There is one way to write a statement, and a reader takes no other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tongbao.coin.domain import HASH_BYTES, Domain, HashKind
from tongbao.coin.encoding import demand_bytes, demand_unsigned
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import SigningKey, VerifierKey, verify
from tongbao.evidence.supply_tree import DEPTH_MAX, LEAVES_MIN, SumNode

__all__ = ["AssetSupply", "HomeSupply", "LogStanding", "SupplyStatement", "open_statement", "sign_statement"]

FIRST_LINE = "tongbao/supply-statement/1"
ASSETS_MAX = 1024  # each takes two lines, and a text has at most a million bytes
HOMES_MAX = 4096  # of all assets together
FIGURE_BITS = 128

_NUMBER = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_HASH = re.compile(rf"[0-9a-f]{{{2 * HASH_BYTES}}}", re.ASCII)
_NONE = "none"


@dataclass(frozen=True, slots=True)
class HomeSupply:
    """One asset at one home since genesis.

    Attributes:
        home: its number.
        issued: made by issue transactions.
        redeemed: ended by redeem transactions.
        inflow: came from other homes.
        outflow: went to other homes.
        unspent: what its coins are worth.
    """

    home: int
    issued: int
    redeemed: int
    inflow: int
    outflow: int
    unspent: int

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)
        for name in ("issued", "redeemed", "inflow", "outflow", "unspent"):
            demand_unsigned(name, getattr(self, name), bits=FIGURE_BITS)


@dataclass(frozen=True, slots=True)
class AssetSupply:
    """One asset at all homes since genesis.

    Attributes:
        asset: its number; 0 is the currency.
        issued: made by issue transactions.
        redeemed: ended by redeem transactions.
        outstanding: issued less redeemed, if the statement is right.
        leaves: how many the tree over its coins has; a power of two.
        root: of that tree, with what its leaves are worth together.
        homes: ascending.
    """

    asset: int
    issued: int
    redeemed: int
    outstanding: int
    leaves: int
    root: SumNode
    homes: tuple[HomeSupply, ...]

    def __post_init__(self) -> None:
        demand_unsigned("asset", self.asset, bits=32)
        for name in ("issued", "redeemed", "outstanding"):
            demand_unsigned(name, getattr(self, name), bits=FIGURE_BITS)
        if self.leaves.bit_count() != 1 or not LEAVES_MIN <= self.leaves <= 1 << DEPTH_MAX:
            raise RequestError(f"a tree has a power of two leaves, at least {LEAVES_MIN}", field="leaves")
        homes = [each.home for each in self.homes]
        if homes != sorted(set(homes)):
            raise RequestError("homes ascend", field="home")

    def _lines(self) -> Iterator[str]:
        yield f"asset {self.asset} issued {self.issued} redeemed {self.redeemed} outstanding {self.outstanding}"
        yield f"tree {self.asset} leaves {self.leaves} total {self.root.total} root {self.root.hash.hex()}"
        for each in self.homes:
            yield (
                f"home {self.asset} {each.home} issued {each.issued} redeemed {each.redeemed} "
                f"inflow {each.inflow} outflow {each.outflow} unspent {each.unspent}"
            )


@dataclass(frozen=True, slots=True)
class LogStanding:
    """The transparency log when the statement was made.

    Attributes:
        size: how many entries it had.
        root: 32 bytes, over them.
    """

    size: int
    root: bytes

    def __post_init__(self) -> None:
        demand_unsigned("log", self.size, bits=63)
        demand_bytes("log", self.root, length=HASH_BYTES)


@dataclass(frozen=True, slots=True)
class SupplyStatement:
    """All money at one batch.

    Attributes:
        number: counts the statements of a network from 1.
        network_id: 32 bytes.
        hash_kind: the ledger's H.
        sequence: the batch.
        time_ms: its ledger time.
        chain_head: 32 bytes; commits to all history up to the batch.
        state_digest: 32 bytes; of the state after the batch.
        previous: the entry of the statement before, 32 bytes; None in the first.
        log: how long the log was; None where there was none.
        assets: ascending.
    """

    number: int
    network_id: bytes
    hash_kind: HashKind
    sequence: int
    time_ms: int
    chain_head: bytes
    state_digest: bytes
    previous: bytes | None
    log: LogStanding | None
    assets: tuple[AssetSupply, ...]

    def __post_init__(self) -> None:
        for name in ("network_id", "chain_head", "state_digest"):
            demand_bytes(name, getattr(self, name), length=HASH_BYTES)
        for name in ("number", "sequence", "time_ms"):
            demand_unsigned(name, getattr(self, name), bits=64)
        if self.previous is not None:
            demand_bytes("previous", self.previous, length=HASH_BYTES)
        if (self.number == 1) != (self.previous is None) or not self.number:
            raise RequestError("each statement but the first, number 1, names the one before it", field="previous")
        assets = [each.asset for each in self.assets]
        if assets != sorted(set(assets)) or len(assets) > ASSETS_MAX:
            raise RequestError(f"assets ascend, and are at most {ASSETS_MAX}", field="asset")
        if sum(len(each.homes) for each in self.assets) > HOMES_MAX:
            raise RequestError(f"a statement has at most {HOMES_MAX} homes", field="home")

    @property
    def domain(self) -> Domain:
        """In which ids of coins and entries of the log are computed."""
        return Domain(self.network_id, self.hash_kind)

    def asset(self, number: int) -> AssetSupply | None:
        """What it says of an asset; None where it says nothing, so that there is none of it."""
        return next((each for each in self.assets if each.asset == number), None)

    def entry(self) -> bytes:
        """The 32 bytes by which the log and the next statement name this one."""
        return self.domain.hash("tongbao/supply-leaf/1", self.encode().encode())

    def encode(self) -> str:
        """The text that is signed."""
        log = _NONE if self.log is None else f"{self.log.size} {self.log.root.hex()}"
        lines = (
            FIRST_LINE,
            f"number {self.number}",
            f"network {self.network_id.hex()} {self.hash_kind.algorithm}",
            f"batch {self.sequence} time_ms {self.time_ms}",
            f"chain_head {self.chain_head.hex()}",
            f"state_digest {self.state_digest.hex()}",
            f"previous {_NONE if self.previous is None else self.previous.hex()}",
            f"log {log}",
            *[line for each in self.assets for line in each._lines()],  # noqa: SLF001 - they are lines of this text
        )
        return "\n".join(lines) + "\n"

    @staticmethod
    def decode(text: str) -> "SupplyStatement":
        """The statement whose whole text is `text`.

        Raises:
            DecodingError: it is none.
        """
        try:
            statement = _Lines(text).statement()
        except DecodingError:
            raise
        except RequestError as error:
            raise DecodingError(f"it is no supply statement: {error}", field=error.field) from None
        if statement.encode() != text:
            raise DecodingError("the supply statement is not written in its one form")
        return statement


class _Lines:
    """Reads a text line by line and word by word."""

    def __init__(self, text: str) -> None:
        if not text.endswith("\n"):
            raise DecodingError("a supply statement consists of whole lines")
        self._lines = text[:-1].split("\n")
        self._at = 0

    def statement(self) -> SupplyStatement:
        self._take(FIRST_LINE)
        (number,) = self._take("number N")
        network_id, algorithm = self._take("network H A")
        sequence, time_ms = self._take("batch N time_ms N")
        (chain_head,) = self._take("chain_head H")
        (state_digest,) = self._take("state_digest H")
        previous = None if self._is("previous none") else _hash(self._take("previous H")[0])
        log = None if self._is("log none") else self._take("log N H")
        return SupplyStatement(
            number=int(number),
            network_id=_hash(network_id),
            hash_kind=_hash_kind(algorithm),
            sequence=int(sequence),
            time_ms=int(time_ms),
            chain_head=_hash(chain_head),
            state_digest=_hash(state_digest),
            previous=previous,
            log=None if log is None else LogStanding(int(log[0]), _hash(log[1])),
            assets=tuple(self._assets()),
        )

    def _assets(self) -> Iterator[AssetSupply]:
        while self._at < len(self._lines):
            asset, issued, redeemed, outstanding = self._take("asset N issued N redeemed N outstanding N")
            leaves, total, root = self._take(f"tree {asset} leaves N total N root H")
            homes = []
            while self._at < len(self._lines) and self._lines[self._at].startswith("home "):
                form = f"home {asset} N issued N redeemed N inflow N outflow N unspent N"
                homes.append(HomeSupply(*map(int, self._take(form))))
            node = SumNode(_hash(root), int(total))
            yield AssetSupply(int(asset), int(issued), int(redeemed), int(outstanding), int(leaves), node, tuple(homes))

    def _is(self, line: str) -> bool:
        if self._at < len(self._lines) and self._lines[self._at] == line:
            self._at += 1
            return True
        return False

    def _take(self, form: str) -> list[str]:
        """The variable words of the next line: N is a number, H a hash, A a name, and the rest stands as it is."""
        if self._at == len(self._lines):
            raise DecodingError(f"the supply statement ends where `{form}` belongs")
        wanted, found = form.split(" "), self._lines[self._at].split(" ")
        self._at += 1
        if len(wanted) != len(found) or not all(map(_fits, wanted, found)):
            raise DecodingError(f"line {self._at} of the supply statement is not `{form}`")
        return [word for what, word in zip(wanted, found, strict=True) if what in {"N", "H", "A"}]


def _fits(wanted: str, found: str) -> bool:
    match wanted:
        case "N":
            return _NUMBER.fullmatch(found) is not None
        case "H":
            return _HASH.fullmatch(found) is not None
        case "A":
            return found in {kind.algorithm for kind in HashKind}
        case _:
            return wanted == found


def _hash(digits: str) -> bytes:
    return bytes.fromhex(digits)


def _hash_kind(algorithm: str) -> HashKind:
    return next(kind for kind in HashKind if kind.algorithm == algorithm)


def sign_statement(statement: SupplyStatement, key: SigningKey) -> SignedText:
    """The statement under the key of the log."""
    text = statement.encode()
    return SignedText(text, (key.sign(text),))


def open_statement(data: bytes, keys: Sequence[VerifierKey]) -> SupplyStatement:
    """The statement that `data` holds, signed by one of the keys, which are the log's.

    Raises:
        SignedTextInvalidError: none of them signed it.
        DecodingError: it is none.
    """
    signed = SignedText.decode(data)
    verify(signed, keys)
    return SupplyStatement.decode(signed.text)
