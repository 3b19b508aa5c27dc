from tongbao.adapters.digest_files import DIGESTS_KEPT, DigestFiles
from tongbao.simulation.disk import Platter

DIRECTORY = "data/journal"


async def published_by(platter: Platter) -> DigestFiles:
    disk = platter.mount()
    await disk.make_directory(DIRECTORY)
    return DigestFiles(disk, DIRECTORY)


async def test_what_the_writer_says_is_durable_and_found_by_others() -> None:
    platter = Platter(seed=0)
    digests = await published_by(platter)

    await digests.publish(8, b"8" * 32)
    platter.lose_power()
    others = DigestFiles(platter.mount(), DIRECTORY)

    assert await others.published(8) == b"8" * 32
    assert await others.published(16) is None


async def test_only_the_latest_few_are_kept() -> None:
    platter = Platter(seed=0)
    digests = await published_by(platter)

    for sequence in range(8, 8 * (DIGESTS_KEPT + 3), 8):
        await digests.publish(sequence, bytes([sequence]) * 32)

    assert await digests.published(8) is None
    assert len(platter.paths()) == DIGESTS_KEPT


async def test_half_a_digest_is_none() -> None:
    platter = Platter(seed=0)
    digests = await published_by(platter)

    platter.put(f"{DIRECTORY}/digest-{8:020d}.bin", b"8" * 31)

    assert await digests.published(8) is None
