import pytest

from tongbao.adapters.witness_files import RECORD_BYTES_MAX, WitnessFiles
from tongbao.errors import ConfigurationError, DamageError
from tongbao.simulation.disk import Platter
from tongbao.witnesses.ports import Records

DIRECTORY = "data/witness"


async def test_what_was_written_last_is_read_by_whoever_opens_the_directory_next() -> None:
    platter = Platter(seed=0)
    files: Records = await WitnessFiles.open(platter.mount(), DIRECTORY)
    await files.write("one", b"first")
    await files.write("one", b"second")
    platter.lose_power()

    opened = await WitnessFiles.open(platter.mount(), DIRECTORY)

    assert await opened.names() == ["one"]
    assert await opened.read("one") == b"second"
    assert await opened.read("two") is None


async def test_a_directory_belongs_to_one_witness_at_a_time() -> None:
    disk = Platter(seed=0).mount()
    first = await WitnessFiles.open(disk, DIRECTORY)

    with pytest.raises(ConfigurationError, match="another witness"):
        await WitnessFiles.open(disk, DIRECTORY)
    await first.close()

    await WitnessFiles.open(disk, DIRECTORY)


async def test_a_file_larger_than_any_that_a_witness_writes_is_damage() -> None:
    platter = Platter(seed=0)
    files = await WitnessFiles.open(platter.mount(), DIRECTORY)
    await files.write("one", b"x")
    platter.put(f"{DIRECTORY}/one", bytes(RECORD_BYTES_MAX + 1))

    with pytest.raises(DamageError):
        await files.read("one")
