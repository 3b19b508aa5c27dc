"""One bit anywhere in journal, snapshot, log or statements: the auditor names the place, or it is proven harmless."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.audited import audited, flip, snapshot, starts_in, written
from tests.builders import BOB
from tests.published_logs import KEYS, publish_log
from tests.supply_history import SupplyHistory
from tongbao.audit import AuditReport

PLACES = 200
SEED = 20_261_122
PAYMENTS = 300
SEGMENT_BYTES = 60_000


@dataclass(frozen=True)
class Evidence:
    """Everything that an auditor is given, in one folder: `journal` and `log`."""

    folder: Path

    @property
    def files(self) -> list[Path]:
        """Every file with something in it."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and path.stat().st_size)

    async def audit(self) -> AuditReport:
        """What the auditor says."""
        return await audited(self.folder / "journal", log=self.folder / "log", keys=KEYS)


async def evidence(folder: Path) -> Evidence:
    """A history of some hundred payments in several segments, with a snapshot, a log of two tiles, two statements."""
    history = SupplyHistory()
    funds = history.issue(*range(1, PAYMENTS + 1))
    history.state()
    for index in range(PAYMENTS - 1):
        history.pay(funds, index=index, to=BOB)
    history.redeem(funds, index=PAYMENTS - 1)
    history.state()
    history.ledger.heartbeat(time_ms=history.ledger.now_ms + 1)
    await written(folder / "journal", history.ledger, segment_bytes_max=SEGMENT_BYTES)
    await snapshot(folder / "journal", history.ledger)
    publish_log(folder / "log", history.ledger, history.statements)
    return Evidence(folder)


def place_of(path: Path, offset: int) -> int:
    """Where the auditor must say that a byte is wrong: where its record or text begins, or at the byte itself."""
    if path.suffix == ".segment":
        return max([0, *[start for start, _ in starts_in(path) if start <= offset]])
    return offset if path.suffix == ".bin" or "tile" in path.parts else 0


def is_last_mark(path: Path, offset: int, last: Path) -> bool:
    """Whether the byte is in the mark with which the journal was closed: all before it is whole without it."""
    start, length = starts_in(path)[-1] if path == last else (0, 1)
    return not length and offset >= start


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_one_flipped_bit_at_each_of_two_hundred_places_is_found_there_or_harmless(tmp_path: Path) -> None:
    whole = await evidence(tmp_path / "whole")
    assert (await whole.audit()).divergence is None
    files, dice = whole.files, random.Random(SEED)
    last = max(path for path in files if path.suffix == ".segment")
    kinds: dict[str, int] = {}

    for _ in range(PLACES):
        path = dice.choice(files) if dice.random() < 0.5 else dice.choices(files, [_size(each) for each in files])[0]
        offset, bit = dice.randrange(_size(path)), dice.randrange(8)
        kept = path.read_bytes()
        harmless, expected = is_last_mark(path, offset, last), place_of(path, offset)
        flip(path, offset, bit)

        report = await whole.audit()

        path.write_bytes(kept)
        found, torn = report.divergence, report.checked.torn_tail
        where = f"{path.relative_to(tmp_path)} at {offset}, bit {bit}"
        if path.name == "latest":
            assert found is not None, where
        elif harmless:
            assert found is None, where
            assert torn is not None, where
            assert (torn.place.file, torn.place.offset) == (path.name, expected), where
        else:
            assert found is not None, where
            assert (Path(found.place.file).name, found.place.offset) == (path.name, expected), where
        kinds[path.suffix or path.parent.name] = kinds.get(path.suffix or path.parent.name, 0) + 1

    assert sum(kinds.values()) == PLACES
    assert {".segment", ".bin", "supply"} <= set(kinds)


def _size(path: Path) -> int:
    return path.stat().st_size


async def test_a_bit_of_each_kind_of_file_is_found(tmp_path: Path) -> None:
    whole = await evidence(tmp_path / "whole")
    wanted = [
        next(path for path in whole.files if path.suffix == ".segment"),
        next(path for path in whole.files if path.suffix == ".bin"),
        next(path for path in whole.files if "tile" in path.parts),
        next(path for path in whole.files if path.name == "checkpoint"),
        next(path for path in whole.files if path.name == "1"),
    ]

    for path in wanted:
        offset = _size(path) // 2
        shutil.copyfile(path, tmp_path / "kept")
        flip(path, offset)
        found = (await whole.audit()).divergence
        shutil.copyfile(tmp_path / "kept", path)

        assert found is not None, path
        assert (Path(found.place.file).name, found.place.offset) == (path.name, place_of(path, offset)) or (
            path.name == "1"
        ), path
