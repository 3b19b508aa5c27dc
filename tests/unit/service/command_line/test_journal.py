"""`tongbao journal verify` on real files: whole, torn, damaged, forged, in use, or no journal at all."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.builders import ALICE, DOMAIN, GENESIS
from tests.command_line import json_of, tongbao
from tests.kernel_builders import Ledger, reheaded
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.segment import HEADER_BYTES, RECORD_HEADER_BYTES
from tongbao.coin import Batch


def _history() -> list[bytes]:
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    ledger.fund(300, owner=ALICE)
    return [GENESIS.encode(), *ledger.batches]


async def _open(directory: Path) -> tuple[FileDisk, FileJournal]:
    disk = FileDisk()
    journal = await FileJournal.open(disk, str(directory), network_id=DOMAIN.network_id, entropy=SystemEntropy().bytes)
    return disk, journal


async def _write(directory: Path, records: Sequence[bytes]) -> None:
    disk, journal = await _open(directory)
    for sequence, record in enumerate(records):
        await journal.append(sequence, [record])
    await journal.close()
    disk.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A journal that was closed in good order."""
    asyncio.run(_write(tmp_path / "journal", _history()))
    return tmp_path / "journal"


def _segment(directory: Path) -> Path:
    [segment] = directory.glob("*.segment")
    return segment


def _flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def test_a_whole_journal_is_verified_and_counted(directory: Path) -> None:
    ended = tongbao("journal", "verify", directory, "--json")

    assert ended.exit_code == 0
    assert json_of(ended) == {
        "ok": True,
        "records": 4,
        "segments": 1,
        "payload_bytes": sum(map(len, _history())),
        "network_id": DOMAIN.network_id.hex(),
        "in_use": False,
        "torn_tail": None,
        "damage": None,
    }


def test_people_are_told_the_same_in_two_lines(directory: Path) -> None:
    ended = tongbao("journal", "verify", directory)

    assert ended.stdout == f"4 records in 1 segment, {sum(map(len, _history())):,} bytes\nno damage\n"


@pytest.mark.parametrize("sequence", range(4))
def test_a_flipped_bit_is_found_with_file_place_and_cure(directory: Path, sequence: int) -> None:
    history = _history()
    begins = HEADER_BYTES + sum(RECORD_HEADER_BYTES + len(record) for record in history[:sequence])
    _flip(_segment(directory), begins + RECORD_HEADER_BYTES + 5)

    ended = tongbao("journal", "verify", directory, "--json")

    found = json_of(ended)
    assert (ended.exit_code, found["ok"], found["records"]) == (3, False, sequence)
    assert (found["damage"]["file"], found["damage"]["offset"]) == (str(_segment(directory)), begins)
    assert found["damage"]["reason"] == f"the checksum of record {sequence} does not match"
    assert found["damage"]["cure"]


def test_damage_is_told_to_people_with_its_file(directory: Path) -> None:
    _flip(_segment(directory), HEADER_BYTES + RECORD_HEADER_BYTES)

    ended = tongbao("journal", "verify", directory)

    assert ended.exit_code == 3
    assert f"DAMAGE: {_segment(directory)} at byte {HEADER_BYTES}: the checksum of record 0" in ended.stdout


def test_a_torn_tail_is_told_and_is_no_damage(directory: Path) -> None:
    path = _segment(directory)
    path.write_bytes(path.read_bytes() + b"half a record")

    ended = tongbao("journal", "verify", directory, "--json")

    found = json_of(ended)
    assert (ended.exit_code, found["ok"], found["records"]) == (0, True, 4)
    assert "has a torn tail of 13 bytes" in found["torn_tail"]
    assert "torn tail of 13 bytes" in tongbao("journal", "verify", directory).stdout


def test_records_that_are_whole_and_no_history_are_damage(tmp_path: Path) -> None:
    genesis, first, second, _ = _history()
    forged = reheaded(Batch.decode(second), previous=bytes(32)).encode()
    asyncio.run(_write(tmp_path / "journal", [genesis, first, forged]))

    ended = tongbao("journal", "verify", tmp_path / "journal", "--json")

    found = json_of(ended)
    assert (ended.exit_code, found["records"]) == (3, 2)
    assert found["damage"]["reason"] == "record 2 is whole, but it does not name the batch before it"


def test_a_journal_in_use_is_verified_and_the_answer_says_so(directory: Path) -> None:
    with asyncio.Runner() as runner:
        disk, journal = runner.run(_open(directory))
        try:
            ended = tongbao("journal", "verify", directory, "--json")
        finally:
            runner.run(journal.close())
            disk.close()

    assert (ended.exit_code, json_of(ended)["in_use"]) == (0, True)


def test_verifying_changes_nothing(directory: Path) -> None:
    _segment(directory).write_bytes(_segment(directory).read_bytes() + b"torn")
    before = {path: path.read_bytes() for path in directory.iterdir()}

    tongbao("journal", "verify", directory)

    assert {path: path.read_bytes() for path in directory.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "message"), [("", "holds no journal"), ("missing", "No such file"), ("file", "Not a directory")]
)
def test_a_place_without_a_journal_is_an_error_of_the_world(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_text("no directory")

    ended = tongbao("journal", "verify", tmp_path / name)

    assert ended.exit_code == 4
    assert message in ended.stderr
    assert ended.stdout == ""


def test_the_installed_command_ends_with_the_same_exit_codes(directory: Path) -> None:
    command = [sys.executable, "-m", "tongbao", "journal", "verify", str(directory)]

    whole = subprocess.run(command, capture_output=True, text=True, check=False)
    _flip(_segment(directory), HEADER_BYTES + RECORD_HEADER_BYTES)
    damaged = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (whole.returncode, damaged.returncode) == (0, 3)
    assert "DAMAGE" in damaged.stdout
