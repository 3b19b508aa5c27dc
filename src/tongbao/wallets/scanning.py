"""What a wallet was pointed at, by camera, link or hand: an order, a shop, or a person."""

from tongbao.coin import Address, Domain
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.emvco import CODE_BEGINS
from tongbao.protocol.link import SCHEME, Link, OrderLink, PersonLink, ShopLink, network_mark, read_link
from tongbao.protocol.order import Order
from tongbao.protocol.scan import ScanRequest
from tongbao.protocol.shop_code import read_shop_code
from tongbao.wallets.asking import asked, demand_amount
from tongbao.wallets.home import Home
from tongbao.wallets.payment import PaymentKind, WalletPaymentState
from tongbao.wallets.store import WalletStore

__all__ = ["Scanning"]


class Scanning:
    """Makes an order or an address of what was scanned."""

    def __init__(self, home: Home, store: WalletStore, *, domain: Domain, test_network: bool) -> None:
        self._home = home
        self._store = store
        self._domain = domain
        self._test_network = test_network

    def read(self, text: str) -> Link:
        """What a shop's code, a link or a person's address leads to.

        Raises:
            RequestError: `QR_CHECKSUM`, `QR_MALFORMED`, `QR_FOREIGN`, `LINK_INVALID`, `ADDRESS_INVALID` or
                `WRONG_NETWORK`.
        """
        stripped, network_id = text.strip(), self._domain.network_id
        if stripped.startswith(CODE_BEGINS):
            return read_shop_code(stripped, network_id=network_id)
        found = (
            read_link(stripped, network_id=network_id)
            if stripped.startswith(SCHEME)
            else PersonLink(Address.parse(stripped), network_mark(network_id))
        )
        if isinstance(found, PersonLink) and found.address.test_network != self._test_network:
            raise RequestError(
                "the address is of another network", field="address", cure="ask for another", code="WRONG_NETWORK"
            )
        return found

    async def order(self, link: OrderLink | ShopLink, *, amount_fen: int | None = None) -> Order:
        """The order to pay: the one that the link names, or one that the shop makes now.

        While a payment of the same amount to the same shop is in doubt, it is that payment's order: who scans again
        because nobody answered means the same purchase, and does not pay twice.

        Raises:
            RequestError: `AMOUNT_MISSING` or `AMOUNT_DIFFERS`, and what the shop's home says.
        """
        if isinstance(link, OrderLink):
            order = await self._home.order(link.order_id, home=link.home)
            if (order.order_id, order.home) != (link.order_id, link.home):
                raise PeerError("the home answers with another order than the link names")
            _demand_equal(amount_fen, order.amount_fen)
            return order
        _demand_equal(amount_fen, link.amount_fen)
        return await self._at_shop(link, link.amount_fen if amount_fen is None else amount_fen)

    async def _at_shop(self, link: ShopLink, amount_fen: int | None) -> Order:
        if amount_fen is None:
            raise RequestError(
                "how much is to be paid? The shop's code leaves it to you",
                field="amount",
                cure="add the amount",
                code="AMOUNT_MISSING",
            )
        demand_amount(amount_fen)
        in_doubt = await self._in_doubt(link, amount_fen)
        if in_doubt is not None:
            return in_doubt
        scan_id = self._home.new_request()
        request = asked(ScanRequest, amount_fen=amount_fen, scan_id=scan_id)
        path = f"/v1/homes/{link.home}/merchants/{link.merchant_wallet_id.hex()}/orders"
        order = await self._home.post(path, request, Order, scan_id)
        if (order.home, order.merchant_wallet_id) != (link.home, link.merchant_wallet_id):
            raise PeerError("the home answers with an order of another shop than was scanned")
        _demand_equal(amount_fen, order.amount_fen)
        return order

    async def _in_doubt(self, link: ShopLink, amount_fen: int) -> Order | None:
        for payment in await self._store.payments():
            same = (payment.kind, payment.state, payment.amount_fen)
            if same != (PaymentKind.ORDER, WalletPaymentState.SIGNED, amount_fen):
                continue
            home, _, order_id = payment.name.removeprefix("order ").partition(" ")
            if int(home) == link.home:
                order = await self._home.order(order_id, home=link.home)
                if order.merchant_wallet_id == link.merchant_wallet_id:
                    return order
        return None


def _demand_equal(wanted_fen: int | None, asked_fen: int | None) -> None:
    """Return unless the holder says one amount, and what was scanned another."""
    if wanted_fen is not None and asked_fen is not None and wanted_fen != asked_fen:
        raise RequestError(
            f"the order asks for {asked_fen} fen, not for {wanted_fen} fen",
            field="amount",
            cure="leave the amount out",
            code="AMOUNT_DIFFERS",
        )
