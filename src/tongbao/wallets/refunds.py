"""Refunds that the payer is asked about: a merchant offers them and carries out what is accepted, a payer answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from urllib.parse import quote

from tongbao.errors import BusyError, NetworkError, PeerError, RequestError, TongbaoError
from tongbao.protocol.refund import (
    Refund,
    RefundAnswer,
    RefundBox,
    RefundOffer,
    RefundPage,
    RefundPolicy,
    RefundState,
    RefundWithdrawal,
)
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home
from tongbao.wallets.payment import WalletPayment

__all__ = ["Refunds"]

REFUNDS_PER_PAGE: Final = 50

_POLICY: Final = "/v1/refund-policy"
_REFUNDS: Final = "/v1/refunds"

_ONE_REFUND_ONLY: Final = (RequestError, PeerError, NetworkError, BusyError)
"""What goes wrong with one refund; a failing disk is no reason to try the next."""

PayRefund = Callable[[Refund], Awaitable[WalletPayment]]


class Refunds:
    """What the wallet `wallet_id` offers and is offered; `pay_refund` pays a refund that is owed."""

    def __init__(self, home: Home, *, wallet_id: bytes, pay_refund: PayRefund) -> None:
        self._home = home
        self._wallet_id = wallet_id
        self._pay_refund = pay_refund

    # --- the merchant -------------------------------------------------------------------------------------------------

    async def policy(self) -> RefundPolicy:
        """How what is paid for this merchant's next orders is refunded."""
        return await self._home.get(_POLICY, RefundPolicy)

    async def set_policy(self, policy: RefundPolicy) -> RefundPolicy:
        """Refund so what is paid for orders from now on; those that are made keep what their payers were shown."""
        return await self._home.post(_POLICY, policy, RefundPolicy, self._home.new_request())

    async def offer(
        self, order_id: str, amount_fen: int | None = None, *, refund_number: str = "", reason: str = ""
    ) -> Refund:
        """Ask the payer of an order; the same number with the same content is the same offer.

        Without an amount it is all that is left of the payment.
        """
        number = refund_number or self._home.new_request()
        message = asked(RefundOffer, order_id=order_id, amount_fen=amount_fen, refund_number=number, reason=reason)
        refund = await self._home.post(_REFUNDS, message, Refund, self._home.new_request())
        made = (refund.merchant_wallet_id, refund.order_id, refund.refund_number)
        if made != (self._wallet_id, order_id, number) or amount_fen not in {None, refund.amount_fen}:
            raise PeerError("the home offers another refund than it was asked for")
        return refund

    async def withdraw(self, refund: Refund) -> Refund:
        """Take an offer back that nobody has answered."""
        path = f"{_REFUNDS}/{refund.refund_id}/withdraw"
        return await self._home.post(path, RefundWithdrawal(), Refund, self._home.new_request())

    async def offered(self, *, after: str = "", limit: int = REFUNDS_PER_PAGE) -> RefundPage:
        """What this merchant offers, newest first."""
        return await self._page(RefundBox.OFFERED, after, limit)

    async def find(self, refund_id: str) -> Refund:
        """A refund that a merchant of the home offers, as it stands."""
        return await self._home.get(f"{_REFUNDS}/{quote(refund_id, safe='')}", Refund)

    async def carry_out(self) -> list[WalletPayment]:
        """Pay every refund that is accepted and not paid yet; asked again, each is paid once.

        Raises:
            TongbaoError: one of them could not be paid, as where coins are short; all the others were tried.
        """
        owed = [each async for each in self._all(RefundBox.OFFERED) if each.state is RefundState.ACCEPTED]
        paid: list[WalletPayment] = []
        failed: list[TongbaoError] = []
        # Who was promised first is paid first.
        for each in reversed(owed):
            try:
                paid.append(await self._pay_refund(each))
            except _ONE_REFUND_ONLY as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return paid

    # --- the payer ----------------------------------------------------------------------------------------------------

    async def received(self, *, after: str = "", limit: int = REFUNDS_PER_PAGE) -> RefundPage:
        """What shops offer this wallet, newest first."""
        return await self._page(RefundBox.RECEIVED, after, limit)

    async def accept(self, refund: Refund) -> Refund:
        """Take the refund; the merchant's wallet owes it from now on."""
        return await self._answer(refund, accept=True)

    async def decline(self, refund: Refund) -> Refund:
        """Do not take the refund."""
        return await self._answer(refund, accept=False)

    async def _answer(self, refund: Refund, *, accept: bool) -> Refund:
        path = f"/v1/homes/{refund.home}/refunds/{refund.refund_id}/answer"
        return await self._home.post(path, RefundAnswer(accept=accept), Refund, self._home.new_request())

    # --- both ---------------------------------------------------------------------------------------------------------

    async def named(self, refund_id: str, *, box: RefundBox) -> Refund:
        """The refund with this id among those that the wallet offers or is offered."""
        async for each in self._all(box):
            if each.refund_id == refund_id:
                return each
        raise RequestError(
            "this wallet has no such refund",
            field="refund",
            cure="tongbao wallet refunds lists those that there are",
            code="NOT_FOUND",
        )

    async def _all(self, box: RefundBox) -> AsyncIterator[Refund]:
        after = ""
        while True:
            page = await self._page(box, after, REFUNDS_PER_PAGE)
            for each in page.refunds:
                yield each
            if not page.next or page.next == after:
                return
            after = page.next

    async def _page(self, box: RefundBox, after: str, limit: int) -> RefundPage:
        query: dict[str, str | int] = {"box": box.value, "after": after, "limit": limit}
        return await self._home.get(_REFUNDS, RefundPage, query)
