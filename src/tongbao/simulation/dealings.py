"""What people do with their money, by their dice: buy, return, give, put into the bank, take out again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tongbao.adapters.entropy import SeededEntropy
from tongbao.errors import RequestError
from tongbao.protocol.order import Order
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.simulation.people import Person, Staff
from tongbao.simulation.told import Told
from tongbao.wallets import Wallet, WalletPayment

__all__ = ["Dealings"]

CASH_FEN: Final = 200_000
EXCHANGED_FEN: Final = 120_000
PRICE_FEN_MAX: Final = 8_000
PAUSE_S_MAX: Final = 0.8
STOCK_LOCKS: Final = 6
"""So few that some are paid after their last one is used."""

Move = Callable[[], Awaitable[None]]


class Dealings:
    """One person's life with money among others.

    Attributes:
        person: whose.
    """

    def __init__(self, person: Person, people: list[Person], shops: list[Person], told: Told) -> None:
        self.person = person
        self._others = [other for other in people if other is not person]
        self._shops = shops
        self._told = told
        self._count = 0

    async def begin(self, staff: Staff) -> None:
        """Open the wallet, bring cash, and turn a part of it into coins."""
        person = self.person
        await person.wish(
            lambda wallet: wallet.open(holder_name=person.name, wallet_class=WalletClass.I, stock=STOCK_LOCKS),
            what="open",
        )
        await staff.deposit(person, CASH_FEN)
        self._told.cash_fen[person.name] += CASH_FEN
        await person.wish(lambda wallet: wallet.exchange(EXCHANGED_FEN), what="first exchange")

    async def move(self) -> None:
        """Do one thing; a refusal is an answer, too."""
        dice = self.person.dice
        await asyncio.sleep(dice.fraction() * PAUSE_S_MAX)
        self._count += 1
        moves: list[Move] = [self._buy, self._buy, self._give, self._give, self._deposit, self._exchange]
        try:
            await moves[dice.below(len(moves))]()
        except RequestError as error:
            self._told.refused[error.code] += 1

    def _amount(self) -> int:
        return 1 + self.person.dice.below(PRICE_FEN_MAX)

    async def _buy(self) -> None:
        """Order, pay, perhaps with a double click, and perhaps return a part of it."""
        person, dice = self.person, self.person.dice
        shop, price = _one_of(self._shops, dice), self._amount()
        number = f"{person.name}-{self._count}"
        order = await shop.wish(lambda wallet: wallet.sales.create_order(price, number), what=f"order {number}")
        self._told.payees[person.name, f"order {order.home} {order.order_id}"] = shop.name
        clicks = 2 if dice.below(5) == 0 else 1
        payments = await asyncio.gather(*(self._pay(order) for _ in range(clicks)))
        for payment in payments:
            self._told.paid(payment)
        if dice.below(3) == 0:
            await self._return(shop, order, 1 + dice.below(price))

    async def _pay(self, order: Order) -> WalletPayment:
        async def pay(wallet: Wallet) -> WalletPayment:
            return await wallet.pay_order(await wallet.order(order.link))

        return await self.person.wish(pay, what=f"pay {order.order_number}")

    async def _return(self, shop: Person, order: Order, amount_fen: int) -> None:
        request_id = f"return-{order.order_number}"

        async def refund(wallet: Wallet) -> WalletPayment:
            await wallet.sync()
            return await wallet.refund(order.order_id, amount_fen, request_id=request_id)

        self._told.payees[shop.name, f"refund {order.order_id} {request_id}"] = self.person.name
        self._told.paid(await shop.wish(refund, what=request_id))

    async def _give(self) -> None:
        payee, amount_fen = _one_of(self._others, self.person.dice), self._amount()
        request_id = f"gift-{self._count}"
        self._told.payees[self.person.name, f"person {payee.address} {request_id}"] = payee.name
        self._told.paid(
            await self.person.wish(
                lambda wallet: wallet.pay_person(payee.address, amount_fen, request_id=request_id), what=request_id
            )
        )

    async def _deposit(self) -> None:
        amount_fen, request_id = self._amount(), f"deposit-{self._count}"
        self._told.payees[self.person.name, f"deposit  {request_id}"] = self.person.name
        self._told.paid(
            await self.person.wish(lambda wallet: wallet.deposit(amount_fen, request_id=request_id), what=request_id)
        )

    async def _exchange(self) -> None:
        amount_fen = self._amount()
        await self.person.wish(lambda wallet: wallet.exchange(amount_fen), what=f"exchange {self._count}")
        self._told.done["exchange"] += 1


async def open_shop(shop: Person) -> None:
    """A company's wallet that takes orders."""
    await shop.wish(
        lambda wallet: wallet.open(
            holder_name=shop.name, wallet_class=WalletClass.I, kind=WalletKind.CORPORATE, stock=STOCK_LOCKS
        ),
        what="open",
    )
    await shop.wish(lambda wallet: wallet.sales.register(shop.name), what="register")


def _one_of(people: list[Person], dice: SeededEntropy) -> Person:
    return people[dice.below(len(people))]
