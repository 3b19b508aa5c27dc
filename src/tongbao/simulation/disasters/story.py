"""One disaster: a currency in a storm, then in peace, then before its judge.

>>> from tongbao.simulation.disasters.story import run_disaster
>>> run = run_disaster("7")
>>> print(run.result.undecided or "every law holds")
every law holds
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.journal_verify import verify_journal
from tongbao.coin import Limits
from tongbao.service.supply_recount import Supply
from tongbao.simulation.boots import JOURNAL
from tongbao.simulation.charter import CENTRE, Charter
from tongbao.simulation.currency import CITIZENS, SHOPS, Currency, Sabotage
from tongbao.simulation.dealings import Dealings, open_shop
from tongbao.simulation.disasters.answers import Answers
from tongbao.simulation.disasters.faults import FAULTS, Faults
from tongbao.simulation.disasters.model import LedgerModel, Verdict, replayed
from tongbao.simulation.disasters.operator import HaltedError, Operator
from tongbao.simulation.disasters.replicas import Replica
from tongbao.simulation.laws import (
    History,
    LawBrokenError,
    demand,
    judge_banks,
    judge_payments,
    judge_purses,
    read_verdicts,
)
from tongbao.simulation.misfortune import BAD_NETWORK, start_stubbornly
from tongbao.simulation.told import Told
from tongbao.simulation.world import Role, Simulated, World, platter_of, simulate

__all__ = ["Disaster", "DisasterResult", "run_disaster"]

T = TypeVar("T")

REPLICAS_MAX: Final = 3
CITIZENS_MIN: Final = 2
STRIKES_MIN: Final = 3
STRIKES_MAX: Final = 8
MOVES_MAX: Final = 8
SNAPSHOT_EVERY: Final = 8
"""So often that replicas compare digests several times in a short life."""

LIVENESS_S_MAX: Final = 600.0
"""Of virtual time, from the end of all faults: the longest expiry, the furthest clock, and ten looks of everybody."""

CAUGHT_UP_S_MAX: Final = 60.0
CAUGHT_UP_LOOK_S: Final = 2.0

MEDIUM_LIES: Final = frozenset({"bit flip", "lost write", "astray write"})
"""Faults of the one medium that no replica could know better about."""

NEEDS_INDEX: Final = frozenset({"index"})
"""What a lying medium is not combined with: the index is what knows how far the journal must reach."""


@dataclass(frozen=True, slots=True)
class DisasterResult:
    """A disaster that broke no law.

    Attributes:
        told: what people were told.
        undecided: why nothing can be said of liveness, "" where all came to its end.
        faults: what struck, in order.
        replicas: how many there were.
        crashes: how often a role lost power.
        takeovers: how often a replica began to write.
        answers: how many things the centre's answers said, all of them judged.
        seconds: of virtual time.
    """

    told: Told
    undecided: str
    faults: tuple[str, ...]
    replicas: int
    crashes: int
    takeovers: int
    answers: int
    seconds: float


def run_disaster(seed: str, *, sabotage: Sabotage | None = None) -> Simulated[DisasterResult]:
    """Run one disaster from its seed to its end; `sabotage` may break the world before it begins.

    Raises:
        LawBrokenError: money was lost, made or paid twice, or somebody was told what is not so.
        InvariantError: something hangs, or failed for no reason that a fault explains.
    """

    async def scenario(world: World) -> DisasterResult:
        return await Disaster(world, seed).live(sabotage)

    return simulate(f"disaster/{seed}", scenario, conditions=BAD_NETWORK)


class Disaster(Currency):
    """A currency whose centre has replicas, in one world.

    Attributes:
        replicas: of the centre.
    """

    def __init__(self, world: World, seed: str) -> None:
        dice = world.dice_of("plan")
        self._plan = _plan(dice)
        self._medium = platter_of(world, "medium")
        self.replicas: list[Replica] = []
        people = dict(list(_drawn(CITIZENS, CITIZENS_MIN, dice)))
        charter = Charter(seed, limits=Limits(snapshot_every=SNAPSHOT_EVERY))
        super().__init__(world, charter, citizens=people, shops=dict(list(_drawn(SHOPS, 1, dice))))
        self._operator = Operator(world, self._medium, has_copy=dice.below(6) > 0)
        for replica in self.replicas:
            replica.operator = self._operator
        names = [replica.name for replica in self.replicas]
        self._faults = Faults(world, self._operator, names)
        self._answers = Answers(charter.domain)
        world.network.on_answer = self._answers

    def _found_centre(self) -> Role:
        count = 1 if MEDIUM_LIES.intersection(self._plan) else 2 + self._world.dice.below(REPLICAS_MAX - 1)
        roles = []
        for number in range(count):
            name = CENTRE if number == 0 else f"{CENTRE}-{number + 1}"
            replica = Replica(name, self._world, self._charter)
            self.replicas.append(replica)
            roles.append(self._world.role(name, replica.boot, skew_ms=self._skew_ms(), shared=self._medium))
        return roles[0]

    async def live(self, sabotage: Sabotage | None) -> DisasterResult:
        """Live through the storm, come to rest in peace, be judged."""
        if sabotage is not None:
            sabotage(self._world)
        for role in self._world.roles.values():
            await start_stubbornly(role)
        try:
            await self._watched(self._through())
            undecided = ""
        except HaltedError as error:
            # Nothing goes on, as it must; what was told before must be true all the same, by the copy that is missing.
            undecided = str(error)
            self._medium.heal()
            for role in self._world.roles.values():
                if role.running and role.failures:
                    await role.crash(lose_power=False)
            await self._judge_answers()
        return DisasterResult(
            told=self.told,
            undecided=undecided,
            faults=tuple(self._faults.struck),
            replicas=len(self.replicas),
            crashes=self._operator.crashes,
            takeovers=sum(replica.takeovers for replica in self.replicas),
            answers=len(self._answers.seen),
            seconds=asyncio.get_running_loop().time(),
        )

    async def _watched(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it while the operator watches; what he cannot mend ends it."""
        watching = self._world.run(self._operator.watch(), name="operator")
        working = self._world.run(work, name="story")
        try:
            await asyncio.wait({watching, working}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
            return await working
        finally:
            for task in (watching, working):
                task.cancel()
            await asyncio.gather(watching, working, return_exceptions=True)

    async def _through(self) -> None:
        opening = [*(self._issue(home) for home in (1, 2)), *(open_shop(shop) for shop in self._shops)]
        await asyncio.gather(*opening)
        dealings = [Dealings(person, self._citizens, self._shops, self.told) for person in self._citizens]
        lives = [*(self._live(each) for each in dealings), *(self._bank_business(home) for home in (1, 2))]
        await asyncio.gather(self._storm(), *lives)
        self._faults.end()
        try:
            async with asyncio.timeout(LIVENESS_S_MAX):
                await self._operator.all_running()
                purses = await self._come_to_rest()
                reports = await self._reports()
                await self._caught_up()
        except TimeoutError as error:
            raise LawBrokenError(f"not everything came to its end within {LIVENESS_S_MAX:g} s of peace") from error
        model = await self._judge_answers()
        history = History(_supply_of(model), frozenset(model.settled))
        judge_payments(history, self.told, purses)
        judge_banks(history, self.told, reports)
        judge_purses(history, self.told, purses, reports)

    async def _storm(self) -> None:
        for name in self._plan:
            await self._faults.strike(name)
        self._storm_is_over = True
        self._faults.end()

    # --- rest and judgement -------------------------------------------------------------------------------------------

    async def _caught_up(self) -> None:
        """Let every follower reach what the writer had when this began."""
        goal = max(kernel.sequence for replica in self.replicas if (kernel := replica.reached) is not None)
        for _ in range(int(CAUGHT_UP_S_MAX / CAUGHT_UP_LOOK_S)):
            reached = [replica.reached for replica in self.replicas]
            if all(kernel is not None and kernel.sequence >= goal for kernel in reached):
                return
            await asyncio.sleep(CAUGHT_UP_LOOK_S)
        raise LawBrokenError(f"a replica does not come to batch {goal} in {CAUGHT_UP_S_MAX:g} s of peace")

    async def _judge_answers(self) -> LedgerModel:
        """Hold journal, replicas and everything that clients saw against the model."""
        records = await self._records()
        verdicts = self._verdicts(len(records) - 1)
        model = replayed(records, verdicts)
        for identity, what in self.told.settled.items():
            demand(identity in model.settled, f"{what} was answered as settled, and is not: {identity.hex()}")
        self._answers.judge(model)
        for replica in self.replicas:
            self._judge_replica(replica, records, verdicts)
        return model

    async def _records(self) -> list[bytes]:
        # What rotted where nobody has read since is found by the verification that operators run, and put back.
        self._medium.heal()
        records: list[bytes] = []
        report = await verify_journal(
            self._medium.join(), JOURNAL, check=lambda _sequence, record: records.append(record)
        )
        demand(report.damage is None, f"the journal does not add up: {report.damage}")
        return records

    def _verdicts(self, last: int) -> Mapping[int, list[Verdict]]:
        """What the replicas' indexes say of each batch; all that know of a batch must say the same."""
        told: dict[int, list[Verdict]] = {}
        for replica in self.replicas:
            for sequence, found in read_verdicts(self._world.roles[replica.name]).items():
                demand(sequence <= last, f"{replica.name} knows of batch {sequence}, and the journal ends at {last}")
                same = told.setdefault(sequence, found) == found
                demand(same, f"{replica.name} has other verdicts on batch {sequence} than another replica")
        return told

    def _judge_replica(self, replica: Replica, records: list[bytes], verdicts: Mapping[int, list[Verdict]]) -> None:
        kernel = replica.reached if self._world.roles[replica.name].running else None
        if kernel is None:
            return
        model = replayed(records, verdicts, until_sequence=kernel.sequence)
        same = dict(kernel.unspent_by_asset_and_home()) == model.unspent_fen
        there = all(kernel.are_unspent(list(model.coins)))
        demand(same and there, f"{replica.name} has other coins at batch {kernel.sequence} than the journal makes")
        head = model.heads.get(kernel.sequence, kernel.chain_head)
        demand(kernel.chain_head == head, f"{replica.name} has applied another batch {kernel.sequence}")


def _plan(dice: SeededEntropy) -> list[str]:
    """The faults of a seed in their order: a few drawn from all, so that seeds together meet every pair.

    One seed in three has a medium that lies, and then a single replica: decision 0045 says why.
    """
    banned = NEEDS_INDEX if dice.below(3) == 0 else MEDIUM_LIES
    choice = [name for name in FAULTS if name not in banned]
    return [choice[dice.below(len(choice))] for _ in range(STRIKES_MIN + dice.below(STRIKES_MAX - STRIKES_MIN + 1))]


def _drawn(people: Mapping[str, int], least: int, dice: SeededEntropy) -> Iterator[tuple[str, int]]:
    """Some of the people, at least so many."""
    left = list(people.items())
    for _ in range(least + dice.below(len(left) - least + 1)):
        yield left.pop(dice.below(len(left)))


def _supply_of(model: LedgerModel) -> Supply:
    """The model's figures, as the laws read them."""
    by_home: dict[int, int] = {}
    for (_, home), value in model.unspent_fen.items():
        by_home[home] = by_home.get(home, 0) + value
    return Supply(
        issued=model.issued_fen,
        redeemed=model.redeemed_fen,
        unspent=sum(by_home.values()),
        by_home=by_home,
        coins=len(model.coins),
        sequence=model.sequence,
        confirmed_sequence=model.sequence,
        unconfirmed=0,
        judged=False,
    )
