"""What each table holds about a customer, field by field, in words; and which tables hold nothing about anybody.

Every table of the institution stands in one of the two: a test holds these modules against the database.
"""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.of_coins import COINS
from tongbao.institutions.disclosure.descriptions.of_customers import CUSTOMERS
from tongbao.institutions.disclosure.descriptions.of_payments import PAYMENTS
from tongbao.institutions.disclosure.descriptions.of_people import PEOPLE
from tongbao.institutions.disclosure.descriptions.of_pockets import POCKETS
from tongbao.institutions.disclosure.descriptions.of_requests import REQUESTS
from tongbao.institutions.disclosure.descriptions.of_webhooks import WEBHOOKS
from tongbao.institutions.disclosure.descriptions.wording import TableDescription

__all__ = ["DESCRIPTIONS", "OF_NOBODY"]

OF_NOBODY: Final[Mapping[str, str]] = {
    "settings": "the network's genesis and where the institution reads on",
    "counters": "how many things of a kind there are",
    "bank_operations": "the institution's own issuances and redemptions",
    "scans": "scans of shops' codes until they expire, under names that differ from shop to shop and lead to nobody",
}
"""Tables that hold nothing about any customer, and what they hold instead."""

DESCRIPTIONS: Final[Mapping[str, TableDescription]] = {
    **CUSTOMERS,
    **COINS,
    **PAYMENTS,
    **PEOPLE,
    **REQUESTS,
    **POCKETS,
    **WEBHOOKS,
}
"""By table, in the order in which they are handed out."""
