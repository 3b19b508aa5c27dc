"""What merchants have beside their orders, put together."""

from dataclasses import dataclass

from tongbao.institutions.orders.checkouts import Checkouts
from tongbao.institutions.orders.orders import Orders
from tongbao.institutions.orders.settlement_reports import SettlementReports
from tongbao.institutions.orders.tills import Tills
from tongbao.institutions.premises import Premises

__all__ = ["Shops"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shops:
    """The merchants' side of an institution.

    Attributes:
        tills: where merchants let orders be made.
        checkouts: orders whose payers are sent back to a shop.
        reports: what merchants took and gave back, day by day.
    """

    tills: Tills
    checkouts: Checkouts
    reports: SettlementReports

    @classmethod
    def of(cls, premises: Premises, orders: Orders) -> "Shops":
        """The parts, none of which keeps anything but in the database."""
        return cls(tills=Tills(premises), checkouts=Checkouts(premises, orders), reports=SettlementReports(premises))
