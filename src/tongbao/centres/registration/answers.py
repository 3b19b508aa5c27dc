"""What the kernel's state looks like to those who ask."""

from collections.abc import Sequence

from tongbao.centres.registration.index import FoundCoin, Standing
from tongbao.coin.coin import CURRENCY
from tongbao.kernel import Kernel
from tongbao.kernel.state import CENTRAL_BANK, ControlState, Totals
from tongbao.protocol.registration import (
    AssetAtHome,
    AssetInCirculation,
    AuthorityEntry,
    Circulation,
    CoinRecord,
    Directory,
    DirectoryEntry,
    LedgerStatus,
    SupplyReport,
)

__all__ = ["circulation_of", "coin_record", "directory_of", "status_of", "supply_of"]


def status_of(kernel: Kernel, standing: Standing) -> LedgerStatus:
    """Where the ledger stands."""
    return LedgerStatus(
        network_id=kernel.domain.network_id,
        name=kernel.genesis.name,
        test_network=kernel.genesis.test_network,
        sequence=standing.sequence,
        time_ms=standing.time_ms,
        chain_head=standing.chain_head,
        rules=kernel.rules,
        kernel=kernel.name,
    )


def directory_of(control: ControlState, standing: Standing) -> Directory:
    """Every home, the officers, and the receipt keys."""
    return Directory(
        institutions=[_entry(control, home) for home in sorted(control.institutions)],
        authorities=[
            AuthorityEntry(
                authority=int(authority),
                threshold=officers.threshold,
                keys=[key.encode() for key in officers.keys],
            )
            for authority, officers in sorted(control.authorities.items())
        ],
        receipt_keys=sorted(key.encode() for key in control.receipt_keys),
        sequence=standing.sequence,
        time_ms=standing.time_ms,
    )


def _entry(control: ControlState, home: int) -> DirectoryEntry:
    institution = control.institutions[home]
    keys = [institution.key, institution.substitute]
    return DirectoryEntry(
        home=home,
        keys=[key.encode() for key in keys if key is not None],
        suspended=institution.suspended,
        served_by=control.serving(home),
    )


def supply_of(kernel: Kernel) -> SupplyReport:
    """Issued, redeemed and unspent, with the digest of the state that says so."""
    totals, quotas = kernel.totals(), kernel.control.quotas
    unspent = kernel.unspent_by_asset_and_home()
    homes = {(CURRENCY, home) for home in kernel.control.institutions if home != CENTRAL_BANK}
    return SupplyReport(
        sequence=kernel.sequence,
        time_ms=kernel.time_ms,
        state_digest=kernel.state_digest(),
        kernel=kernel.name,
        totals=[
            _at_home(where, totals.get(where, Totals()), unspent=unspent.get(where, 0), quota=quotas.get(where, 0))
            for where in sorted(homes | set(totals))
        ],
    )


def circulation_of(kernel: Kernel) -> Circulation:
    """What was issued and redeemed of each asset, over all homes; cheap, unlike the whole supply with its digest."""
    totals = kernel.totals()
    assets = sorted({CURRENCY} | {asset for asset, _ in totals})
    return Circulation(
        assets=[_in_circulation([each for (of, _), each in totals.items() if of == asset], asset) for asset in assets],
        sequence=kernel.sequence,
        time_ms=kernel.time_ms,
    )


def _in_circulation(totals: Sequence[Totals], asset: int) -> AssetInCirculation:
    issued, redeemed = sum(each.issued for each in totals), sum(each.redeemed for each in totals)
    return AssetInCirculation(asset=asset, issued=issued, redeemed=redeemed, outstanding=issued - redeemed)


def _at_home(where: tuple[int, int], totals: Totals, *, unspent: int, quota: int) -> AssetAtHome:
    return AssetAtHome(
        asset=where[0],
        home=where[1],
        issued=totals.issued,
        redeemed=totals.redeemed,
        inflow=totals.inflow,
        outflow=totals.outflow,
        unspent=unspent,
        quota=quota,
    )


def coin_record(found: FoundCoin, *, spent: bool) -> CoinRecord:
    """A coin as its home may see it; made without validation, as the ledger has validated it long ago."""
    coin = found.coin
    return CoinRecord.model_construct(
        coin_id=found.coin_id,
        origin=found.origin,
        index=found.output,
        asset=coin.asset,
        value=coin.value,
        home=coin.home,
        lock_id=coin.lock_id,
        sequence=found.sequence,
        spent=spent,
    )
