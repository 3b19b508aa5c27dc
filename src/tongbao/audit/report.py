"""What an audit has found: where it agrees and what that amounts to, or the first divergence."""

from dataclasses import dataclass

from tongbao.audit.digest import state_digest
from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.history import History
from tongbao.audit.segments import TornTail

__all__ = ["AuditReport", "Checked", "Holding", "demand_supply", "holdings_of"]


@dataclass(frozen=True, slots=True)
class Holding:
    """An asset at a home, in the asset's smallest unit; `unspent` is counted coin by coin."""

    asset: int
    home: int
    issued: int
    redeemed: int
    inflow: int
    outflow: int
    unspent: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read and compared besides the batches themselves.

    Attributes:
        signatures: how many were checked.
        snapshots: how many were compared.
        tiles: how many of the transparency log were compared.
        statements: how many of the supply were compared.
        torn_tail: what an unfinished write left at the end, which nobody was told of.
    """

    signatures: int
    snapshots: int
    tiles: int = 0
    statements: int = 0
    torn_tail: TornTail | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The end of an audit.

    Attributes:
        divergence: the first, or None where everything agrees.
        network_id: 32 bytes, or empty where not even the genesis could be read.
        name: of the network.
        sequence: the last record that was audited.
        time_ms: its ledger time.
        transactions: how many were judged and applied.
        settled: how many of them settled.
        unconfirmed: how many of the last verdicts no batch has named yet: the auditor's own word.
        holdings: by asset and home.
        coins: how many are unspent.
        chain_head: of the last batch, 32 bytes.
        state_digest: 32 bytes.
        checked: what was read and compared besides.
    """

    divergence: DivergenceError | None
    network_id: bytes
    name: str
    sequence: int
    time_ms: int
    transactions: int
    settled: int
    unconfirmed: int
    holdings: tuple[Holding, ...]
    coins: int
    chain_head: bytes
    state_digest: bytes
    checked: Checked

    @staticmethod
    def of(history: History | None, divergence: DivergenceError | None, checked: Checked) -> "AuditReport":
        """What the history comes to, as far as it was followed."""
        if history is None:
            return AuditReport(divergence, b"", "", 0, 0, 0, 0, 0, (), 0, b"", b"", checked)
        return AuditReport(
            divergence=divergence,
            network_id=history.basis.domain.network_id,
            name=history.genesis.name,
            sequence=history.sequence,
            time_ms=history.time_ms,
            transactions=history.transactions,
            settled=history.settled,
            unconfirmed=history.unconfirmed,
            holdings=holdings_of(history),
            coins=len(history.memory.unspent),
            chain_head=history.chain_head,
            state_digest=state_digest(history.memory, history.basis.domain),
            checked=checked,
        )


def holdings_of(history: History) -> tuple[Holding, ...]:
    """The figures of each asset at each home."""
    worth: dict[tuple[int, int], int] = {}
    for asset, home, value in history.memory.unspent.values():
        worth[asset, home] = worth.get((asset, home), 0) + value
    return tuple(
        Holding(asset, home, each.issued, each.redeemed, each.inflow, each.outflow, worth.get((asset, home), 0))
        for (asset, home), each in sorted(history.memory.counted.items())
    )


def demand_supply(history: History, place: Place) -> None:
    """Demand that the coins are worth what was issued less what was redeemed, at each home with its flows."""
    for each in holdings_of(history):
        if each.unspent != each.issued - each.redeemed + each.inflow - each.outflow:
            raise DivergenceError(place, f"coins of asset {each.asset} at home {each.home} are not what was issued")
