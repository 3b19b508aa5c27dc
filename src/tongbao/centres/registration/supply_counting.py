"""What a supply statement says, from a kernel and its snapshot. Pure: a worker may calculate it."""

import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from tongbao.centres.registration.ports import Spawn
from tongbao.coin import Domain
from tongbao.evidence.supply_statement import AssetSupply, HomeSupply, LogStanding, SupplyStatement
from tongbao.evidence.supply_tree import BuiltTree, build_tree, tree_secret
from tongbao.kernel import Kernel
from tongbao.kernel.state import Totals

__all__ = [
    "Counting",
    "Moment",
    "count_coins",
    "count_coins_natively",
    "counting_of",
    "moment_of",
    "secret_of",
    "statement_of",
]

_ROW = struct.Struct(">32sIIQ")
"""A row of a snapshot: coin id, asset, home, value."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a kernel stood when its snapshot began.

    Attributes:
        sequence: the batch.
        time_ms: its ledger time.
        chain_head: 32 bytes.
        totals: by asset and home.
        domain: of the network.
    """

    sequence: int
    time_ms: int
    chain_head: bytes
    totals: Mapping[tuple[int, int], Totals]
    domain: Domain


def moment_of(kernel: Kernel) -> Moment:
    """Where the kernel stands."""
    return Moment(kernel.sequence, kernel.time_ms, kernel.chain_head, dict(kernel.totals()), kernel.domain)


def secret_of(asset: int, seed: bytes, domain: Domain, number: int) -> bytes:
    """What salts and splits the coins of an asset in the statement with that number."""
    return tree_secret(seed, network_id=domain.network_id, number=number, asset=asset)


def count_coins(rows: bytes, secrets: Mapping[int, bytes]) -> dict[int, BuiltTree]:
    """A tree for each asset that has a secret, over the coins that the rows of a snapshot list."""
    coins: dict[int, list[tuple[bytes, int]]] = {asset: [] for asset in secrets}
    for coin_id, asset, _, value in _ROW.iter_unpack(rows):
        coins[asset].append((coin_id, value))
    return {asset: build_tree(coins[asset], secret) for asset, secret in secrets.items()}


def count_coins_natively(rows: bytes, secrets: Mapping[int, bytes]) -> dict[int, BuiltTree]:
    """`count_coins` by native code, which lets other threads run meanwhile."""
    return {asset: BuiltTree.of_parts(*_native().supply_tree(rows, asset, secret)) for asset, secret in secrets.items()}


def _native() -> ModuleType:
    return import_module("tongbao._native")


Counting = Callable[[bytes, Mapping[int, bytes]], Awaitable[dict[int, BuiltTree]]]
"""`count_coins`, beside everything else."""


def counting_of(kernel: Kernel, spawn: Spawn) -> Counting:
    """How the coins of this kernel are counted: on a thread by native code, else on a worker."""
    # A native kernel that was built before this was offered counts in Python, too, which only takes longer.
    counts_natively = kernel.name == "native" and hasattr(_native(), "supply_tree")

    async def count(rows: bytes, secrets: Mapping[int, bytes]) -> dict[int, BuiltTree]:
        if counts_natively:
            return await spawn.call_on_thread(count_coins_natively, rows, secrets)
        return await spawn.call(count_coins, rows, secrets)

    return count


def statement_of(
    moment: Moment,
    trees: Mapping[int, BuiltTree],
    *,
    state_digest: bytes,
    number: int,
    previous: bytes | None,
    log: LogStanding | None = None,
) -> SupplyStatement:
    """The statement of a moment whose coins were counted into `trees`, by asset."""
    return SupplyStatement(
        number=number,
        network_id=moment.domain.network_id,
        hash_kind=moment.domain.hash_kind,
        sequence=moment.sequence,
        time_ms=moment.time_ms,
        chain_head=moment.chain_head,
        state_digest=state_digest,
        previous=previous,
        log=log,
        assets=tuple(_asset(asset, tree, moment.totals) for asset, tree in sorted(trees.items())),
    )


def _asset(asset: int, tree: BuiltTree, totals: Mapping[tuple[int, int], Totals]) -> AssetSupply:
    homes = tuple(
        HomeSupply(home, each.issued, each.redeemed, each.inflow, each.outflow, each.unspent)
        for (what, home), each in sorted(totals.items())
        if what == asset
    )
    issued, redeemed = sum(each.issued for each in homes), sum(each.redeemed for each in homes)
    return AssetSupply(asset, issued, redeemed, issued - redeemed, tree.count, tree.root, homes)
