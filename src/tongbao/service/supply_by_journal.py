"""Whether a journal, judged anew from its genesis on, comes to what the statements of the supply say."""

from collections.abc import Sequence
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_verify import verify_journal
from tongbao.centres.registration.supply_counting import Moment, moment_of
from tongbao.errors import DamageError
from tongbao.evidence.supply_chain import SupplyFault, SupplyFinding
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.kernel import Kernel
from tongbao.service.chain_check import ChainCheck
from tongbao.service.journal_replay import JournalReplay

__all__ = ["check_journal"]


async def check_journal(
    journal: Path, statements: Sequence[SupplyStatement], *, genesis: bytes | None = None
) -> list[SupplyFinding]:
    """Where the journal comes to other figures than the statements, each at its batch.

    Raises:
        DamageError: the journal is damaged, no history, or does not begin with `genesis`.
    """
    replay, following = JournalReplay(genesis), ChainCheck()
    wanted: dict[int, list[SupplyStatement]] = {}
    for each in statements:
        wanted.setdefault(each.sequence, []).append(each)
    findings: list[SupplyFinding] = []

    def visit(sequence: int, record: bytes) -> None:
        following(sequence, record)
        replay.follow(record)
        for stated in wanted.pop(sequence, []):
            findings.extend(_differences(stated, replay.kernel))

    disk = FileDisk()
    try:
        report = await verify_journal(disk, str(journal), check=visit)
    finally:
        disk.close()
    if report.damage is not None:
        raise DamageError(f"the journal is no history: {report.damage}")
    findings += [
        SupplyFinding(SupplyFault.JOURNAL, each.number, f"the journal ends before batch {each.sequence}")
        for left in wanted.values()
        for each in left
    ]
    return findings


def _differences(stated: SupplyStatement, kernel: Kernel) -> list[SupplyFinding]:
    moment = moment_of(kernel)
    details = [
        f"its {name} is not the journal's at batch {stated.sequence}"
        for name, told, found in (
            ("network", stated.network_id, moment.domain.network_id),
            ("time", stated.time_ms, moment.time_ms),
            ("chain head", stated.chain_head, moment.chain_head),
            ("state digest", stated.state_digest, kernel.state_digest()),
            ("count of homes", _told(stated), _found(moment)),
            ("count of assets", _assets_told(stated), _assets_found(moment)),
        )
        if told != found
    ]
    return [SupplyFinding(SupplyFault.JOURNAL, stated.number, detail) for detail in details]


def _assets_told(stated: SupplyStatement) -> dict[int, tuple[int, int, int, int]]:
    return {each.asset: (each.issued, each.redeemed, each.outstanding, each.root.total) for each in stated.assets}


def _assets_found(moment: Moment) -> dict[int, tuple[int, int, int, int]]:
    found: dict[int, tuple[int, int, int, int]] = {}
    for (asset, _), each in moment.totals.items():
        issued, redeemed, _, _ = found.get(asset, (0, 0, 0, 0))
        issued, redeemed = issued + each.issued, redeemed + each.redeemed
        found[asset] = (issued, redeemed, issued - redeemed, issued - redeemed)
    return found


_Figures = dict[tuple[int, int], tuple[int, int, int, int, int]]


def _told(stated: SupplyStatement) -> _Figures:
    return {
        (asset.asset, each.home): (each.issued, each.redeemed, each.inflow, each.outflow, each.unspent)
        for asset in stated.assets
        for each in asset.homes
    }


def _found(moment: Moment) -> _Figures:
    return {
        place: (each.issued, each.redeemed, each.inflow, each.outflow, each.unspent)
        for place, each in moment.totals.items()
    }
