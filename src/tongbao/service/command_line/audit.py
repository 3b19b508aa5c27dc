"""`tongbao audit`: replay a whole journal by code that shares no rule with the kernel, and say where it diverges."""

import enum
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.adapters.journal_copy import copy_at
from tongbao.adapters.signatures import has_native_signatures
from tongbao.adapters.spawn import TaskSpawn
from tongbao.audit import AuditReport
from tongbao.coin import CURRENCY
from tongbao.errors import ConfigurationError
from tongbao.evidence.signing import VerifierKey
from tongbao.service.audit_log import LogAudit
from tongbao.service.audit_run import AuditRun
from tongbao.service.audit_state import StateFile
from tongbao.service.command_line.output import JsonOption, answer, count_text, fen_text, run
from tongbao.service.command_line.progress import progress_bar
from tongbao.service.log_keys import read_vkeys

__all__ = ["audit"]

DIVERGES = 3
KIB = 1024

_Journal = Annotated[
    str, typer.Option("--journal", help="The journal's directory, as DATA/journal, or the URL of a published copy.")
]
_Genesis = Annotated[
    Path | None,
    typer.Option("--genesis", help="The genesis that the journal must begin with.", exists=True, dir_okay=False),
]
_Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="Worker processes; one for each core if not given.")]


class SignaturesBy(enum.StrEnum):
    """By which code signatures are checked."""

    AUTO = "auto"
    NATIVE = "native"
    COIN = "coin"


_Signatures = Annotated[
    SignaturesBy,
    typer.Option("--signatures", help="By which code: the native extension, or the libraries of the Python packages."),
]


_State = Annotated[
    Path | None,
    typer.Option("--state", help="A file that keeps how far the audit came; the next one goes on from there."),
]
_Log = Annotated[str | None, typer.Option("--log", help="The transparency log's directory, or its URL.")]
_LogKeys = Annotated[
    Path | None,
    typer.Option("--log-keys", help="The log's public keys, a line each; else nobody's signature is asked for."),
]


def _keys_in(path: Path | None) -> Sequence[VerifierKey]:
    try:
        return () if path is None else read_vkeys(path)
    except ConfigurationError as error:
        raise typer.BadParameter(str(error), param_hint="--log-keys") from None


def audit(
    journal: _Journal,
    genesis: _Genesis = None,
    *,
    jobs: _Jobs = None,
    state: _State = None,
    log: _Log = None,
    log_keys: _LogKeys = None,
    signatures: _Signatures = SignaturesBy.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Replay a journal by independent code and compare every verdict, digest and sum; exit with 3 where they diverge.

    It checks every signature, approval and rule anew and shares with the centre the formats alone. The journal may be
    in use meanwhile. What is compared, and what cannot be found in this way, stands in docs/operations/audit.md.

    Example: `tongbao audit --journal data/journal --genesis genesis.bin`
    """
    began, workers = time.monotonic(), jobs or os.cpu_count() or 1
    native = has_native_signatures() if signatures == SignaturesBy.AUTO else signatures == SignaturesBy.NATIVE
    if state is not None and log is not None:
        raise typer.BadParameter(
            "the log is compared from its first entry: leave one of both out", param_hint="--state"
        )
    given, keys = None if genesis is None else genesis.read_bytes(), _keys_in(log_keys)

    async def work() -> AuditReport:
        spawn = TaskSpawn(workers=workers if workers > 1 else 0)
        try:
            with progress_bar() as show:

                def progress(done: int, total: int) -> None:
                    show("journal, KiB", done // KIB, total // KIB)

                async with copy_at(journal) as copy, copy_at(log or "") as beside:
                    compared = None if log is None else LogAudit(beside, keys)
                    kept = None if state is None else StateFile(state)
                    return await AuditRun(copy, given, native, progress, compared, kept).audit(spawn)
        finally:
            await spawn.close()

    report = run(work, as_json=as_json)
    how = {"jobs": workers, "signatures_by": str(SignaturesBy.NATIVE if native else SignaturesBy.COIN)}
    content = {**_content(report), **how, "seconds": round(time.monotonic() - began, 3)}
    answer(content, as_json=as_json, text=_text(report))
    if report.divergence is not None:
        raise typer.Exit(DIVERGES)


def _content(report: AuditReport) -> dict[str, Any]:
    found, torn = report.divergence, report.checked.torn_tail
    return {
        "agrees": found is None,
        "sequence": report.sequence if found is None else found.place.sequence,
        "file": None if found is None else found.place.file,
        "offset": None if found is None else found.place.offset,
        "meaning": None if found is None else found.meaning,
        "network_id": report.network_id.hex() or None,
        "name": report.name,
        "audited_sequence": report.sequence,
        "time_ms": report.time_ms,
        "transactions": report.transactions,
        "settled": report.settled,
        "signatures": report.checked.signatures,
        "unconfirmed": report.unconfirmed,
        "coins": report.coins,
        "chain_head": report.chain_head.hex() or None,
        "state_digest": report.state_digest.hex() or None,
        "snapshots": report.checked.snapshots,
        "tiles": report.checked.tiles,
        "statements": report.checked.statements,
        "torn_tail": None
        if torn is None
        else {"file": torn.place.file, "offset": torn.place.offset, "bytes": torn.bytes, "reason": torn.reason},
        "holdings": [
            {
                "asset": each.asset,
                "home": each.home,
                "issued": each.issued,
                "redeemed": each.redeemed,
                "inflow": each.inflow,
                "outflow": each.outflow,
                "unspent": each.unspent,
            }
            for each in report.holdings
        ],
    }


def _text(report: AuditReport) -> str:
    found = report.divergence
    batches = count_text(report.sequence, "batch").replace("batchs", "batches")
    transactions, signatures = (
        count_text(report.transactions, "transaction"),
        count_text(report.checked.signatures, "signature"),
    )
    lines = [f"{batches} with {transactions}, of which {report.settled:,} settled; {signatures} checked"]
    currency = [each for each in report.holdings if each.asset == CURRENCY]
    if currency:
        issued, redeemed = sum(each.issued for each in currency), sum(each.redeemed for each in currency)
        unspent = sum(each.unspent for each in currency)
        lines.append(f"issued {fen_text(issued)}, redeemed {fen_text(redeemed)}, unspent {fen_text(unspent)}")
    if report.checked.torn_tail is not None:
        torn = report.checked.torn_tail
        lines.append(f"torn tail: {torn.place.file} at byte {torn.place.offset}: {torn.reason}; nobody was told of it")
    if found is None:
        lines.append(f"everything agrees; state digest {report.state_digest.hex()}")
    else:
        where = "" if found.place.sequence is None else f", record {found.place.sequence}"
        lines.append(f"DIVERGENCE in {found.place.file} at byte {found.place.offset}{where}: {found.meaning}")
    return "\n".join(lines)
