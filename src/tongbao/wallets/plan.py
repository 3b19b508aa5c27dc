"""A plan to pay: a payment on a later day, or a standing order; and what became of each of its payments."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tongbao.coin import Address
from tongbao.errors import RequestError
from tongbao.wallets.asking import demand_amount
from tongbao.wallets.payment import PaymentKind
from tongbao.wallets.schedule import Schedule

__all__ = ["GRACE_DAYS", "Occurrence", "OccurrenceState", "Plan", "demand_plan", "plan_of_request"]

GRACE_DAYS: Final = 7
"""How long a payment is made up for, unless the plan says otherwise: over a week's holiday with the telephone off."""

GRACE_DAYS_MAX: Final = 90
TIMES_MAX: Final = 10_000
PURPOSE_CHARACTERS_MAX: Final = 128
_MARK: Final = "plan-"


class OccurrenceState(StrEnum):
    """What became of one payment of a plan."""

    WAITING = "waiting"
    """Its day has not come."""
    DUE = "due"
    """It is to be paid now, or has been tried and may be tried again until its days of grace end."""
    IN_DOUBT = "in doubt"
    """Signed, and nobody can say yet whether it settles."""
    PAID = "paid"
    MISSED = "missed"
    """Its days of grace ended without payment; it is told and never paid by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the holder wants to be paid, and when.

    Attributes:
        plan_id: 16 hexadecimal digits.
        address: whom.
        payee: the name as his home told it when the plan was made; "" where nobody asked.
        amount_fen: how much each time.
        schedule: on which days.
        grace_days: for how many days a payment is made up for.
        purpose: the holder's own words.
        cancelled: whether it pays no more.
    """

    plan_id: str
    address: str
    payee: str
    amount_fen: int
    schedule: Schedule
    grace_days: int = GRACE_DAYS
    purpose: str = ""
    cancelled: bool = False

    def request_id(self, number: int) -> str:
        """The name of one payment: the same each time that it is tried, so that it is paid once."""
        return f"{_MARK}{self.plan_id}-{number}"

    def payment_name(self, number: int) -> str:
        """What the wallet calls one payment of the plan."""
        return f"{PaymentKind.PERSON} {self.address} {self.request_id(number)}"

    def lapses_ms(self, day: date) -> int:
        """The ledger time from which the payment of a day is missed."""
        return self.schedule.begins_ms(day + timedelta(days=self.grace_days + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One payment of a plan.

    Attributes:
        plan: which.
        number: its place, from 1.
        day: when it is due.
        state: what became of it.
        reason: why it is not paid, in words; "" where there is nothing to say.
        transaction_id: of what settled.
        told: whether its end has been told before.
    """

    plan: Plan
    number: int
    day: date
    state: OccurrenceState = OccurrenceState.WAITING
    reason: str = ""
    transaction_id: bytes | None = None
    told: bool = False


def plan_of_request(request_id: str) -> str:
    """The plan that a payment of this request id belongs to; "" for none."""
    return request_id.removeprefix(_MARK).partition("-")[0] if request_id.startswith(_MARK) else ""


def demand_plan(plan: Plan, *, test_network: bool) -> None:
    """Return if the plan can be carried out.

    Raises:
        RequestError: `ADDRESS_INVALID`, `WRONG_NETWORK`, `INVALID_FIELD`.
    """
    if Address.parse(plan.address).test_network != test_network:
        raise RequestError(
            "the address is of another network", field="address", cure="ask for another", code="WRONG_NETWORK"
        )
    demand_amount(plan.amount_fen)
    if not 0 <= plan.grace_days <= GRACE_DAYS_MAX:
        raise _wrong("grace_days", f"give 0 to {GRACE_DAYS_MAX} days")
    times = plan.schedule.times
    if times is not None and not 1 <= times <= TIMES_MAX:
        raise _wrong("times", f"give 1 to {TIMES_MAX}, or leave it out for no end")
    if len(plan.purpose) > PURPOSE_CHARACTERS_MAX:
        raise _wrong("purpose", f"write at most {PURPOSE_CHARACTERS_MAX} characters")


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
