"""Our log as the Go project's own packages see it: checkpoint, tiles, entries, inclusion and consistency.

`golang.org/x/mod/sumdb` verifies the checksum database of every Go build; nobody here wrote a line of it. Where there
is no Go, or the module cannot be had, these tests say so and are skipped.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.log_world import LOG, LogWorld
from tongbao.adapters.store import SqlStore
from tongbao.evidence.tiles import ENTRY_ROW_BYTES, TileTail, leaves_of, node_in, tiles_of
from tongbao.evidence.tree import consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof
from tongbao.simulation.disk import Platter

SOURCE = Path(__file__).parent / "logcheck"
GO = shutil.which("go") or ("/usr/local/go/bin/go" if Path("/usr/local/go/bin/go").exists() else None)
BUILD_S_MAX = 300
COUNTS = (1, 254, 2, 700, 400)
STATEMENT = bytes(range(32))

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def logcheck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built."""
    if GO is None:
        pytest.skip("no Go on this machine: install it to have the log verified by other people's code")
    program = tmp_path_factory.mktemp("go") / "logcheck"
    built = subprocess.run(
        [GO, "build", "-o", str(program), "."],
        cwd=SOURCE,
        env={**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"},
        capture_output=True,
        timeout=BUILD_S_MAX,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"golang.org/x/mod cannot be had: {built.stderr.decode()[-300:]}")
    return program


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LogWorld]:
    """A log that grew in several rounds, with a statement in it."""
    store = SqlStore.open(f"sqlite:///{tmp_path}/index.sqlite", durable=False)
    made = LogWorld(store, Platter(seed=0))
    writer = await made.open()
    for count in COUNTS:
        await made.settle(count, writer)
        if count == COUNTS[2]:
            writer.take_statement(STATEMENT)
        await writer.write()
    yield made
    await store.close()


def written(world: LogWorld, directory: Path) -> Path:
    """The log's files in a directory of this machine."""
    for path in world.platter.paths():
        if path.startswith(f"{LOG}/"):
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(world.platter.content(path))
    (directory / "log.vkey").write_text("\n".join(world.keys.verifier_keys()) + "\n", encoding="utf-8")
    return directory / LOG


def proofs_of(log: Path, size: int) -> dict[str, list[dict[str, Any]]]:
    """Proofs of many places and sizes, from the tiles alone."""
    rows = b"".join(path.read_bytes() for path in _bundles(log, size))
    leaves = leaves_of(rows)
    tail = TileTail()
    tiles = dict(tail.extend(rows))
    tiles.update(tail.partial())
    node = node_in(tiles, size)
    roots = {}
    for old_size in (1, 2, 255, 256, 257, 300, 1000, size):
        shorter = TileTail()
        shorter.extend(rows[: old_size * ENTRY_ROW_BYTES])
        roots[old_size] = shorter.root()
    for needed in (inclusion_nodes(0, size), consistency_nodes(300, size)):
        assert set(tiles_of(needed, size)) <= set(tiles)
    return {
        "Inclusion": [
            {
                "Index": index,
                "Size": size,
                "Root": _text(roots[size]),
                "Leaf": _text(leaves[32 * index : 32 * index + 32]),
                "Path": [_text(each) for each in inclusion_proof(index, size, node)],
            }
            for index in (0, 1, 255, 256, 257, 700, size - 1)
        ],
        "Consistency": [
            {
                "OldSize": old_size,
                "NewSize": size,
                "OldRoot": _text(root),
                "NewRoot": _text(roots[size]),
                "Path": [_text(each) for each in consistency_proof(old_size, size, node)],
            }
            for old_size, root in roots.items()
        ],
    }


def _bundles(log: Path, size: int) -> list[Path]:
    whole, rest = divmod(size, 256)
    names = [f"{number:03}" for number in range(whole)] + ([f"{whole:03}.p/{rest}"] if rest else [])
    return [log / "tile/entries" / name for name in names]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def checked(logcheck: Path, log: Path, proofs: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    """What the Go program says."""
    file = log.parent / "proofs.json"
    file.write_text(json.dumps(proofs), encoding="utf-8")
    command = [str(logcheck), str(log), str(log.parents[1] / "log.vkey"), str(file)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def test_other_peoples_code_verifies_checkpoint_tiles_entries_and_proofs(
    logcheck: Path, world: LogWorld, tmp_path: Path
) -> None:
    log = written(world, tmp_path / "files")
    size = sum(COUNTS) + 1

    ended = checked(logcheck, log, proofs_of(log, size))

    assert ended.returncode == 0, ended.stderr.decode()
    assert json.loads(ended.stdout) == {"size": size, "inclusion": 7, "consistency": 8}


@pytest.mark.parametrize("place", ["tile/0/002", "tile/entries/001", "checkpoint", "tile/1/000.p/5"])
def test_other_peoples_code_refuses_what_was_changed(
    logcheck: Path, world: LogWorld, tmp_path: Path, place: str
) -> None:
    log = written(world, tmp_path / "files")
    proofs = proofs_of(log, sum(COUNTS) + 1)
    content = bytearray((log / place).read_bytes())
    content[70] ^= 1

    (log / place).write_bytes(bytes(content))
    ended = checked(logcheck, log, proofs)

    assert ended.returncode == 1


def test_other_peoples_code_refuses_a_bent_proof(logcheck: Path, world: LogWorld, tmp_path: Path) -> None:
    log = written(world, tmp_path / "files")
    proofs = proofs_of(log, sum(COUNTS) + 1)
    proofs["Inclusion"][2]["Index"] += 1

    ended = checked(logcheck, log, proofs)

    assert (ended.returncode, b"inclusion of 256" in ended.stderr) == (1, True)
