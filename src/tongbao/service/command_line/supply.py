"""`tongbao supply`: what the registration centre counts, and what anybody who has the journal counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.coin import CURRENCY
from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import AssetAtHome, SupplyReport
from tongbao.service.command_line.options import DEFAULT_DATA
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run
from tongbao.service.data_directory import DataDirectory
from tongbao.service.recount import recount_supply
from tongbao.service.supply_recount import Supply

__all__ = ["supply"]

MISCOUNTED = 3

_Data = Annotated[
    Path | None,
    typer.Option("--data", help="The network's data directory; its journal is counted.", envvar="TONGBAO_DATA"),
]
_Url = Annotated[str | None, typer.Option("--url", help="The registration centre; else that of --data.")]


@dataclass(frozen=True, slots=True)
class _Counted:
    """The currency as the centre counts it, and as the journal says; None where there is no journal at hand."""

    report: SupplyReport
    recounted: Supply | None

    @property
    def homes(self) -> list[AssetAtHome]:
        return [total for total in self.report.totals if total.asset == CURRENCY]

    @property
    def issued(self) -> int:
        return sum(total.issued for total in self.homes)

    @property
    def redeemed(self) -> int:
        return sum(total.redeemed for total in self.homes)

    @property
    def unspent(self) -> int:
        return sum(total.unspent for total in self.homes)

    @property
    def agrees(self) -> bool:
        """Whether unspent is what must be and, with a journal, whether every figure of it is the same."""
        if self.unspent != self.issued - self.redeemed:
            return False
        counted = self.recounted
        if counted is None:
            return True
        by_home = {total.home: total.unspent for total in self.homes if total.unspent}
        same = (counted.issued, counted.redeemed, counted.unspent) == (self.issued, self.redeemed, self.unspent)
        return same and counted.by_home == by_home and counted.holds

    def summary(self) -> dict[str, object]:
        """Amounts in fen."""
        report = self.report
        return {
            "issued": self.issued,
            "redeemed": self.redeemed,
            "outstanding": self.issued - self.redeemed,
            "unspent": self.unspent,
            "homes": [total.model_dump(mode="json", exclude={"asset"}) for total in self.homes],
            "other_assets": [t.model_dump(mode="json") for t in report.totals if t.asset != CURRENCY],
            "recounted": None if self.recounted is None else self.recounted.summary(),
            "agrees": self.agrees,
            "state_digest": report.state_digest.hex(),
            "sequence": report.sequence,
            "time_ms": report.time_ms,
            "kernel": report.kernel,
        }

    def text(self) -> str:
        """For people."""
        lines = [f"{'home':<8}{'issued':>22}{'redeemed':>22}{'unspent':>22}"]
        lines += [_line(str(each.home), each.issued, each.redeemed, each.unspent) for each in self.homes]
        lines.append(_line("all", self.issued, self.redeemed, self.unspent))
        counted = self.recounted
        if counted is not None:
            lines.append(_line("journal", counted.issued, counted.redeemed, counted.unspent))
            lines.append(counted.confirmation)
        lines.append(f"batch {self.report.sequence}, state digest {self.report.state_digest.hex()}")
        lines.append("the supply is exact" if self.agrees else "THE SUPPLY IS WRONG")
        return "\n".join(lines)


def _line(what: str, issued: int, redeemed: int, unspent: int) -> str:
    return f"{what:<8}{fen_text(issued):>22}{fen_text(redeemed):>22}{fen_text(unspent):>22}"


def supply(data: _Data = None, url: _Url = None, *, as_json: JsonOption = False) -> None:
    """Show issued, redeemed, outstanding and unspent, per home, and count them again from the journal.

    With `--url` alone a centre elsewhere is asked and nothing is counted again. Ends with 3 where figures differ.

    Example: `tongbao supply --data pilot`
    """

    async def work() -> _Counted:
        directory = None if url is not None and data is None else DataDirectory.open(data or DEFAULT_DATA)
        centre = url or (directory.network.registration.url if directory else "")
        report = await _ask(centre.rstrip("/"))
        if directory is None:
            return _Counted(report, None)
        return _Counted(report, await recount_supply(directory, until=report.sequence))

    counted = run(work, as_json=as_json)
    answer(counted.summary(), as_json=as_json, text=counted.text())
    if not counted.agrees:
        raise typer.Exit(MISCOUNTED)


async def _ask(url: str) -> SupplyReport:
    key = SigningKey(SystemEntropy().bytes(SECRET_SEED_BYTES))
    network = HttpNetwork()
    try:
        client = SignedClient(
            network=network,
            clock=SystemClock(),
            base_url=url,
            key_id=f"key:{key.public_key.hex()}",
            sign=key.sign,
        )
        return await client.get("/v1/supply", SupplyReport)
    finally:
        await network.close()
