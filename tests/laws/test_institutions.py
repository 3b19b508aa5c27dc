"""Whatever customers, shops and tellers do at two institutions: books balance and replays are alike."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.coin.address import Address
from tongbao.errors import RequestError
from tongbao.protocol.order import Order
from tongbao.protocol.payment import Payee
from tongbao.protocol.wallet import ExchangeBatchAnswer, ExchangeBatchRequest, ExchangeItem, WalletClass

STEPS = 40


async def demand_sound(world: InstitutionWorld) -> None:
    """Each home's books balance, and what it counts is what the kernel counts."""
    await world.catch_up()
    supply = await world.centre.supply()
    unspent = {total.home: total.unspent for total in supply.totals}
    for home in (1, 2):
        report = await world.report(home)
        assert report.balanced, report
        assert report.vault_fen + report.circulating_fen == unspent[home]
        assert min(account.balance_fen for account in report.accounts if account.account == "deposits") >= 0


class Town:
    """Four holders at two homes who do something at random, sensible or not."""

    def __init__(self, world: InstitutionWorld, dice: Random) -> None:
        self.world = world
        self.dice = dice
        self.holders: list[Holder] = []
        self.orders: list[tuple[Holder, Order]] = []
        self.done: list[str] = []

    async def open(self) -> None:
        for number, (home, wallet_class) in enumerate([(1, "I"), (1, "IV"), (2, "I"), (2, "II")]):
            holder = await Holder.open(
                self.world, 101 + number, home=home, wallet_class=WalletClass(wallet_class), stock=3
            )
            await holder.become_merchant(f"Shop {number}")
            self.holders.append(holder)

    async def step(self) -> None:
        holder, amount = self.dice.choice(self.holders), self.dice.randint(1, 300_000)
        steps = [self.fund, self.order, self.pay, self.pay, self.person, self.refund, self.deposit, self.wait]
        step = self.dice.choice(steps)
        try:
            await step(holder, amount)
            self.done.append(step.__name__)
        except RequestError as error:
            self.done.append(error.code)

    async def fund(self, holder: Holder, amount: int) -> None:
        await holder.exchange_by_teller(amount, deposit_fen=self.dice.choice([amount, amount // 2]))

    async def order(self, holder: Holder, amount: int) -> None:
        self.orders.append((holder, await holder.order(amount, str(len(self.orders)))))

    async def pay(self, holder: Holder, _amount: int) -> None:
        _, order = self.dice.choice(self.orders)
        await self._pay(holder, Payee(order_id=order.order_id, home=order.home), None)

    async def person(self, holder: Holder, amount: int) -> None:
        payee = self.dice.choice(self.holders)
        address = str(Address(payee.home, payee.wallet_id, test_network=True))
        await self._pay(holder, Payee(address=address), amount)

    async def refund(self, _holder: Holder, amount: int) -> None:
        shop, order = self.dice.choice(self.orders)
        await self._pay(shop, Payee(refund_of=order.order_id), self.dice.choice([amount, None, order.amount_fen]))

    async def deposit(self, holder: Holder, amount: int) -> None:
        await self._pay(holder, Payee(deposit=True), amount)

    async def wait(self, _holder: Holder, amount: int) -> None:
        await self.world.pass_time(amount)

    async def _pay(self, holder: Holder, payee: Payee, amount: int | None) -> None:
        coins = await holder.coins()
        if not coins:
            raise RequestError("nothing to pay with", code="POOR")
        preparation = await holder.prepare(payee, amount_fen=amount, anchor=coins[0].coin.coin_id)
        if sum(coin.coin.value for coin in coins) < preparation.amount_fen:
            raise RequestError("not enough to pay with", code="POOR")
        await holder.pay(preparation, coins)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_they_do_the_books_balance_and_agree_with_the_ledger(tmp_path: Path, seed: int) -> None:
    world = await InstitutionWorld.open(tmp_path)
    try:
        for home in (1, 2):
            await world.fill_vault(2_000_000, home=home)
        town = Town(world, Random(seed))
        await town.open()
        for holder in town.holders:
            await town.fund(holder, 250_000)
            await town.order(holder, 50_000)

        for _ in range(STEPS):
            await town.step()
            await demand_sound(world)

        assert {"fund", "order", "pay", "person", "deposit"} & set(town.done)
    finally:
        await world.close()


async def _story(directory: Path, dice: Random) -> bytes:
    """Twelve payers at two homes pay three shops, twice; who comes first at the same time is left to the dice."""
    world = await InstitutionWorld.open(directory)
    try:
        for home in (1, 2):
            await world.fill_vault(1_000_000, home=home)
        shops = [await Holder.open(world, 300 + number, home=1 + number % 2, stock=4) for number in range(3)]
        for shop in shops:
            await shop.become_merchant()
        payers = [await Holder.open(world, 400 + number, home=1 + number % 2) for number in range(12)]
        for day in range(2):
            await world.pass_time(86_400_000)
            await _fund(payers)
            orders = [await shops[number % 3].order(70 + number, f"{day}-{number}") for number in range(len(payers))]
            pairs = list(zip(payers, orders, strict=True))
            dice.shuffle(pairs)
            await asyncio.gather(*[_pay(payer, order, dice.random() / 50) for payer, order in pairs])
        return (await world.centre.supply()).state_digest
    finally:
        await world.close()


async def _fund(payers: list[Holder]) -> None:
    for home in (1, 2):
        items = [
            ExchangeItem(wallet_id=payer.wallet_id, amount_fen=100, deposit_fen=100, payment_fen=100)
            for payer in payers
            if payer.home == home
        ]
        teller = payers[0].world.teller(home)
        key = payers[0].world.new_key()
        request = ExchangeBatchRequest(items=items)
        await teller.post("/v1/exchanges", request, ExchangeBatchAnswer, idempotency_key=key)


async def _pay(payer: Holder, order: Order, pause_s: float) -> None:
    await asyncio.sleep(pause_s)
    coins = (await payer.coins())[-1:]
    preparation = await payer.prepare(Payee(order_id=order.order_id, home=order.home), anchor=coins[0].coin.coin_id)
    assert await refusal(payer.pay(preparation, coins)) == ""


async def test_the_same_requests_in_another_order_of_arrival_make_the_same_money(tmp_path: Path) -> None:
    digests = set()
    for run in range(3):
        directory = tmp_path / str(run)
        directory.mkdir()
        digests.add(await _story(directory, Random(run)))

    assert len(digests) == 1
