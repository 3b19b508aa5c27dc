"""The codes that a merchant shows: one for each order, and one that hangs on the wall."""

from tongbao.coin import Domain
from tongbao.errors import PeerError
from tongbao.protocol.link import OrderLink, ShopLink, network_mark
from tongbao.protocol.order import Merchant, Order
from tongbao.protocol.shop_code import CITY_UNKNOWN, ShopDescription, shop_code
from tongbao.wallets.asking import demand_amount
from tongbao.wallets.home import Home

__all__ = ["ShopCodes"]


class ShopCodes:
    """Makes the codes of the merchant `wallet_id`, whose name and category its home knows."""

    def __init__(self, home: Home, *, wallet_id: bytes, domain: Domain, asset_code: str) -> None:
        self._home = home
        self._wallet_id = wallet_id
        self._domain = domain
        self._asset_code = asset_code

    async def merchant(self) -> Merchant:
        """The wallet's shop; raises NOT_FOUND where it has none."""
        merchant = await self._home.get(f"/v1/merchants/{self._wallet_id.hex()}", Merchant)
        if merchant.wallet_id != self._wallet_id:
            raise PeerError("the home answers with another shop than was asked for")
        return merchant

    def link(self, *, amount_fen: int | None = None) -> ShopLink:
        """Where payers come to; without an amount each names his own."""
        if amount_fen is not None:
            demand_amount(amount_fen)
        return ShopLink(self._home.number, self._wallet_id, network_mark(self._domain.network_id), amount_fen)

    async def static(self, *, amount_fen: int | None = None, city: str = CITY_UNKNOWN) -> str:
        """The code for the wall, the same for every payer."""
        shop = self._description(await self.merchant(), city=city)
        return shop_code(self.link(amount_fen=amount_fen), shop)

    async def dynamic(self, order: Order, *, city: str = CITY_UNKNOWN) -> str:
        """The code for one order."""
        shop = self._description(await self.merchant(), city=city, label=order.order_number)
        link = OrderLink.of(order.order_id, home=order.home, network_id=self._domain.network_id)
        return shop_code(link, shop, amount_fen=order.amount_fen)

    def _description(self, merchant: Merchant, *, city: str, label: str = "") -> ShopDescription:
        return ShopDescription(
            name=merchant.name, category=merchant.category, asset_code=self._asset_code, city=city, label=label
        )
