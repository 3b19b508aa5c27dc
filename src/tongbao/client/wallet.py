"""One wallet, for programs that call and wait."""

from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tongbao.adapters.clock import SystemClock
from tongbao.client.loop import LoopThread
from tongbao.client.results import Balance, Settled
from tongbao.protocol.order import Merchant, Order, OrderState
from tongbao.protocol.refund import Refund, RefundPolicy
from tongbao.protocol.wallet import Exchange, HistoryEntry, HistoryPage, WalletAccount, WalletClass, WalletKind
from tongbao.wallets import Wallet, WalletPaymentState
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish

__all__ = ["ClientWallet"]

_LOOK_AGAIN_S: Final = 0.5
_PAGE: Final = 100

T = TypeVar("T")


class ClientWallet:
    """A wallet of `Client.wallet`: `open` or `recover` it once in its life, then use it; close it, or use `with`.

    Attributes:
        address: where its holder is paid.
        wallet_id: 16 bytes, named after its main key.
    """

    def __init__(self, loop: LoopThread, wallet: Wallet, *, let_go: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.address = str(wallet.address)
        self.wallet_id = wallet.wallet_id
        self._loop = loop
        self._wallet = wallet
        self._let_go = let_go
        self._clock = SystemClock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; once is enough. What is in doubt stays in it, for `resume` in another life."""
        if not self._closed and not self._loop.is_closed:
            self._closed = True
            self._loop.run(self._let_go())

    def use(self, work: Callable[[Wallet], Coroutine[Any, Any, T]]) -> T:
        """What an asynchronous method of the wallet returns: `use(lambda wallet: wallet.scanning.scan(text))`.

        Every capability of a wallet is reached so; the methods here are those that most programs need.
        """
        return self._loop.run(work(self._wallet))

    # --- a wallet's life ----------------------------------------------------------------------------------------------

    def open(
        self, *, holder_name: str, wallet_class: WalletClass, kind: WalletKind = WalletKind.PERSONAL
    ) -> WalletAccount:
        """Open the wallet at its home; opened already, it is described."""
        return self.use(lambda wallet: wallet.open(holder_name=holder_name, wallet_class=wallet_class, kind=kind))

    def recover(self) -> Balance:
        """Bring the wallet back that its home knows, from the phrase alone."""
        self.use(lambda wallet: wallet.recover())
        return self.balance()

    def resume(self) -> list[Settled]:
        """Bring what is in doubt to its end where that can be; return what has settled."""
        payments = self.use(lambda wallet: wallet.resume())
        return [Settled.of(each) for each in payments if each.state is WalletPaymentState.SETTLED]

    # --- what it has --------------------------------------------------------------------------------------------------

    def account(self) -> WalletAccount:
        """The wallet as its home keeps it: holder, class, balance, deposit."""
        return self.use(lambda wallet: wallet.account())

    def balance(self) -> Balance:
        """What the wallet has, all news included."""
        account = self.use(lambda wallet: wallet.catch_up())
        aside_fen = self.use(lambda wallet: wallet.pockets.aside_fen())
        return Balance(self._wallet.balance_fen, self._wallet.free_fen, account.deposit_fen, aside_fen)

    def history(self) -> Iterator[HistoryEntry]:
        """What happened to the wallet, newest first, read page by page as far as it is looked at."""
        after = ""
        while True:
            page = self._page_after(after)
            yield from page.entries
            if not page.next or not page.entries:
                return
            after = page.next

    def _page_after(self, after: str) -> HistoryPage:
        return self.use(lambda wallet: wallet.history(after=after, limit=_PAGE))

    # --- deposit and coins --------------------------------------------------------------------------------------------

    def exchange(self, amount_fen: int) -> Exchange:
        """Turn deposit into coins, 1:1."""
        return self.use(lambda wallet: wallet.exchange(amount_fen))

    def deposit(self, amount_fen: int, *, request_id: str = "") -> Settled:
        """Turn coins into deposit; the same request id is the same deposit."""
        return Settled.of(self.use(lambda wallet: wallet.deposit(amount_fen, request_id=request_id)))

    # --- paying -------------------------------------------------------------------------------------------------------

    def order(self, link: str) -> Order:
        """The order that a link names: who asks, how much and what for."""
        return self.use(lambda wallet: wallet.order(link))

    def pay(self, order: Order | str) -> Settled:
        """Pay an order, or the link of one; however often, at most one payment settles."""
        asked = self.order(order) if isinstance(order, str) else order
        return Settled.of(self.use(lambda wallet: wallet.pay_order(asked)))

    def pay_person(self, address: str, amount_fen: int, *, request_id: str) -> Settled:
        """Pay a person; the same request id is the same payment, so choose it before the first attempt and keep it."""
        return Settled.of(
            self.use(lambda wallet: wallet.pay_person(address, amount_fen, request_id=request_id)),
        )

    def refund(self, order_id: str, amount_fen: int, *, request_id: str) -> Settled:
        """Return what was paid for an order of this merchant, or a part; the same request id is the same refund."""
        return Settled.of(self.use(lambda wallet: wallet.refund(order_id, amount_fen, request_id=request_id)))

    def offer_refund(
        self, order_id: str, amount_fen: int | None = None, *, refund_number: str, reason: str = ""
    ) -> Refund:
        """Ask the payer of an order whose policy says so; without an amount about all that is left.

        The same number with the same content is the same offer.
        """
        return self.use(
            lambda wallet: wallet.refunds.offer(order_id, amount_fen, refund_number=refund_number, reason=reason)
        )

    def pay_refunds(self) -> list[Settled]:
        """Pay every refund that is accepted, by word or by silence, once each."""
        return [Settled.of(each) for each in self.use(lambda wallet: wallet.refunds.carry_out())]

    def refunds_offered(self) -> list[Refund]:
        """The newest refunds that shops offer this wallet."""
        return self.use(lambda wallet: wallet.refunds.received()).refunds

    def answer_refund(self, refund: Refund, *, accept: bool) -> Refund:
        """Take a refund that a shop offers, or decline it."""
        if accept:
            return self.use(lambda wallet: wallet.refunds.accept(refund))
        return self.use(lambda wallet: wallet.refunds.decline(refund))

    # --- money that another wallet can open, too ----------------------------------------------------------------------

    def put_aside(self, wish: PocketWish, *, request_id: str) -> OwnPocket:
        """Put money into a pocket; the same request id in the same words is the same pocket, filled once."""
        return self.use(lambda wallet: wallet.pockets.put(wish, request_id=request_id))

    def pockets(self) -> list[OwnPocket]:
        """Every pocket that this wallet can open, now or later, and whose money is there."""
        return self.use(lambda wallet: wallet.pockets.all())

    def take(self, pocket: OwnPocket) -> OwnPocket:
        """Take a pocket's money out into this wallet; taken before by this wallet, it stays so."""
        return self.use(lambda wallet: wallet.pockets.take(pocket.told.home, pocket.pocket_id))

    # --- being paid ---------------------------------------------------------------------------------------------------

    def register_shop(self, name: str, *, category: str = "5999") -> Merchant:
        """Take orders under a shop's name from now on."""
        return self.use(lambda wallet: wallet.sales.register(name, category=category))

    def refund_policy(self, policy: RefundPolicy | None = None) -> RefundPolicy:
        """How new orders are refunded, once it is `policy` where one is given."""
        if policy is None:
            return self.use(lambda wallet: wallet.refunds.policy())
        return self.use(lambda wallet: wallet.refunds.set_policy(policy))

    def ask(self, amount_fen: int, order_number: str, *, description: str = "", expires_in_s: int = 900) -> Order:
        """Ask for money; the same number with the same content is the same order. Its `link` is what a payer needs."""
        return self.use(
            lambda wallet: wallet.sales.create_order(
                amount_fen, order_number, description=description, expires_in_s=expires_in_s
            )
        )

    def own_order(self, order_id: str) -> Order:
        """An order of this merchant as it stands."""
        return self.use(lambda wallet: wallet.sales.order(order_id))

    def wait_for_payment(self, order_id: str, *, timeout_s: float) -> Order:
        """The order once it is paid or can no longer be, or as it stands when the time is over."""
        until_ms = self._clock.now_ms() + int(timeout_s * 1000)
        while True:
            order = self.own_order(order_id)
            if order.state is not OrderState.OPEN or self._clock.now_ms() >= until_ms:
                return order
            self._loop.run(self._clock.sleep(_LOOK_AGAIN_S))
