"""Shops' codes: whoever scans one is made an order of the amount that he names."""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.errors import PeerError, RefusedError, RequestError
from tongbao.institutions.codes.tables import scans
from tongbao.institutions.orders.orders import OrderMaker, Orders
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import merchants
from tongbao.protocol.order import Merchant, Order, OrderRequest
from tongbao.protocol.scan import SCAN_LIFE_S, HomeScanRequest, ScanRequest

__all__ = ["Scanning"]

SCANS_OPEN_MAX = 10
"""Orders that one payer may have one shop make within five minutes; each takes a lock from the shop's stock."""

_HANDLE_BYTES = 16
_NUMBER_BYTES = 10  # 80 bits: no two scans of one shop have the same number

_MERCHANT = sa.select(merchants.c.name, merchants.c.category).where(merchants.c.wallet_id == sa.bindparam("wallet"))
_KNOWN = sa.select(scans.c.scan).where(scans.c.scan == sa.bindparam("named"))
_FORGET = sa.delete(scans).where(
    scans.c.payer_home == sa.bindparam("home"),
    scans.c.payer_handle == sa.bindparam("handle"),
    scans.c.expires_ms < sa.bindparam("now_ms"),
)
_OPEN = sa.select(sa.func.count()).where(
    scans.c.payer_home == sa.bindparam("home"), scans.c.payer_handle == sa.bindparam("handle")
)
_INSERT = sa.insert(scans)


@dataclass(frozen=True, slots=True)
class _Scan:
    """Who wants to pay how much to whom."""

    merchant_wallet_id: bytes
    payer_home: int
    payer_handle: str
    amount_fen: int
    scan_id: str


class Scanning:
    """Makes the orders of those who scan, at this home or through the shop's."""

    def __init__(self, premises: Premises, orders: Orders, neighbours: Neighbours) -> None:
        self._premises = premises
        self._orders = orders
        self._neighbours = neighbours

    async def merchant(self, wallet_id: bytes) -> Merchant:
        """A merchant of this home; raises NOT_FOUND."""
        return await self._premises.ports.store.read(lambda connection: _merchant(connection, wallet_id))

    async def scan(self, payer_wallet_id: bytes, home: int, merchant_wallet_id: bytes, request: ScanRequest) -> Order:
        """The order of a wallet of this home that scanned the code of a shop at any home."""
        own = self._premises.settings.home
        # Two shops that compare what they know of their payers do not find the same one.
        secret = self._premises.secrets.derive("scan handle", payer_wallet_id, merchant_wallet_id)
        handle = secret[:_HANDLE_BYTES].hex()
        if home == own:
            return await self._make(_Scan(merchant_wallet_id, own, handle, request.amount_fen, request.scan_id))
        order = await self._neighbours.client(home).post(
            f"/v1/merchants/{merchant_wallet_id.hex()}/orders",
            HomeScanRequest(**request.model_dump(), payer_home=own, payer_handle=handle),
            Order,
            idempotency_key=f"scan-{handle}-{request.scan_id}",
            headers=self._neighbours.minimum_sequence(),
        )
        made = (order.home, order.merchant_wallet_id, order.amount_fen)
        if made != (home, merchant_wallet_id, request.amount_fen):
            raise PeerError(f"home {home} made another order than was asked for")
        return order

    async def scanned(self, merchant_wallet_id: bytes, request: HomeScanRequest) -> Order:
        """The order of another home's customer who scanned the code of a shop here."""
        return await self._make(
            _Scan(merchant_wallet_id, request.payer_home, request.payer_handle, request.amount_fen, request.scan_id)
        )

    async def _make(self, scan: _Scan) -> Order:
        words = (str(scan.payer_home), scan.payer_handle, scan.scan_id)
        named = self._premises.secrets.derive("scan", scan.merchant_wallet_id, *[each.encode() for each in words])
        await self._premises.ports.store.write(lambda connection: self._count(connection, named, scan))
        number = f"scan-{named[:_NUMBER_BYTES].hex()}"
        request = OrderRequest(amount_fen=scan.amount_fen, order_number=number, expires_in_s=SCAN_LIFE_S)
        return await self._orders.create(OrderMaker(scan.merchant_wallet_id), request)

    def _count(self, connection: sa.Connection, named: bytes, scan: _Scan) -> None:
        """Remember the scan, unless the payer has too many; one that is repeated counts once."""
        _merchant(connection, scan.merchant_wallet_id)
        if connection.execute(_KNOWN, {"named": named}).first() is not None:
            return
        now_ms = self._premises.ledger.time_ms
        payer = {"home": scan.payer_home, "handle": scan.payer_handle}
        connection.execute(_FORGET, {**payer, "now_ms": now_ms})
        if connection.execute(_OPEN, payer).scalar_one() >= SCANS_OPEN_MAX:
            raise RefusedError(
                f"{SCANS_OPEN_MAX} scans of this shop's code wait to be paid or to expire",
                code="SCANS_TOO_MANY",
                field="scan_id",
                cure=f"pay one of them, or scan again in {SCAN_LIFE_S} seconds",
            )
        row = {"scan": named, "payer_home": scan.payer_home, "payer_handle": scan.payer_handle}
        connection.execute(_INSERT, {**row, "expires_ms": now_ms + SCAN_LIFE_S * 1000})


def _merchant(connection: sa.Connection, wallet_id: bytes) -> Merchant:
    row = connection.execute(_MERCHANT, {"wallet": wallet_id}).one_or_none()
    if row is None:
        raise RequestError(
            "this institution has no such shop", code="NOT_FOUND", field="wallet_id", cure="scan the shop's code again"
        )
    return Merchant(wallet_id=wallet_id, name=row.name, category=row.category)
