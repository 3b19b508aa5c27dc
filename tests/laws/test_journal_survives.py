"""The journal's law: what was acknowledged is there, in order, whatever happened; of one later group, a beginning.

The last tests plant the faults that the law is there to find, and see it fail.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journals import NETWORK_ID, dice, open_journal, records_of
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.centres.registration.ports import Disk
from tongbao.errors import DamageError, StorageError
from tongbao.simulation.disk import CrashedError, Platter, SimulatedDisk, SimulatedFile

SEGMENT_BYTES_MAX = 5000  # small, so that crashes meet the change from one segment to the next

# Appends for ever and says after each group how many records it was told are durable.
APPENDER = """
import asyncio, sys
from random import Random
from tests.journals import NETWORK_ID, dice
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal

async def main(directory, seed):
    random = Random(seed)
    journal = await FileJournal.open(
        FileDisk(), directory, network_id=NETWORK_ID, entropy=dice(seed), segment_bytes_max=200_000
    )
    while True:
        first = journal.last_sequence + 1
        records = [b"%d " % (first + place) * random.randrange(1, 3000) for place in range(random.randrange(1, 5))]
        print(await journal.append(first, records), flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class LawBrokenError(AssertionError):
    """An acknowledged record is gone, changed or out of order, or one appeared that nobody wrote."""


@dataclass
class Outside:
    """What the world outside the journal was told, and what it may find there besides."""

    acknowledged: list[bytes] = field(default_factory=list)
    attempted: list[list[bytes]] = field(default_factory=list)
    """Groups whose append failed or never returned since the last that succeeded; any one of them may have arrived."""

    def judge(self, found: list[bytes]) -> None:
        """Hold what is in the journal against the law; what was found counts as acknowledged from now on."""
        told = len(self.acknowledged)
        if found[:told] != self.acknowledged:
            raise LawBrokenError("an acknowledged record is not there")
        if not any(found[told:] == group[: len(found) - told] for group in [[], *self.attempted]):
            raise LawBrokenError("a record is there that was not the next to be written")
        self.acknowledged, self.attempted = found, []


async def live(disk: Disk, outside: Outside, groups: Sequence[Sequence[bytes]]) -> None:
    """One life of a writer: open, judge, append until the groups end or the world does."""
    try:
        journal = await open_journal(
            disk, segment_bytes_max=SEGMENT_BYTES_MAX, at_least_sequence=len(outside.acknowledged) - 1
        )
        outside.judge(await records_of(journal))
    except DamageError as error:
        raise LawBrokenError("the journal took a crash for damage, or lost what was acknowledged") from error
    except StorageError:
        return  # a fault of the disk may keep the journal shut for a while
    for group in groups:
        outside.attempted.append(list(group))
        try:
            await journal.append(len(outside.acknowledged), group)
        except DamageError as error:
            raise LawBrokenError("the journal halted over a fault that should not harm it") from error
        except StorageError:
            continue  # refused: the next group may take its place
        outside.acknowledged += group
        outside.attempted = []
    await journal.close()


async def live_and_crash(
    platter: Platter, outside: Outside, groups: Sequence[Sequence[bytes]], port: Callable[[Platter], Disk]
) -> None:
    try:
        await live(port(platter), outside, groups)
    except CrashedError:
        return
    platter.lose_power()


def groups_of(random: Random, count: int) -> list[list[bytes]]:
    """Groups of one to four records of very different sizes, no two alike."""
    return [
        [random.randbytes(8) + bytes(int(4 ** random.uniform(0, 6))) for _ in range(random.randint(1, 4))]
        for _ in range(count)
    ]


async def crash_everywhere(seed: int, *, keeps_power: bool, port: Callable[[Platter], Disk] = Platter.mount) -> int:
    """Crash one fixed story at each of its calls in turn, judging after each; return the number of calls."""
    groups = groups_of(Random(seed), 8)
    for call in range(1, 1000):
        platter, outside = Platter(seed=seed * 1000 + call), Outside()
        platter.faults.crash_at_call, platter.faults.crash_keeps_power = call, keeps_power
        await live_and_crash(platter, outside, groups, port)
        finished = platter.calls < call
        # The next life sees what a killed one left; then the power goes, and what was seen must still be there.
        await live_and_crash(platter, outside, groups[:1], port)
        await live_and_crash(platter, outside, [], port)
        if finished:
            return call - 1
    raise AssertionError("the story has no end")


async def live_many_lives(seed: int, port: Callable[[Platter], Disk] = Platter.mount) -> Outside:
    """Crashes and faults of every kind, from one seed."""
    random = Random(seed)
    platter, outside = Platter(seed=seed), Outside()
    for _ in range(8):
        faults = platter.faults
        faults.crash_at_call = platter.calls + random.randint(1, 80)
        faults.crash_keeps_power = random.random() < 0.5
        faults.error_at_calls = frozenset(platter.calls + random.randint(1, 80) for _ in range(random.randrange(3)))
        faults.capacity_bytes = platter.used_bytes() + random.choice([1 << 40, 2000, 20_000])
        await live_and_crash(platter, outside, groups_of(random, 12), port)
    platter.faults.error_at_calls = frozenset()
    await live_and_crash(platter, outside, [], port)
    return outside


@pytest.mark.parametrize("keeps_power", [False, True])
@pytest.mark.parametrize("seed", range(4))
async def test_a_crash_at_every_call_loses_nothing_acknowledged(seed: int, keeps_power: bool) -> None:  # noqa: FBT001
    assert await crash_everywhere(seed, keeps_power=keeps_power) > 25


@given(st.integers(0, 2**32 - 1))
def test_many_lives_with_every_kind_of_fault_lose_nothing_acknowledged(seed: int) -> None:
    asyncio.run(live_many_lives(seed))


async def test_the_many_lives_do_write_and_do_meet_torn_tails_and_full_disks(caplog: pytest.LogCaptureFixture) -> None:
    records = [len((await live_many_lives(seed)).acknowledged) for seed in range(20)]

    assert sum(records) > 500
    for sign in ("cut off: ", "No space left", "Input/output error"):
        assert sign in caplog.text


@pytest.mark.parametrize("seed", range(6))
async def test_syncs_that_fail_lose_nothing_acknowledged(seed: int) -> None:
    random = Random(seed)
    platter, outside = Platter(seed=seed), Outside()
    for _ in range(20):
        platter.faults.sync_fails = random.random() < 0.3
        await live_and_crash(platter, outside, groups_of(random, 3), Platter.mount)
    platter.faults.sync_fails = False
    await live_and_crash(platter, outside, [], Platter.mount)

    assert len(outside.acknowledged) > 20


@pytest.mark.fault
@pytest.mark.parametrize("seed", range(20))
def test_a_killed_process_on_a_real_disk_loses_nothing_acknowledged(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    for life in range(3):
        command = [sys.executable, "-c", APPENDER, str(tmp_path), str(seed * 10 + life)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = [process.stdout.readline()]
            time.sleep(random.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            told += process.stdout.read().splitlines()
        asyncio.run(judge_real(tmp_path, last_sequence=int([line for line in told if line][-1])))


async def judge_real(directory: Path, *, last_sequence: int) -> None:
    disk = FileDisk()
    journal = await FileJournal.open(
        disk, str(directory), network_id=NETWORK_ID, entropy=dice(0), at_least_sequence=last_sequence
    )
    for sequence, record in enumerate(await records_of(journal)):
        assert set(record.split()) == {b"%d" % sequence}
    await journal.close()
    disk.close()


# --- the law can fail ---------------------------------------------------------------------------------------------


async def broken_stories(port: Callable[[Platter], Disk]) -> int:
    """In how many of some stories the law was broken."""
    broken = 0
    for seed in range(30):
        try:
            await live_many_lives(seed, port)
        except LawBrokenError:
            broken += 1
    return broken


def lying(platter: Platter) -> Disk:
    platter.faults.sync_lies = True
    return platter.mount()


class EagerFile(SimulatedFile):
    """Answers before the sync."""

    async def write_durably(self, offset: int, parts: Sequence[bytes]) -> None:
        await self.write(offset, parts)


class StubbornFile(SimulatedFile):
    """Syncs again after a sync that failed, and believes the second."""

    async def sync(self) -> None:
        try:
            await super().sync()
        except StorageError:
            self._platter.faults.sync_fails = False
            await super().sync()


class DiskOf(SimulatedDisk):
    """Opens files of one kind."""

    kind: type[SimulatedFile] = SimulatedFile

    async def open_to_write(self, path: str) -> SimulatedFile:
        file = await super().open_to_write(path)
        file.__class__ = self.kind
        return file


class EagerDisk(DiskOf):
    kind = EagerFile


class StubbornDisk(DiskOf):
    kind = StubbornFile


async def test_the_stories_keep_the_law_on_an_honest_disk() -> None:
    assert await broken_stories(Platter.mount) == 0


async def test_a_disk_that_lies_about_syncs_turns_the_law_red() -> None:
    assert await broken_stories(lying) > 10


async def test_a_journal_that_acknowledges_before_the_sync_turns_the_law_red() -> None:
    assert await broken_stories(lambda platter: EagerDisk(platter, platter.incarnation)) > 10


async def test_acknowledging_before_the_sync_is_found_by_the_crash_at_every_call_too() -> None:
    with pytest.raises(LawBrokenError):
        await crash_everywhere(0, keeps_power=False, port=lambda platter: EagerDisk(platter, platter.incarnation))


async def test_a_journal_that_syncs_again_after_a_failed_sync_turns_the_law_red() -> None:
    broken = 0
    for seed in range(20):
        platter, outside = Platter(seed=seed), Outside()
        await live_and_crash(platter, outside, groups_of(Random(seed), 3), Platter.mount)
        disk = StubbornDisk(platter, platter.incarnation)
        journal = await open_journal(disk, segment_bytes_max=SEGMENT_BYTES_MAX * 10)
        platter.faults.sync_fails = True
        await journal.append(len(outside.acknowledged), group := [b"believed" * 500])
        outside.acknowledged += group
        platter.lose_power()
        try:
            await live(platter.mount(), outside, [])
        except LawBrokenError:
            broken += 1

    assert broken > 5
