"""The whole currency in one process, from one seed, on virtual time, with everything going wrong that may.

A registration centre, the central bank's office, two institutions and seven wallets live through genesis, issuance,
orders within and between homes, refunds, gifts, deposits and redemption, while messages get lost or come twice and
every role loses power at least once. Then all becomes quiet, and the laws of `tongbao.simulation.laws` must hold.

>>> from tongbao.simulation.currency import run_currency
>>> run = run_currency("7")
>>> print(run.result.supply.holds, run.trace.digest == run_currency("7").trace.digest)
True True
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tongbao.protocol.banking import BankReport
from tongbao.service.supply_recount import Supply
from tongbao.simulation.boots import boot_centre, boot_institution, boot_office
from tongbao.simulation.charter import CENTRE, HOMES, OFFICE, Charter, bank_of
from tongbao.simulation.dealings import Dealings, open_shop
from tongbao.simulation.laws import (
    LawBrokenError,
    Purse,
    judge_banks,
    judge_payments,
    judge_purses,
    read_history,
)
from tongbao.simulation.misfortune import BAD_NETWORK, NETWORK, Misfortune, start_stubbornly
from tongbao.simulation.network import NetworkConditions
from tongbao.simulation.people import Person, Staff
from tongbao.simulation.told import Told
from tongbao.simulation.world import Role, Simulated, World, simulate
from tongbao.wallets import Wallet, WalletPayment, WalletPaymentState

__all__ = ["CITIZENS", "SHOPS", "Currency", "CurrencyResult", "Sabotage", "run_currency"]

CITIZENS: Final = {"alice": 1, "bob": 1, "carol": 2, "dave": 2, "erin": 2}
SHOPS: Final = {"teahouse": 1, "bookshop": 2}
ISSUED_FEN: Final = 1_000_000
MORE_FEN: Final = 50_000
REDEEMED_FEN: Final = 30_000
MOVES_MIN: Final = 4
MOVES_MAX: Final = 12
EXPIRED_S: Final = 130.0
"""Longer than any signed payment may take."""

QUIET_ROUNDS_MAX: Final = 20
QUIET_PAUSE_S: Final = 10.0

Sabotage = Callable[[World], None]


@dataclass(frozen=True, slots=True)
class CurrencyResult:
    """A currency that has kept its laws.

    Attributes:
        told: what people were told.
        supply: counted from the journal.
        crashes: how often a role lost power.
        seconds: of virtual time.
    """

    told: Told
    supply: Supply
    crashes: int
    seconds: float


def run_currency(seed: str, *, sabotage: Sabotage | None = None) -> Simulated[CurrencyResult]:
    """Run the currency from a seed to its end; `sabotage` may break the world before it begins.

    Raises:
        LawBrokenError: money was lost, made or paid twice.
        InvariantError: a role stepped down, or something hangs.
    """

    async def scenario(world: World) -> CurrencyResult:
        return await Currency(world, Charter(seed)).run(sabotage)

    return simulate(seed, scenario, conditions=BAD_NETWORK)


class Currency:
    """Everybody in one world."""

    def __init__(
        self,
        world: World,
        charter: Charter,
        *,
        citizens: Mapping[str, int] = CITIZENS,
        shops: Mapping[str, int] = SHOPS,
    ) -> None:
        self.told = Told()
        self._world = world
        self._charter = charter
        self._centre = self._found_centre()
        world.role(OFFICE, boot_office(charter), skew_ms=self._skew_ms())
        for home in HOMES:
            world.role(bank_of(home), boot_institution(charter, home), skew_ms=self._skew_ms())
        self._offices = list(world.roles)
        self._citizens = [Person(world, charter, name, home) for name, home in citizens.items()]
        self._shops = [Person(world, charter, name, home) for name, home in shops.items()]
        self._staff = Staff(world, charter)
        self._misfortune = Misfortune(world)
        self._storm_is_over = False

    def _found_centre(self) -> Role:
        """Give the centre its place in the world."""
        return self._world.role(CENTRE, boot_centre(self._charter), skew_ms=self._skew_ms())

    @property
    def _people(self) -> list[Person]:
        return [*self._citizens, *self._shops]

    def _skew_ms(self) -> int:
        """Clocks differ; the centre's own goes ahead only, since genesis was made by a right one."""
        return self._world.dice.below(2_000)

    async def run(self, sabotage: Sabotage | None) -> CurrencyResult:
        """Live, come to rest, be judged."""
        if sabotage is not None:
            sabotage(self._world)
        for role in self._world.roles.values():
            await start_stubbornly(role)
        opening = [*(self._issue(home) for home in HOMES), *(open_shop(shop) for shop in self._shops)]
        await asyncio.gather(self._misfortune.strike(self._offices), *opening)
        dealings = [Dealings(person, self._citizens, self._shops, self.told) for person in self._citizens]
        lives = [*(self._live(each) for each in dealings), *(self._bank_business(home) for home in HOMES)]
        await asyncio.gather(self._storm(), *lives)
        self._world.network.conditions = NetworkConditions()
        purses = await self._come_to_rest()
        return await self._judged(purses)

    # --- living -------------------------------------------------------------------------------------------------------

    async def _storm(self) -> None:
        names = [person.name for person in self._people]
        await self._misfortune.strike([*self._offices, *self._offices, *names, NETWORK, NETWORK])
        self._storm_is_over = True

    async def _issue(self, home: int, amount_fen: int = ISSUED_FEN) -> None:
        self.told.operated(home, await self._staff.issue(home, amount_fen), self.told.issued_fen)

    async def _bank_business(self, home: int) -> None:
        self.told.operated(home, await self._staff.redeem(home, REDEEMED_FEN), self.told.redeemed_fen)
        await self._issue(home, MORE_FEN)

    async def _live(self, dealings: Dealings) -> None:
        await dealings.begin(self._staff)
        for number in range(MOVES_MAX):
            if number >= MOVES_MIN and self._storm_is_over:
                return
            await dealings.move()

    # --- rest ---------------------------------------------------------------------------------------------------------

    async def _come_to_rest(self) -> list[Purse]:
        """Let what is in doubt expire, and every wallet find out how it ended."""
        await asyncio.sleep(EXPIRED_S)
        open_payments: list[WalletPayment] = []
        for _ in range(QUIET_ROUNDS_MAX):
            purses = [await self._purse(person) for person in self._people]
            open_payments = [
                payment for purse in purses for payment in purse.payments if payment.state is WalletPaymentState.SIGNED
            ]
            if not open_payments and not any(report.in_flight for report in await self._reports()):
                return purses
            await asyncio.sleep(QUIET_PAUSE_S)
        names = ", ".join(payment.name for payment in open_payments) or "an institution's transactions"
        raise LawBrokenError(f"these never come to an end: {names}")

    async def _reports(self) -> list[BankReport]:
        return [await self._staff.report(home) for home in HOMES]

    async def _purse(self, person: Person) -> Purse:
        async def look(wallet: Wallet) -> Purse:
            await wallet.resume()
            await wallet.sync()
            account, payments = await wallet.account(), await wallet.payments()
            return Purse(person.name, person.home, wallet.balance_fen, wallet.free_fen, account, payments)

        return await person.wish(look, what="look into the purse")

    async def _judged(self, purses: list[Purse]) -> CurrencyResult:
        self._world.check()
        reports, history = await self._reports(), await read_history(self._centre)
        judge_payments(history, self.told, purses)
        judge_banks(history, self.told, reports)
        judge_purses(history, self.told, purses, reports)
        seconds = asyncio.get_running_loop().time()
        return CurrencyResult(self.told, history.supply, self._misfortune.crashes, seconds)
