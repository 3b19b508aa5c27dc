"""What the registration centre has stated of the supply, held against what the journal comes to at that batch."""

from collections.abc import Iterable, Iterator

from tongbao.audit.digest import state_digest
from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.history import History
from tongbao.audit.log import OwnLog
from tongbao.audit.report import Holding, holdings_of
from tongbao.evidence.supply_statement import AssetSupply, SupplyStatement

__all__ = ["demand_standing", "demand_statement"]


def demand_statement(statement: SupplyStatement, history: History, file: str) -> None:
    """Every figure of a statement on the batch that was followed last must be the auditor's.

    The root of its trees over salted coins is left out, since the salts are the centre's secret; its total is not.

    Raises:
        DivergenceError: at the first figure that is another.
    """
    _demand(statement, _figures(statement, history), file)


def demand_standing(statement: SupplyStatement, log: OwnLog, file: str) -> None:
    """What a statement says of the log, as it stood when the statement was made, must be so.

    Raises:
        DivergenceError: the log was never of that size, or had another root.
    """
    if statement.log is not None:
        size, root = statement.log.size, statement.log.root
        there = min(size, log.size)
        _demand(statement, [("log size", size, there), ("log root", root, log.root(there))], file)


_Figure = tuple[str, bytes | int | None, bytes | int | None]


def _demand(statement: SupplyStatement, figures: Iterable[_Figure], file: str) -> None:
    for name, stated, own in figures:
        if stated != own:
            shown = [each.hex() if isinstance(each, bytes) else each for each in (stated, own)]
            raise DivergenceError(
                Place(file, 0, statement.sequence),
                f"statement {statement.number} says {name} {shown[0]}, and the journal comes to {shown[1]}",
            )


def _figures(statement: SupplyStatement, history: History) -> Iterator[_Figure]:
    domain, holdings = history.basis.domain, holdings_of(history)
    yield "network", statement.network_id, domain.network_id
    yield "batch", statement.sequence, history.sequence
    yield "time_ms", statement.time_ms, history.time_ms
    yield "chain_head", statement.chain_head, history.chain_head
    yield "state_digest", statement.state_digest, state_digest(history.memory, domain)
    for asset in sorted({each.asset for each in statement.assets} | {each.asset for each in holdings}):
        yield from _of_asset(asset, statement.asset(asset), [each for each in holdings if each.asset == asset])


def _of_asset(asset: int, stated: AssetSupply | None, own: list[Holding]) -> Iterator[_Figure]:
    """The figures of one asset; what a statement leaves out is nothing."""
    issued, redeemed = sum(each.issued for each in own), sum(each.redeemed for each in own)
    if stated is None:
        yield f"asset {asset} issued", 0, issued
        return
    yield f"asset {asset} issued", stated.issued, issued
    yield f"asset {asset} redeemed", stated.redeemed, redeemed
    yield f"asset {asset} outstanding", stated.outstanding, issued - redeemed
    yield f"asset {asset} tree total", stated.root.total, sum(each.unspent for each in own)
    homes = {each.home: each for each in stated.homes}
    for each in own:
        at = homes.pop(each.home, None)
        for name in ("issued", "redeemed", "inflow", "outflow", "unspent"):
            yield f"asset {asset} at home {each.home} {name}", getattr(at, name, 0), getattr(each, name)
    for home, at in homes.items():
        yield f"asset {asset} at home {home} unspent", at.unspent, 0
        yield f"asset {asset} at home {home} issued", at.issued, 0
