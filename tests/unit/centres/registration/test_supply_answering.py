"""What a centre answers about statements of the supply."""

from pathlib import Path

import pytest

from tests.registration_world import CentreWorld, settle_down
from tests.supply_history import LOG_KEY
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.errors import DecodingError, RefusedError
from tongbao.evidence.supply_statement import open_statement

KEYS = [LOG_KEY.verifier_key]
SETTINGS = SupplySettings(key=LOG_KEY, public="data/log", private="data/journal", every_s=0)


async def test_a_centre_without_a_log_s_key_says_that_it_states_nothing(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path)
    centre = await world.open()

    with pytest.raises(RefusedError, match="makes no statements") as refused:
        await centre.supply_proofs.state()

    assert refused.value.code == "NOT_FOUND"
    await centre.stop()
    await world.close()


async def test_statements_are_read_in_pages(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    for _ in range(3):
        await world.clock.advance(20_000)
        await settle_down()
        await centre.supply_proofs.state()

    page = await centre.supply_proofs.statements(after="1", limit=1)

    assert (page.latest, page.next) == (3, "2")
    assert [open_statement(each.encode(), KEYS).number for each in page.statements] == [2]
    assert (await centre.supply_proofs.statements(after="3", limit=9)).statements == []
    await centre.stop()
    await world.close()


@pytest.mark.parametrize("opening", [b"", b"short", bytes(82), bytes(83)])
async def test_bytes_that_open_no_coin_are_refused(tmp_path: Path, opening: bytes) -> None:
    world = CentreWorld(tmp_path, supply=SETTINGS)
    centre = await world.open()
    await centre.supply_proofs.state()

    with pytest.raises(DecodingError):
        await centre.supply_proofs.prove_coin(opening)

    await centre.stop()
    await world.close()
