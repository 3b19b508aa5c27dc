"""The supply, counted again: from the journal alone, or, quicker, from a data directory's journal and index."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from tongbao.errors import ConfigurationError, DamageError
from tongbao.protocol.registration import SupplyReport
from tongbao.service.chain_check import ChainCheck
from tongbao.service.data_directory import DataDirectory
from tongbao.service.journal_place import JournalPlace, journal_of, verify
from tongbao.service.journal_replay import JournalReplay
from tongbao.service.supply_recount import Supply, SupplyRecount

__all__ = ["Judged", "judge_journal", "recount_supply"]

ID_BYTES = 32
VERDICT_BYTES = ID_BYTES + 2

Check = Callable[[int, bytes], None]
Progress = Callable[[int, int], None]
"""Told how many bytes of how many were counted."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a journal says by itself.

    Attributes:
        network_id: 32 bytes, the hash of the journal's genesis.
        name: of the network.
        kernel: the supply as the reference kernel counts it, after it judged and applied everything.
        supply: the supply added up from the settled transactions by other code.
    """

    network_id: bytes
    name: str
    kernel: SupplyReport
    supply: Supply


async def judge_journal(
    journal: JournalPlace, *, genesis: bytes | None = None, until: int | None = None, progress: Progress | None = None
) -> Judged:
    """Judge and apply the batches up to `until` anew, count every coin; the journal's writer may run meanwhile.

    Raises:
        DamageError: the journal is damaged, no history, or does not begin with `genesis`; or its transactions do not
            add up.
        ConfigurationError: there is no journal, or it ends before `until`.
    """
    replay = JournalReplay(genesis)
    counting = SupplyRecount(replay.verdicts, judged=True)

    def judge_and_count(sequence: int, record: bytes) -> None:
        replay.follow(record)
        counting(sequence, record)

    await _count(journal, judge_and_count, counting.confirm, until=until, progress=progress)
    supply, kernel = counting.supply(), replay.kernel
    if until is not None and supply.sequence < until:
        raise ConfigurationError(
            f"{journal} ends with batch {supply.sequence}, and the centre stands at batch {until}: "
            "count the journal that the centre writes, or a newer copy of it"
        )
    return Judged(kernel.domain.network_id, kernel.genesis.name, replay.report(), supply)


async def recount_supply(data: DataDirectory, *, until: int | None = None) -> Supply:
    """Count every coin, of the batches up to `until`, that settled by the index; the roles may run meanwhile.

    Raises:
        DamageError: the journal is damaged or no history, or its transactions do not add up.
        ConfigurationError: there is no journal or no index.
    """
    index = data.root / "registration" / "index.sqlite"
    if not index.exists():
        raise ConfigurationError(f"{index} is not there: start the registration centre once, it builds it")
    place = f"file:{quote(str(index.absolute()))}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))
    try:
        with engine.connect() as connection:
            counting = SupplyRecount(lambda sequence: _verdicts(connection, sequence))
            await _count(journal_of(data), counting, counting.confirm, until=until)
    finally:
        engine.dispose()
    return counting.supply()


async def _count(
    journal: JournalPlace,
    count: Check,
    confirm: Callable[[bytes], None],
    *,
    until: int | None,
    progress: Progress | None = None,
) -> None:
    """Let each record of the journal be counted, and those after `until` only say what they know of the others."""
    # For show alone: of a journal in use, more may be read than was there when its files were measured.
    done, total, following = 0, _bytes_of(journal), ChainCheck()

    def visit(sequence: int, record: bytes) -> None:
        nonlocal done
        following(sequence, record)
        if until is None or sequence <= until:
            count(sequence, record)
        else:
            confirm(record)
        if progress is not None:
            done += len(record)
            progress(done, total)

    report = await verify(journal, visit)
    if report.damage is not None:
        raise DamageError(f"the supply does not add up: {report.damage}")
    if progress is not None:
        progress(total, total)


def _bytes_of(journal: JournalPlace) -> int:
    """0 where nobody can tell before it is read."""
    if not isinstance(journal, Path):
        return 0
    return sum(file.stat().st_size for file in journal.glob("*.segment"))


_SELECT = sa.text("SELECT verdicts FROM batches WHERE sequence = :sequence")


def _verdicts(connection: sa.Connection, sequence: int) -> list[tuple[bytes, int]]:
    found: bytes = connection.execute(_SELECT, {"sequence": sequence}).scalar() or b""
    return [
        (found[at : at + ID_BYTES], int.from_bytes(found[at + ID_BYTES : at + VERDICT_BYTES], "big"))
        for at in range(0, len(found), VERDICT_BYTES)
    ]
