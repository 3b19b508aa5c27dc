"""How long an institution keeps what nobody needs for money: events, and what was sent to merchants' servers."""

from dataclasses import dataclass
from typing import Final

__all__ = ["DELIVERIES_DAYS", "EVENTS_DAYS", "KEPT", "Retention"]

EVENTS_DAYS: Final = 180
"""A reader that was away for half a year reads histories and orders instead."""

DELIVERIES_DAYS: Final = 30
"""Ten times what the whole schedule of attempts takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days of ledger time; 0 keeps for ever.

    Attributes:
        events_days: of events, unless a merchant's server has not been told of them.
        deliveries_days: of deliveries that have ended, with their attempts.
    """

    events_days: int = EVENTS_DAYS
    deliveries_days: int = DELIVERIES_DAYS


KEPT: Final = Retention()
"""Where the operator says nothing."""
