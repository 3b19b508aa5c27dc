"""Orders that were carried out, published so that anybody can hold the supply against them."""

import sqlalchemy as sa

from tongbao.centres.central_bank.description import describe
from tongbao.centres.central_bank.proposals import StoredProposal, settled_after
from tongbao.coin import Kind, Transaction
from tongbao.coin.control import Officers
from tongbao.coin.control.governance import ReceiptKey
from tongbao.evidence.supply_order import SupplyOrder
from tongbao.protocol.issuance import PublishedOrder, SupplyOrderPage

__all__ = ["orders_after"]


def orders_after(connection: sa.Connection, *, after: int, limit: int) -> SupplyOrderPage:
    """Up to `limit` orders from above the number `after` on."""
    found = settled_after(connection, after=after, limit=limit)
    following = str(found[-1].number) if len(found) == limit else ""
    return SupplyOrderPage(orders=[_published(each) for each in found if _is_published(each)], next=following)


def _is_published(stored: StoredProposal) -> bool:
    body = stored.body
    return body.kind in {Kind.ISSUE, Kind.REDEEM} or isinstance(body.operation, Officers | ReceiptKey)


def _published(stored: StoredProposal) -> PublishedOrder:
    return PublishedOrder(
        transaction_id=stored.transaction_id,
        kind=stored.kind,
        home=stored.home,
        value_fen=stored.value_fen,
        description=describe(stored.body, home=stored.home),
        transaction=SupplyOrder.published(Transaction.decode(stored.transaction)),
        receipt=stored.receipt or b"",
    )
