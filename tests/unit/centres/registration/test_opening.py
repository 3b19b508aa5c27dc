"""Starts: from genesis, from a snapshot and the tail, with and without an index, and on what is not as it was."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import ALICE, BOB, CAROL, CENTRE, GENESIS, coin, genesis, issue, public_key, signer
from tests.registration_world import (
    JOURNAL,
    SNAPSHOTS,
    CentreWorld,
    hand_in,
    issued,
    payment,
    proofs,
    settle_down,
    statuses,
)
from tongbao.adapters.file_journal import FileJournal
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Batch, BatchKind, Limits
from tongbao.errors import ConfigurationError, DamageError
from tongbao.simulation.disk import CrashedError

SHORT = genesis(limits=Limits(snapshot_every=4))


async def worked(world: CentreWorld, *, issues: int) -> None:
    """A centre that issued coins of 5 fen one by one, and stopped; after its heartbeat each has its batch."""
    centre = await world.open()
    for serial in range(1, issues + 1):
        made = issue([coin(5, owner=ALICE, salt=serial, domain=world.domain)], serial=serial, domain=world.domain)
        assert statuses(await hand_in(centre, [made], home=0, domain=world.domain)) == ["SETTLED"]
    await centre.stop()
    await world.close()


def snapshots(world: CentreWorld) -> list[str]:
    return [path for path in world.platter.paths() if path.startswith(SNAPSHOTS)]


async def forged_batch(world: CentreWorld, sequence: int) -> bytes:
    """The batch with another time, so that the next does not follow it."""
    batch = (await world.batches())[sequence - 1]
    return Batch(replace(batch.header, time_ms=batch.header.time_ms + 1), batch.submissions).encode()


async def rewritten(world: CentreWorld, change: dict[int, bytes], *, directory: Path) -> CentreWorld:
    """The same journal with other records at some sequences, behind everybody's back."""
    journal = await world.open_journal()
    records = [record async for _, record in journal.read(0)]
    await journal.close()
    other = CentreWorld(directory, genesis=world.genesis)
    written = await other.open_journal()
    await written.append(0, [change.get(sequence, record) for sequence, record in enumerate(records)])
    await written.close()
    return other


async def test_a_restart_goes_on_where_it_stopped_with_a_heartbeat_of_its_own(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 2)
    first = await hand_in(centre, [payment(made, 0, to=BOB)])
    before, supply = await centre.status(), await centre.supply()
    await centre.stop()
    await world.close()

    centre = await world.open()

    after = await centre.status()
    assert after.sequence == before.sequence + 2  # the heartbeat at the stop names the last verdicts
    assert (await centre.supply()).state_digest == supply.state_digest
    assert (await hand_in(centre, [payment(made, 0, to=BOB)])).verdicts == first.verdicts
    assert statuses(await hand_in(centre, [payment(made, 1, to=BOB)])) == ["SETTLED"]
    await centre.stop()
    [*_, at_stop, at_start, _, _] = await world.batches()
    assert [at_stop.header.kind, at_start.header.kind] == [BatchKind.HEARTBEAT, BatchKind.HEARTBEAT]


async def test_what_was_acknowledged_survives_a_kill_and_a_loss_of_power(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 1)
    first = await hand_in(centre, [payment(made, 0, to=BOB)])
    world.platter.lose_power()
    await world.close()

    centre = await world.open()

    assert (await hand_in(centre, [payment(made, 0, to=BOB)])).verdicts == first.verdicts
    assert statuses(await hand_in(centre, [payment(made, 0, to=CAROL, reference=1)])) == ["INPUT_NOT_UNSPENT"]
    await centre.stop()


class DyingJournal(FileJournal):
    """A journal whose process is killed right after an append became durable."""

    dies = False

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        last = await super().append(expected_sequence, batches)
        if self.dies:
            raise CrashedError
        return last


async def test_killed_between_append_and_answer_a_retry_gets_the_receipt(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal_class = DyingJournal
    centre = await world.open()
    pay = payment(await issued(centre, 1), 0, to=BOB)
    before = (await centre.status()).sequence
    monkeypatch.setattr(DyingJournal, "dies", True)
    asking = asyncio.create_task(hand_in(centre, [pay]))
    await settle_down()
    asking.cancel()
    monkeypatch.setattr(DyingJournal, "dies", False)
    await world.kill()
    assert world.outcomes() == 1  # of the issue: the payment never reached the index
    centre = await world.open()
    assert (await centre.status()).sequence == before + 2

    answer = await hand_in(centre, [pay])

    assert statuses(answer) == ["SETTLED"]
    [proof] = proofs(answer)
    proof.verify(world.domain, keys=[public_key(CENTRE)])
    assert proof.signed_head.head.sequence == before + 1
    await centre.stop()


async def test_a_lost_index_is_built_anew_the_same(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 5)
    answers = [await hand_in(centre, [payment(made, index, to=BOB)]) for index in range(5)]
    coins = (await centre.coins(caller=1, after="", limit=100, wait_s=0)).coins
    await centre.stop()
    await world.close()
    world.lose_index()

    centre = await world.open()

    assert (await centre.coins(caller=1, after="", limit=100, wait_s=0)).coins == coins
    again = [await hand_in(centre, [payment(made, index, to=BOB)]) for index in range(5)]
    assert [answer.verdicts for answer in again] == [answer.verdicts for answer in answers]
    await centre.stop()


async def test_a_start_takes_the_snapshot_and_the_tail_behind_it(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=SHORT)
    await worked(world, issues=9)
    [_, snapshot] = snapshots(world)
    # A batch before the snapshot that cannot be applied: nobody does, unless the index must be built anew.
    forged = await forged_batch(world, 2)
    other = await rewritten(world, {2: forged}, directory=tmp_path)
    other.platter.put(snapshot, world.platter.content(snapshot))

    centre = await other.open()

    [total] = [each for each in (await centre.supply()).totals if each.home == 1]
    assert total.unspent == 45
    await centre.stop()
    await other.close()
    other.lose_index()
    with pytest.raises(DamageError, match="batch 3 of the journal cannot be applied"):
        await other.open()
    await other.close()


async def test_a_snapshot_off_the_journals_chain_is_passed_over(tmp_path: Path) -> None:
    world, other = CentreWorld(tmp_path, genesis=SHORT), CentreWorld(tmp_path / "2", genesis=SHORT)
    (tmp_path / "2").mkdir()
    await worked(world, issues=5)
    await other.clock.advance(5)
    await worked(other, issues=5)
    [snapshot] = snapshots(world)
    other.platter.put(snapshot, world.platter.content(snapshot))

    centre = await other.open()

    [total] = [each for each in (await centre.supply()).totals if each.home == 1]
    assert total.unspent == 25
    await centre.stop()
    await other.close()


async def test_a_damaged_snapshot_is_passed_over(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=SHORT)
    await worked(world, issues=5)
    [snapshot] = snapshots(world)
    world.platter.flip_bit(snapshot, offset=200, bit=0)

    centre = await world.open()

    [total] = [each for each in (await centre.supply()).totals if each.home == 1]
    assert total.unspent == 25
    await centre.stop()
    await world.close()


async def test_a_snapshot_of_a_journal_that_ends_before_it_is_damage(tmp_path: Path) -> None:
    world, shorter = CentreWorld(tmp_path, genesis=SHORT), CentreWorld(tmp_path / "2", genesis=SHORT)
    await worked(world, issues=5)
    (tmp_path / "2").mkdir()
    await worked(shorter, issues=1)
    [snapshot] = snapshots(world)
    shorter.platter.put(snapshot, world.platter.content(snapshot))

    with pytest.raises(DamageError, match="snapshot of batch 4, and the journal ends at 3"):
        await shorter.open()

    await shorter.close()


async def test_an_index_of_a_journal_that_ends_before_it_is_damage(tmp_path: Path) -> None:
    world, shorter = CentreWorld(tmp_path), CentreWorld(tmp_path)
    await worked(world, issues=3)

    with pytest.raises(DamageError, match=r"index knows of batch 5, and the journal ends at 0"):
        await shorter.open()

    await shorter.close()


async def test_an_index_of_another_history_of_the_same_network_is_damage(tmp_path: Path) -> None:
    world, other = CentreWorld(tmp_path), CentreWorld(tmp_path / "2")
    await worked(world, issues=1)
    (tmp_path / "2").mkdir()
    await other.clock.advance(5)
    await worked(other, issues=3)

    with pytest.raises(DamageError, match="made of another batch 3"):
        await CentreWorld(tmp_path, platter=other.platter).open()


async def test_an_index_of_another_network_is_refused(tmp_path: Path) -> None:
    await worked(CentreWorld(tmp_path), issues=1)
    other = CentreWorld(tmp_path, genesis=genesis(name="another"))

    with pytest.raises(ConfigurationError, match="belongs to the network"):
        await worked(other, issues=3)

    await other.close()


async def test_a_journal_without_genesis_needs_a_network_first(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    journal = await world.open_journal()
    await journal.close()
    centre = await world.build(genesis_written=False)

    with pytest.raises(ConfigurationError, match="central-bank init"):
        await centre.start()

    await world.close()


async def test_a_batch_that_does_not_follow_is_damage_and_named(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    await worked(world, issues=3)
    (tmp_path / "2").mkdir()
    other = await rewritten(world, {2: await forged_batch(world, 2)}, directory=tmp_path / "2")

    with pytest.raises(DamageError, match=r"batch 3 of the journal cannot be applied.*tongbao journal verify"):
        await other.open()

    await other.close()


async def test_a_record_zero_that_is_no_genesis_is_damage(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    await worked(world, issues=1)
    (tmp_path / "2").mkdir()
    other = await rewritten(world, {0: b"no genesis"}, directory=tmp_path / "2")

    with pytest.raises(DamageError, match="record 0 of the journal is no genesis"):
        await other.open()

    await other.close()


async def test_a_receipt_key_that_nobody_admitted_is_refused(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, receipt_key=signer(99))

    with pytest.raises(ConfigurationError, match="receipt key"):
        await world.open()

    await world.close()


async def test_ledger_time_may_stand_still_on_test_networks_only(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=replace(GENESIS, test_network=False), follows_wall=False)

    with pytest.raises(ConfigurationError, match="test networks"):
        await world.open()

    await world.close()


async def test_a_second_centre_on_the_same_journal_is_refused(world: CentreWorld, centre: RegistrationCentre) -> None:
    assert centre is not None

    with pytest.raises(ConfigurationError, match=JOURNAL):
        await world.build()
