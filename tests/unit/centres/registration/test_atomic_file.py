import pytest

from tongbao.centres.registration.atomic_file import UNFINISHED, remove_unfinished, write_atomically
from tongbao.errors import StorageError
from tongbao.simulation.disk import CrashedError, Platter


async def test_parts_become_one_file() -> None:
    platter = Platter(seed=0)

    await write_atomically(platter.mount(), "file", [b"one ", b"two"])

    assert platter.content("file") == b"one two"
    assert platter.paths() == ["file"]


async def test_a_crash_at_any_call_leaves_the_old_content_or_the_new() -> None:
    outcomes = set()
    for seed in range(10):
        for call in range(1, 8):
            platter = Platter(seed=seed)
            platter.put("file", b"old" * 500)
            platter.faults.crash_at_call = call
            try:
                await write_atomically(platter.mount(), "file", [b"new" * 300, b"new" * 300])
            except CrashedError:
                pass
            else:
                platter.lose_power()
                assert platter.content("file") == b"new" * 600
            outcomes.add(platter.content("file"))

    assert outcomes == {b"old" * 500, b"new" * 600}


async def test_a_failure_at_any_call_leaves_the_old_content_or_the_new() -> None:
    for call in range(1, 7):
        platter = Platter(seed=0)
        platter.put("file", b"old")
        platter.faults.error_at_calls = frozenset({call})

        with pytest.raises(StorageError, match="Input/output"):
            await write_atomically(platter.mount(), "file", [b"new ", b"new"])

        assert platter.content("file") == (b"new new" if call == 6 else b"old")
        assert platter.paths() == ["file"]


async def test_the_first_failure_is_told_even_if_tidying_fails_too() -> None:
    platter = Platter(seed=0)
    platter.faults.error_at_calls = frozenset({2, 3})

    with pytest.raises(StorageError, match=f"file{UNFINISHED}: Input/output"):
        await write_atomically(platter.mount(), "file", [b"new"])


async def test_what_was_left_unfinished_is_removed_and_the_rest_listed() -> None:
    platter = Platter(seed=0)
    await platter.mount().make_directory("files")
    for name in ("a", "b.unfinished", "c"):
        platter.put(f"files/{name}", b"content")

    names = await remove_unfinished(platter.mount(), "files")

    assert names == ["a", "c"]
    assert platter.paths() == ["files/a", "files/c"]
