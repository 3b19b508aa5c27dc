"""What `tongbao supply` found, and how it is told."""

from dataclasses import dataclass

from tongbao.coin import CURRENCY
from tongbao.errors import InvariantError
from tongbao.protocol.registration import AssetAtHome, SupplyReport
from tongbao.service.command_line.output import fen_text
from tongbao.service.recount import Judged

__all__ = ["Counted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The currency as it was counted, once or twice.

    Attributes:
        report: as the registration centre counts it; None where none was asked or none answers.
        judged: as the journal says; None where there is no journal at hand.
        absent: why no centre's figures are here, though one was looked for; else "".
    """

    report: SupplyReport | None
    judged: Judged | None
    absent: str = ""

    @property
    def shown(self) -> SupplyReport:
        """The centre's report or, where there is none, that of the kernel that judged the journal anew."""
        if self.report is not None:
            return self.report
        if self.judged is None:
            raise InvariantError("there is neither a centre nor a journal, and so no supply")
        return self.judged.kernel

    @property
    def homes(self) -> list[AssetAtHome]:
        """Of the currency."""
        return [total for total in self.shown.totals if total.asset == CURRENCY]

    @property
    def issued(self) -> int:
        """At all homes."""
        return sum(total.issued for total in self.homes)

    @property
    def redeemed(self) -> int:
        """At all homes."""
        return sum(total.redeemed for total in self.homes)

    @property
    def unspent(self) -> int:
        """At all homes."""
        return sum(total.unspent for total in self.homes)

    @property
    def agrees(self) -> bool:
        """Whether unspent is what must be and, with a journal, whether every figure of it is the same."""
        if self.unspent != self.issued - self.redeemed:
            return False
        return self.judged is None or (self._adds_up(self.judged) and self._same_ledger(self.judged))

    def _adds_up(self, judged: Judged) -> bool:
        """Whether the sums over the settled transactions are the figures shown."""
        counted = judged.supply
        by_home = {total.home: total.unspent for total in self.homes if total.unspent}
        same = (counted.issued, counted.redeemed, counted.unspent) == (self.issued, self.redeemed, self.unspent)
        return same and counted.by_home == by_home and counted.holds

    def _same_ledger(self, judged: Judged) -> bool:
        """Whether the centre's ledger is the one that follows from the journal."""
        mine, theirs = judged.kernel, self.shown
        return (mine.state_digest, mine.totals) == (theirs.state_digest, theirs.totals)

    def summary(self) -> dict[str, object]:
        """Amounts in fen."""
        shown, judged = self.shown, self.judged
        return {
            "issued": self.issued,
            "redeemed": self.redeemed,
            "outstanding": self.issued - self.redeemed,
            "unspent": self.unspent,
            "homes": [total.model_dump(mode="json", exclude={"asset"}) for total in self.homes],
            "other_assets": [t.model_dump(mode="json") for t in shown.totals if t.asset != CURRENCY],
            "recounted": None if judged is None else judged.supply.summary(),
            "centre_asked": self.report is not None,
            "agrees": self.agrees,
            "state_digest": shown.state_digest.hex(),
            "sequence": shown.sequence,
            "time_ms": shown.time_ms,
            "kernel": shown.kernel,
        }

    def text(self) -> str:
        """For people."""
        shown, judged = self.shown, self.judged
        lines = [f"{self.absent}: counted from the journal alone"] if self.absent else []
        if judged is not None and self.report is None:
            lines.append(f"{judged.name}, network {judged.network_id.hex()}")
        lines.append(f"{'home':<8}{'issued':>22}{'redeemed':>22}{'unspent':>22}")
        lines += [_line(str(each.home), each.issued, each.redeemed, each.unspent) for each in self.homes]
        lines.append(_line("all", self.issued, self.redeemed, self.unspent))
        if judged is not None:
            counted = judged.supply
            lines.append(
                _line(
                    "added up" if self.report is None else "journal", counted.issued, counted.redeemed, counted.unspent
                )
            )
            lines.append(counted.confirmation)
        lines.append(f"batch {shown.sequence}, state digest {shown.state_digest.hex()}")
        lines.append(self._verdict())
        return "\n".join(lines)

    def _verdict(self) -> str:
        if not self.agrees:
            return "THE SUPPLY IS WRONG"
        if self.judged is None:
            return "the centre's figures agree with each other; nothing was counted again"
        if self.report is None:
            return "the supply is exact, by the journal alone"
        return "the supply is exact: the centre's figures are the journal's"


def _line(what: str, issued: int, redeemed: int, unspent: int) -> str:
    return f"{what:<8}{fen_text(issued):>22}{fen_text(redeemed):>22}{fen_text(unspent):>22}"
