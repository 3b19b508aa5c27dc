"""The example mall: a merchant like any other, with a wallet at one institution, who takes orders and gives money back.

Its recovery phrase lies in the data directory, readable by its owner alone. It is written before the wallet is opened,
and opening is repeatable, so that a crash at any moment leaves the same mall.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import structlog

from tongbao.client.wallet_file import WalletFiles
from tongbao.errors import ConfigurationError, TongbaoError
from tongbao.protocol.checkout import Checkout
from tongbao.protocol.order import OrderRequest
from tongbao.protocol.refund import Refund, RefundPage, RefundPolicy, RefundState
from tongbao.protocol.sandbox import MallBasket, SandboxMall
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.service.connections import Connections
from tongbao.service.web.sandbox.goods import GOODS, purchase_of
from tongbao.service.whole_file import read_private, write_whole
from tongbao.wallets import Wallet, WalletKeys, new_phrase, read_phrase, seed_of

__all__ = ["MALL_HOME", "MALL_NAME", "Mall"]

MALL_HOME: Final = 2
"""Not that of most newcomers, so that their first payment crosses from one institution to another."""

MALL_NAME: Final = "通宝商城 Tongbao Mall"

MALL_CATEGORY: Final = "5311"
"""Department stores, by ISO 18245."""

REFUND_ANSWER_S: Final = 7 * 86_400
"""A week to take a refund; after it silence means consent."""

ORDER_S: Final = 900

PHRASE_ENTROPY_BYTES: Final = 16  # twelve words

PAY_REFUNDS_EVERY_S: Final = 1.0
"""While an offer waits; a newcomer watches the money come back."""

PAY_REFUNDS_TIRED_S: Final = 30.0
"""Once nobody has answered for a while."""

TIRED_AFTER_S: Final = 600.0

_log = structlog.get_logger("tongbao.sandbox")


class Mall:
    """Sells what is in `GOODS`."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet = wallet
        self._offered = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def opened(cls, connections: Connections, folder: Path, *, home: int) -> AsyncIterator[Self]:
        """The mall at that institution, open for business; its wallet's file is let go of at the end.

        Raises:
            TongbaoError: something stands in the way; trying again goes on where this stopped.
        """
        files = WalletFiles()
        try:
            keys = WalletKeys(seed_of(read_phrase(_phrase(connections, folder))), connections.data.genesis().domain())
            store = await files.use(folder / "wallet.sqlite", keys.wallet_id)
            mall = cls(connections.wallet(keys, store, home))
            await mall._open()
            yield mall
        finally:
            await files.close()

    async def _open(self) -> None:
        wallet = self._wallet
        await wallet.start()
        await wallet.open(holder_name=MALL_NAME, wallet_class=WalletClass.I, kind=WalletKind.CORPORATE)
        await wallet.sales.register(MALL_NAME, category=MALL_CATEGORY)
        await wallet.refunds.set_policy(RefundPolicy(answer_within_s=REFUND_ANSWER_S))
        await wallet.resume()
        self._offered.set()

    def view(self) -> SandboxMall:
        """What there is to know of it."""
        wallet = self._wallet
        return SandboxMall(
            home=wallet.address.home,
            wallet_id=wallet.wallet_id,
            address=str(wallet.address),
            name=MALL_NAME,
            goods=list(GOODS.values()),
        )

    # --- business -----------------------------------------------------------------------------------------------------

    async def sell(self, basket: MallBasket, *, key: str) -> Checkout:
        """The checkout of a basket; the same key with the same basket is the same order.

        Raises:
            RequestError: the mall does not sell that, or the key came with another basket.
        """
        purchase = purchase_of(basket.goods, basket.language)
        order = OrderRequest(
            amount_fen=purchase.amount_fen,
            order_number=f"M-{sha256(key.encode()).hexdigest()[:12]}",
            description=purchase.description,
            expires_in_s=ORDER_S,
        )
        return await self._wallet.sales.create_checkout(
            order, success_url=basket.success_url, cancel_url=basket.cancel_url
        )

    async def take_back(self, order_id: str) -> Refund:
        """Offer the payer of an order all that is left of his payment; asked again, it is the same offer.

        Raises:
            RequestError: the mall has no such order, or it is not paid.
        """
        refund = await self._wallet.refunds.offer(order_id, refund_number=f"R-{order_id[:12]}")
        self._offered.set()
        return refund

    async def pay_refunds(self) -> None:
        """Pay what payers accept, for ever."""
        while True:
            await self._offered.wait()
            self._offered.clear()
            await self._pay_until_quiet()

    async def _pay_until_quiet(self) -> None:
        """Look again and again for as long as an offer waits for its payer."""
        now_s = asyncio.get_running_loop().time
        since_s = now_s()
        while await self._pay_accepted():
            if self._offered.is_set():
                self._offered.clear()
                since_s = now_s()
            pause_s = PAY_REFUNDS_EVERY_S if now_s() - since_s < TIRED_AFTER_S else PAY_REFUNDS_TIRED_S
            await asyncio.sleep(pause_s)

    async def _pay_accepted(self) -> bool:
        """Pay what is accepted; whether anything may still come."""
        try:
            await self._wallet.catch_up()
            await self._wallet.refunds.carry_out()
            page: RefundPage = await self._wallet.refunds.offered()
        except TongbaoError as error:
            _log.warning("the mall cannot give money back now", error=str(error))
            return True
        waits = {RefundState.OFFERED, RefundState.ACCEPTED}
        return any(each.state in waits for each in page.refunds)


def _phrase(connections: Connections, folder: Path) -> str:
    """The mall's recovery phrase, made where there is none."""
    path = folder / "phrase"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            return read_private(path).decode().strip()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
    phrase = new_phrase(connections.entropy.bytes(PHRASE_ENTROPY_BYTES))
    write_whole(path, phrase.encode() + b"\n")
    return phrase
