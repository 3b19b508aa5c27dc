"""Whether a chain of supply statements fits together, and fits the orders by which money was made and ended."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tongbao.evidence.supply_order import Moved, SupplyOrder
from tongbao.evidence.supply_statement import AssetSupply, SupplyStatement

__all__ = ["SupplyFault", "SupplyFinding", "check_growth", "check_statements"]


class SupplyFault(enum.StrEnum):
    """What does not fit."""

    SIGNATURE = "signature"
    """A statement is not signed by the log, or cannot be read."""
    NETWORK = "network"
    """It is of another network."""
    FORK = "fork"
    """Two statements of one number say different things: the centre has two histories."""
    LINK = "link"
    """It does not name the statement before it."""
    MISSING = "missing"
    """A statement between two others is not there, so that they cannot be linked."""
    ORDER_OF_TIME = "order-of-time"
    """Batch, time or log go backwards."""
    SUM = "sum"
    """Its own figures do not add up."""
    SHRUNK = "shrunk"
    """Less was ever issued or redeemed than an earlier statement says."""
    GROWTH = "growth"
    """What was issued or redeemed since the statement before is not what the published orders say."""
    ORDER = "order"
    """A published order does not hold: approvals, receipt, or what it is."""
    UNLOGGED = "unlogged"
    """The transparency log does not hold it: whoever reads the log was told something else, or nothing."""
    LOG_HISTORY = "log-history"
    """The log does not begin with what it was when the statement was made: it was shortened, or made anew."""
    LOG = "log"
    """The log's checkpoint or one of its tiles is missing, or is not what was signed."""
    JOURNAL = "journal"
    """The journal comes to other figures."""


@dataclass(frozen=True, slots=True)
class SupplyFinding:
    """Something that does not fit.

    Attributes:
        fault: of which kind.
        number: of the statement; 0 where it is about none.
        detail: for people.
    """

    fault: SupplyFault
    number: int
    detail: str


def check_statements(statements: Sequence[SupplyStatement]) -> list[SupplyFinding]:
    """What does not fit within the statements and between them; they are of one network and ascend by number."""
    findings = [finding for each in statements for finding in _within(each)]
    for earlier, later in pairwise(statements):
        findings += _between(earlier, later)
    return findings


def _within(statement: SupplyStatement) -> Iterator[SupplyFinding]:
    for asset in statement.assets:
        for detail in _wrong_sums(asset):
            yield SupplyFinding(SupplyFault.SUM, statement.number, f"asset {asset.asset}: {detail}")


def _wrong_sums(asset: AssetSupply) -> Iterator[str]:
    """What does not add up, each a sentence."""
    homes = asset.homes
    for name, told, counted in (
        ("outstanding is not issued less redeemed", asset.outstanding, asset.issued - asset.redeemed),
        ("the tree's coins are not worth what is outstanding", asset.root.total, asset.outstanding),
        ("the homes have not issued what all have", sum(each.issued for each in homes), asset.issued),
        ("the homes have not redeemed what all have", sum(each.redeemed for each in homes), asset.redeemed),
        ("the homes' coins are not what is outstanding", sum(each.unspent for each in homes), asset.outstanding),
        ("more or less flowed in than out", sum(each.inflow for each in homes), sum(each.outflow for each in homes)),
    ):
        if told != counted:
            yield f"{name}: {told} and {counted}"
    for each in homes:
        left = each.issued - each.redeemed + each.inflow - each.outflow
        if each.unspent != left:
            yield f"home {each.home} has {each.unspent} unspent, and by its flows {left}"


def _between(earlier: SupplyStatement, later: SupplyStatement) -> Iterator[SupplyFinding]:
    def found(fault: SupplyFault, detail: str) -> SupplyFinding:
        return SupplyFinding(fault, later.number, detail)

    if later.number != earlier.number + 1:
        yield found(SupplyFault.MISSING, f"statements {earlier.number + 1} to {later.number - 1} are not there")
    elif later.previous != earlier.entry():
        yield found(SupplyFault.LINK, f"it names another statement than number {earlier.number} as the one before it")
    if later.sequence <= earlier.sequence or later.time_ms < earlier.time_ms:
        yield found(
            SupplyFault.ORDER_OF_TIME,
            f"batch {earlier.sequence} at {earlier.time_ms} ms is followed by {later.sequence} at {later.time_ms} ms",
        )
    if earlier.log is not None and (later.log is None or later.log.size < earlier.log.size):
        yield found(SupplyFault.ORDER_OF_TIME, f"the log had {earlier.log.size} entries before, and has fewer now")
    yield from [found(SupplyFault.SHRUNK, detail) for detail in _shrunk(earlier, later)]


def _shrunk(earlier: SupplyStatement, later: SupplyStatement) -> Iterator[str]:
    """What was more before, though it only ever grows."""
    for what in ("issued", "redeemed"):
        before, after = _figures(earlier, what), _figures(later, what)
        for asset, home in sorted(before):
            if after.get((asset, home), 0) < before[asset, home]:
                yield f"asset {asset} at home {home}: less was ever {what} than before"


def _figures(statement: SupplyStatement | None, what: str) -> Moved:
    """Issued or redeemed by asset and home; nothing before the first statement."""
    if statement is None:
        return {}
    return {(asset.asset, home.home): getattr(home, what) for asset in statement.assets for home in asset.homes}


def check_growth(statements: Sequence[SupplyStatement], orders: Sequence[SupplyOrder]) -> list[SupplyFinding]:
    """Where more or less was issued or redeemed between two statements than the orders, which hold, say.

    The first statement counts from genesis on.
    """
    findings = []
    earlier: SupplyStatement | None = None
    for later in statements:
        since = -1 if earlier is None else earlier.sequence
        between = [each for each in orders if since < each.sequence <= later.sequence]
        for what in ("issued", "redeemed"):
            ordered = _added([each.issued() if what == "issued" else each.redeemed() for each in between])
            before, after = _figures(earlier, what), _figures(later, what)
            for place in sorted(before.keys() | after.keys() | ordered.keys()):
                grown, due = after.get(place, 0) - before.get(place, 0), ordered.get(place, 0)
                if grown != due:
                    findings.append(SupplyFinding(SupplyFault.GROWTH, later.number, _growth(place, what, grown, due)))
        earlier = later
    return findings


def _added(each_moved: Sequence[Moved]) -> Moved:
    total: Moved = {}
    for moved in each_moved:
        for place, value in moved.items():
            total[place] = total.get(place, 0) + value
    return total


def _growth(place: tuple[int, int], what: str, grown: int, due: int) -> str:
    asset, home = place
    return f"asset {asset} at home {home}: {grown} was {what} since the statement before, and {due} by published orders"
