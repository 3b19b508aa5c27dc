"""Which column of a file of purchases is what: named by the user, or inferred from the header and told to the user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tongbao.errors import RequestError

__all__ = ["Columns", "Unit", "infer_columns"]


class Unit(StrEnum):
    """What one unit of the amount column is."""

    FEN = "fen"
    YUAN = "yuan"


_KNOWN_NAMES: Mapping[str, Sequence[str]] = {
    "payer": ("payer", "household", "customer", "buyer", "sender", "from", "user", "client", "source"),
    "payee": ("payee", "store", "merchant", "shop", "seller", "receiver", "recipient", "to", "vendor", "target"),
    "amount": ("amount", "value", "total", "price", "sum", "paid", "spent", "dollars", "yuan", "fen", "cents"),
    "time": ("time", "timestamp", "datetime", "date", "day", "when", "at"),
}
"""Words by which a column is known, most telling first; the first column that has the word is taken."""

_FEN_WORDS = ("fen", "cents", "cent")
_YUAN_WORDS = ("yuan", "dollars", "dollar", "rmb", "cny")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns, and the unit of the amount.

    Attributes:
        payer: who pays.
        payee: who is paid.
        amount: how much.
        time: when.
        unit: of the amount.
        inferred: which of these were not named by the user.
    """

    payer: str
    payee: str
    amount: str
    time: str
    unit: Unit
    inferred: tuple[str, ...]

    def describe(self) -> str:
        """One line for the user."""
        named = ", ".join(f"{role}={getattr(self, role)}" for role in (*_KNOWN_NAMES, "unit"))
        return f"columns: {named}" + (f" (inferred: {', '.join(self.inferred)})" if self.inferred else "")


def infer_columns(
    header: Sequence[str], *, named: Mapping[str, str | None], unit: Unit | None, sample: Sequence[Mapping[str, str]]
) -> Columns:
    """The columns of a file with this header; what `named` leaves out is inferred, the unit from names and `sample`.

    Raises:
        RequestError: a named column is not there, or one cannot be inferred.
    """
    chosen: dict[str, str] = {}
    for role in _KNOWN_NAMES:
        name = named.get(role)
        if name is not None and name not in header:
            raise RequestError(
                f"the file has no column {name!r}; it has {', '.join(header)}",
                field=f"--{role}",
                cure="name one of its columns",
                code="COLUMN_UNKNOWN",
            )
        chosen[role] = name if name is not None else ""
    for role, name in chosen.items():
        if not name:
            chosen[role] = _find(role, header, taken=set(chosen.values()))
    inferred = [role for role in _KNOWN_NAMES if named.get(role) is None]
    if unit is None:
        inferred.append("unit")
    return Columns(**chosen, unit=unit or _infer_unit(chosen["amount"], sample), inferred=tuple(inferred))


def _words(name: str) -> list[str]:
    return name.lower().replace("-", "_").replace(" ", "_").split("_")


def _find(role: str, header: Sequence[str], *, taken: set[str]) -> str:
    for word in _KNOWN_NAMES[role]:
        for name in header:
            if name not in taken and word in _words(name):
                return name
    raise RequestError(
        f"no column of {', '.join(header)} looks like the {role}",
        field=f"--{role}",
        cure=f"name it with --{role} COLUMN",
        code="COLUMN_UNKNOWN",
    )


def _infer_unit(amount: str, sample: Sequence[Mapping[str, str]]) -> Unit:
    words = _words(amount)
    if any(word in _FEN_WORDS for word in words):
        return Unit.FEN
    if any(word in _YUAN_WORDS for word in words):
        return Unit.YUAN
    return Unit.YUAN if any("." in (row.get(amount) or "") for row in sample) else Unit.FEN
