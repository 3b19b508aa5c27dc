"""A centre that states its supply: at snapshots, after some time, when told; and proves its coins by the latest."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import ALICE, BOB, coin, genesis
from tests.registration_world import CentreWorld, hand_in, issued, payment, settle_down, statuses
from tests.supply_history import LOG_KEY, opening_of
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.coin import Limits
from tongbao.errors import BusyError, DamageError, RefusedError
from tongbao.evidence.coin_proof import CountedCoin, prove_counted
from tongbao.evidence.supply_chain import check_statements
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement, open_statement

KEYS = [LOG_KEY.verifier_key]
PUBLIC = "data/log"
PRIVATE = "data/journal"
SETTINGS = SupplySettings(key=LOG_KEY, public=PUBLIC, private=PRIVATE, every_s=0)


async def stated(centre: RegistrationCentre) -> list[SupplyStatement]:
    page = await centre.supply_proofs.statements(after="", limit=100)
    return [open_statement(each.encode(), KEYS) for each in page.statements]


async def proven(centre: RegistrationCentre, opening: bytes) -> CountedCoin:
    answer = await centre.supply_proofs.prove_coin(opening)
    return prove_counted(answer.proof, answer.statement.encode(), KEYS)


def files(world: CentreWorld, directory: str) -> list[str]:
    return [path for path in world.platter.paths() if path.startswith(f"{directory}/supply")]


async def test_told_to_the_centre_states_its_supply_and_proves_every_coin(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 300, value=70)

    newest = await centre.supply_proofs.state()

    [statement] = await stated(centre)
    assert open_statement(newest.statement.encode(), KEYS) == statement
    assert statement.number == 1
    assert statement.sequence == (await centre.status()).sequence
    assert statement.state_digest == (await centre.supply()).state_digest
    assert statement.assets[0].outstanding == 21_000
    for index in (0, 1, 150, 299):
        counted = await proven(centre, opening_of(funds, index).encode())
        assert counted.opening.coin.value == 70
    await centre.stop()
    await world.close()


async def test_statements_are_made_at_snapshots_and_not_more_often_than_they_may(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=genesis(limits=Limits(snapshot_every=2)), supply=SETTINGS)
    centre = await world.open()
    for _ in range(6):
        await world.clock.advance(11_000)
        await settle_down()

    assert (await centre.status()).sequence >= 6
    assert [each.number for each in await stated(centre)] == [1]
    await centre.stop()
    await world.close()
    assert files(world, PUBLIC) == [f"{PUBLIC}/supply/1", f"{PUBLIC}/supply/latest"]


async def test_after_some_time_in_which_something_happened_another_statement_is_made(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=replace(SETTINGS, every_s=100.0))
    centre = await world.open()

    await world.clock.advance(2_000)
    await settle_down()
    first = await stated(centre)
    await world.clock.advance(100_000)
    await settle_down()
    await world.clock.advance(100_000)
    await settle_down()

    chain = await stated(centre)
    assert [each.number for each in first] == [1]
    assert len(chain) >= 2
    assert check_statements(chain) == []
    await centre.stop()
    await world.close()


async def test_nothing_is_stated_where_nothing_has_happened(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()

    one = await centre.supply_proofs.state()
    other = await centre.supply_proofs.state()

    assert one == other
    await centre.stop()
    await world.close()


async def test_a_restart_goes_on_with_the_chain_and_proves_by_the_trees_that_it_kept(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 20)
    await centre.supply_proofs.state()
    await centre.stop()

    again = await world.open()
    counted = await proven(again, opening_of(funds, 7).encode())
    await again.supply_proofs.state()

    chain = await stated(again)
    assert counted.statement == chain[0]
    assert [each.number for each in chain] == [1, 2]
    assert check_statements(chain) == []
    await again.stop()
    await world.close()
    assert [path[-8:] for path in files(world, PRIVATE)] == ["2-0.tree"]


async def test_a_coin_that_was_spent_or_made_later_or_never_was_is_not_counted(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 3)
    assert statuses(await hand_in(centre, [payment(funds, 0, to=BOB)])) == ["SETTLED"]
    await centre.supply_proofs.state()
    later = payment(funds, 1, to=BOB)
    assert statuses(await hand_in(centre, [later])) == ["SETTLED"]

    never = replace(opening_of(funds, 2), coin=coin(11, owner=ALICE, salt=2))
    unknown_asset = replace(opening_of(funds, 2), coin=coin(10, owner=ALICE, salt=2, asset=9))
    for opening in (opening_of(funds, 0), opening_of(later), never, unknown_asset):
        with pytest.raises(RefusedError, match="does not count this coin") as refused:
            await centre.supply_proofs.prove_coin(opening.encode())
        assert refused.value.code == "COIN_NOT_COUNTED"
    await proven(centre, opening_of(funds, 1).encode())  # it was there when the statement was made
    await centre.stop()
    await world.close()


async def test_before_the_first_statement_nobody_is_told_that_his_coin_is_missing(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 1)

    with pytest.raises(BusyError):
        await centre.supply_proofs.prove_coin(opening_of(funds).encode())
    await centre.stop()
    await world.close()


async def test_lost_trees_are_no_reason_to_tell_a_holder_that_its_coin_is_missing(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 1)
    await centre.supply_proofs.state()
    await centre.stop()
    disk = world.platter.mount()
    for path in files(world, PRIVATE):
        await disk.remove(path)

    again = await world.open()

    with pytest.raises(BusyError):
        await again.supply_proofs.prove_coin(opening_of(funds).encode())
    await again.supply_proofs.state()
    await proven(again, opening_of(funds).encode())
    await again.stop()
    await world.close()


async def test_a_statement_that_was_changed_stops_the_start_rather_than_being_made_anew(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    await centre.supply_proofs.state()
    await centre.stop()
    disk = world.platter.mount()
    file = await disk.create(f"{PUBLIC}/supply/1")
    await file.write_durably(0, [b"something else\n"])
    await file.close()
    await disk.sync_directory(f"{PUBLIC}/supply")

    with pytest.raises(DamageError):
        await world.open()

    await world.close()


async def test_a_full_disk_costs_a_statement_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    funds = await issued(centre, 1)
    calls = world.platter.calls
    await centre.supply_proofs.state()
    taken = world.platter.calls - calls
    await hand_in(centre, [payment(funds, 0, to=BOB)])
    world.platter.faults.error_at_calls = frozenset({world.platter.calls + taken - 3})

    with caplog.at_level(logging.WARNING):
        newest = await centre.supply_proofs.state()

    assert open_statement(newest.statement.encode(), KEYS).number == 1
    assert "no supply statement of batch" in caplog.text
    await centre.supply_proofs.state()
    assert check_statements(await stated(centre)) == []
    await centre.stop()
    await world.close()


async def test_the_log_is_told_of_each_statement_and_again_of_the_latest_at_a_start(tmp_path: Path) -> None:
    told: list[int] = []

    async def take(statement: SupplyStatement) -> None:
        told.append(statement.number)

    standing = LogStanding(41, b"r" * 32)
    world = CentreWorld(tmp_path, supply=replace(SETTINGS, log=take, log_standing=lambda: standing))
    centre = await world.open()
    await centre.supply_proofs.state()
    await centre.stop()
    again = await world.open()

    [statement] = await stated(again)
    assert told == [1, 1]
    assert statement.log == standing
    await again.stop()
    await world.close()
