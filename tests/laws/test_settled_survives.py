"""The centre's law: what it answered as settled is settled after any loss of power, and the money still adds up.

The whole centre works on a disk that drops what was not synced. The last tests plant a sync that answers before
anything is durable, and see the law fail.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.builders import ALICE, BOB, DOMAIN, coin, issue
from tests.laws.test_journal_survives import EagerDisk
from tests.registration_world import CentreWorld, hand_in, payment, statuses
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Transaction
from tongbao.errors import DamageError, TongbaoError
from tongbao.kernel import Status
from tongbao.simulation.disk import CrashedError, Platter, SimulatedDisk

SEEDS = range(12)
LIVES = 3
COINS = 12
ANSWERED_WITHIN_S = 5.0
SETTLED = Status.SETTLED.name


class LawBrokenError(AssertionError):
    """A payment that was answered as settled is not settled, or the money does not add up."""


@dataclass
class Told:
    """What the world outside was told.

    Attributes:
        settled: answered as settled.
        issued_fen: made by issues that were answered as settled.
    """

    settled: set[bytes] = field(default_factory=set)
    issued_fen: int = 0


async def submit(centre: RegistrationCentre, transaction: Transaction, told: Told, *, home: int = 1) -> None:
    """Hand something in and remember the answer; whoever loses power answers nothing."""
    try:
        answer = await hand_in(centre, [transaction], home=home)
    except (TongbaoError, CrashedError):
        return
    if statuses(answer) == [SETTLED]:
        told.settled.add(transaction.id(DOMAIN))


async def judged(world: CentreWorld, told: Told) -> RegistrationCentre:
    """The centre started again, once what it says is held against what was told before."""
    try:
        centre = await world.open()
    except DamageError as error:
        raise LawBrokenError("the journal lacks what the centre's own index accounts for") from error
    for identity in sorted(told.settled):
        if (await centre.outcome(identity)).receipt is None:
            raise LawBrokenError(f"{identity.hex()} was answered as settled, and is absent")
    report = await centre.supply()
    if sum(total.issued - total.redeemed for total in report.totals) < told.issued_fen:
        raise LawBrokenError("money that was issued is gone")
    return centre


async def live(world: CentreWorld, told: Told, dice: Random, life: int) -> None:
    """Start, judge what earlier lives left, pay on many hands at once, and lose power on the way."""
    centre = await judged(world, told)
    made = issue([coin(10, owner=ALICE, salt=salt) for salt in range(COINS)], serial=life)
    await submit(centre, made, told, home=0)
    told.issued_fen += 10 * COINS * (made.id(DOMAIN) in told.settled)
    alive = world.platter.incarnation
    world.platter.faults.crash_at_call = world.platter.calls + dice.randint(1, 16)
    paying = []
    for index in range(COINS):
        paying.append(asyncio.create_task(submit(centre, payment(made, index, to=BOB, reference=life), told)))
        await asyncio.sleep(dice.choice((0, 0, 0.001)))
    until_s = asyncio.get_running_loop().time() + ANSWERED_WITHIN_S
    while world.platter.incarnation == alive and asyncio.get_running_loop().time() < until_s:
        if not (await asyncio.wait(paying, timeout=0.001))[1]:
            break
    world.platter.lose_power()
    for task in paying:
        task.cancel()
    await asyncio.gather(*paying, return_exceptions=True)
    await world.close()


async def many_lives(folder: Path, platter: Platter, seed: int) -> Told:
    """Lives of one centre, each ended by a loss of power; the index is lost with it, or is not."""
    dice, told = Random(seed), Told()
    folder.mkdir()  # noqa: ASYNC240 - nobody waits
    world = CentreWorld(folder, platter=platter)
    try:
        for life in range(1, LIVES + 1):
            await live(world, told, dice, life)
            if dice.random() < 0.5:
                world.lose_index()
        centre = await judged(world, told)
        await centre.stop()
    finally:
        await world.close()
    return told


class EagerPlatter(Platter):
    """Gives disks that acknowledge what they have not synced."""

    def mount(self) -> SimulatedDisk:
        return EagerDisk(self, self.incarnation)


class LyingPlatter(Platter):
    """Syncs nothing and says that it did."""

    def mount(self) -> SimulatedDisk:
        self.faults.sync_lies = True
        return super().mount()


async def broken_stories(folder: Path, kind: type[Platter]) -> int:
    """In how many of the stories the law was broken."""
    broken = 0
    for seed in SEEDS:
        try:
            await many_lives(folder / str(seed), kind(seed=seed), seed)
        except LawBrokenError:
            broken += 1
    return broken


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_the_centre_answered_as_settled_survives_every_loss_of_power(tmp_path: Path, seed: int) -> None:
    told = await many_lives(tmp_path / "centre", Platter(seed=seed), seed)

    assert len(told.settled) >= LIVES


async def test_the_losses_of_power_do_come_between_answers(tmp_path: Path) -> None:
    paid = [
        len((await many_lives(tmp_path / str(seed), Platter(seed=seed), seed)).settled) - LIVES for seed in SEEDS[:6]
    ]

    assert 0 < sum(paid) < 6 * LIVES * COINS


async def test_a_sync_that_does_nothing_turns_the_law_red(tmp_path: Path) -> None:
    assert await broken_stories(tmp_path, LyingPlatter) >= len(SEEDS) // 2


async def test_a_disk_that_acknowledges_before_the_sync_turns_the_law_red(tmp_path: Path) -> None:
    assert await broken_stories(tmp_path, EagerPlatter) >= len(SEEDS) // 2
