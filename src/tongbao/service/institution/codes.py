"""Operations for codes: shops' codes that payers scan, and payers' codes that shops scan."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.order import Merchant, Order
from tongbao.protocol.payment_code import CodeBook, OpenCodeBook
from tongbao.protocol.scan import HomeScanRequest, ScanRequest
from tongbao.service.institution.callers import RecentKeys, demand_home, demand_wallet, reach, wallet_of
from tongbao.service.institution.parameters import HomeInPath, WalletPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_codes"]


class HomeMerchantPath(WalletPath):
    """Which merchant, at which home."""

    home: HomeInPath


def add_codes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what those ask who scan, and those who are scanned."""
    _add_payment_codes(operations, institution, keys)

    @operations.get("/v1/merchants/{wallet_id}", public=True)
    async def merchant(call: Call[Nothing, WalletPath]) -> Merchant:
        """A merchant's name and category, for whoever knows the wallet's id."""
        return await institution.scanning.merchant(call.parameters.wallet_id)

    @operations.post("/v1/homes/{home}/merchants/{wallet_id}/orders")
    async def scan(call: Call[ScanRequest, HomeMerchantPath]) -> Order:
        """Have the shop whose code was scanned ask for an amount; the same scan again is the same order."""
        payer, path = wallet_of(call.caller), call.parameters
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.scanning.scan(payer, path.home, path.wallet_id, call.message)

    @operations.post("/v1/merchants/{wallet_id}/orders")
    async def scanned(call: Call[HomeScanRequest, WalletPath]) -> Order:
        """The same for a customer of another home, which asks."""
        demand_home(call.caller, call.message.payer_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.scanning.scanned(call.parameters.wallet_id, call.message)


def _add_payment_codes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/wallets/{wallet_id}/payment-codes")
    async def open_code_book(call: Call[OpenCodeBook, WalletPath]) -> CodeBook:
        """Open a book of payment codes, each of which the wallet shows for half a minute; one of them counts once."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.payment_codes.open_book(call.parameters.wallet_id, call.message)
