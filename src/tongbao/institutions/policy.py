"""What wallets of each class may pay and hold: data with a version and dates, and the one rule that reads it.

policy = load_policy("e-cny-2021.json", content)
periods = policy.periods(ledger_time_ms)
refused = policy.limits(WalletClass.IV).payment_refusal(amount_fen, day_used_fen=0, year_used_fen=0)
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from importlib.resources import files
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongbao.coin.coin import VALUE_MAX
from tongbao.errors import ConfigurationError, RefusedError
from tongbao.protocol.wallet import WalletClass

__all__ = ["PACKAGED", "LimitCode", "Limits", "Periods", "Policy", "load_policy", "packaged_policy"]

PACKAGED = "e-cny-2021.json"
_MS_PER_S = 1000


class LimitCode:
    """The names of the limits, in the order in which they are checked."""

    SINGLE = "LIMIT_SINGLE"
    DAY = "LIMIT_DAY"
    YEAR = "LIMIT_YEAR"
    BALANCE = "LIMIT_BALANCE"


@dataclass(frozen=True, slots=True)
class Periods:
    """The day and the year of a moment in the policy's time zone, as whole numbers: 20210611 and 2021."""

    day: int
    year: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one class of wallets may do, in fen; None means no limit.

    Attributes:
        single_fen: the most of one payment.
        day_fen: the most of all payments of one day.
        year_fen: the most of all payments of one year.
        balance_fen: the most that the wallet may hold.
    """

    single_fen: int | None = None
    day_fen: int | None = None
    year_fen: int | None = None
    balance_fen: int | None = None

    def payment_refusal(self, amount_fen: int, *, day_used_fen: int, year_used_fen: int) -> str:
        """The first limit that a payment would exceed, or "" where there is none."""
        if _exceeds(amount_fen, self.single_fen):
            return LimitCode.SINGLE
        if _exceeds(day_used_fen + amount_fen, self.day_fen):
            return LimitCode.DAY
        if _exceeds(year_used_fen + amount_fen, self.year_fen):
            return LimitCode.YEAR
        return ""

    def balance_refusal(self, balance_fen: int) -> str:
        """LIMIT_BALANCE where the wallet may not hold that much, else ""."""
        return LimitCode.BALANCE if _exceeds(balance_fen, self.balance_fen) else ""

    @property
    def counts_periods(self) -> bool:
        """Whether what was paid before matters."""
        return self.day_fen is not None or self.year_fen is not None


def _exceeds(value_fen: int, limit_fen: int | None) -> bool:
    return limit_fen is not None and value_fen > limit_fen


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy in force between two dates.

    Attributes:
        name: of the policy, as "e-cny".
        version: of the policy.
        valid_from: first day.
        valid_until: last day; None means until it is replaced.
        currency: the asset code of the currency whose smallest unit its figures count.
        zone: whose days and years count.
        classes: limits by wallet class; every class has some.
    """

    name: str
    version: str
    valid_from: date
    valid_until: date | None
    currency: str
    zone: tzinfo
    classes: dict[WalletClass, Limits]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def limits(self, wallet_class: WalletClass) -> Limits:
        """The limits of a class."""
        return self.classes[wallet_class]

    def periods(self, time_ms: int) -> Periods:
        """The day and the year of a ledger time."""
        day = self._day(time_ms)
        return Periods(day.year * 10_000 + day.month * 100 + day.day, day.year)

    def day_of(self, time_ms: int) -> date:
        """The day of a ledger time, by the policy's time zone."""
        return self._day(time_ms)

    def span(self, day: date) -> tuple[int, int]:
        """The ledger time at which a day begins, and that at which the next one does."""
        midnights = [datetime.combine(each, time(), self.zone) for each in (day, day + timedelta(days=1))]
        begins_ms, ends_ms = [int(each.timestamp()) * _MS_PER_S for each in midnights]
        return begins_ms, ends_ms

    def demand_in_force(self, time_ms: int) -> None:
        """Return if the policy is in force at a ledger time, else refuse."""
        day = self._day(time_ms)
        if day < self.valid_from or (self.valid_until is not None and day > self.valid_until):
            until = "" if self.valid_until is None else f" until {self.valid_until}"
            raise RefusedError(
                f"the policy {self} is in force from {self.valid_from}{until}, and it is {day}",
                code="POLICY_NOT_IN_FORCE",
                cure="tell the institution to install the policy of this date",
            )

    def _day(self, time_ms: int) -> date:
        return datetime.fromtimestamp(time_ms // _MS_PER_S, self.zone).date()


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_Limit = Annotated[int, Field(ge=0, le=VALUE_MAX)] | None


class _ClassRecord(_Record):
    single_fen: _Limit
    day_fen: _Limit
    year_fen: _Limit
    balance_fen: _Limit


class _ClassesRecord(_Record):
    I: _ClassRecord  # noqa: E741 - the class's own name
    II: _ClassRecord
    III: _ClassRecord
    IV: _ClassRecord


_Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _PolicyRecord(_Record):
    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    version: Annotated[str, Field(min_length=1, max_length=32)]
    valid_from: Annotated[_Date, Field(alias="from")]
    valid_until: Annotated[_Date | None, Field(alias="until")]
    currency: Annotated[str, Field(min_length=1, max_length=16)]
    time_zone: str
    source: str
    classes: _ClassesRecord


def load_policy(name: str, content: bytes) -> Policy:
    """The policy in the JSON document `content`; `name` is the file's, for messages.

    Raises:
        ConfigurationError: it names the file, the field and what is wrong with it.
    """
    try:
        record = _PolicyRecord.model_validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in found["loc"]) or "document"
        raise ConfigurationError(f"policy {name}: {field}: {found['msg']}") from None
    classes = {
        wallet_class: Limits(**getattr(record.classes, wallet_class).model_dump()) for wallet_class in WalletClass
    }
    valid_from = _date(name, "from", record.valid_from)
    valid_until = None if record.valid_until is None else _date(name, "until", record.valid_until)
    if valid_until is not None and valid_until < valid_from:
        raise ConfigurationError(f"policy {name}: until: {valid_until} is before {valid_from}")
    zone = _zone(name, record.time_zone)
    return Policy(record.name, record.version, valid_from, valid_until, record.currency, zone, classes)


def packaged_policy() -> Policy:
    """The policy that comes with the software: the figures of the e-CNY since 2021."""
    return load_policy(PACKAGED, files("tongbao.institutions").joinpath("policies", PACKAGED).read_bytes())


def _date(name: str, field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"policy {name}: {field}: {text} is no date") from None


def _zone(name: str, text: str) -> tzinfo:
    if text == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(f"policy {name}: time_zone: {text} is no time zone") from None
