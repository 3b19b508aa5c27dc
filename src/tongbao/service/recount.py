"""The supply of a data directory, counted again from its journal and the verdicts in its index."""

import sqlite3
from urllib.parse import quote

import sqlalchemy as sa

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_verify import verify_journal
from tongbao.errors import ConfigurationError, DamageError
from tongbao.service.chain_check import ChainCheck
from tongbao.service.data_directory import DataDirectory
from tongbao.service.supply_recount import Supply, SupplyRecount

__all__ = ["recount_supply"]

ID_BYTES = 32
VERDICT_BYTES = ID_BYTES + 2


async def recount_supply(data: DataDirectory, *, until: int | None = None) -> Supply:
    """Read the whole journal and count every coin, of the batches up to `until`; the roles may run meanwhile.

    Raises:
        DamageError: the journal is damaged or no history, or its transactions do not add up.
        ConfigurationError: there is no journal or no index.
    """
    index = data.root / "registration" / "index.sqlite"
    if not index.exists():
        raise ConfigurationError(f"{index} is not there: start the registration centre once, it builds it")
    place = f"file:{quote(str(index.absolute()))}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))
    disk = FileDisk()
    try:
        with engine.connect() as connection:
            following, counting = ChainCheck(), SupplyRecount(lambda sequence: _verdicts(connection, sequence))

            def count(sequence: int, record: bytes) -> None:
                following(sequence, record)
                if until is None or sequence <= until:
                    counting(sequence, record)
                else:
                    counting.confirm(record)

            report = await verify_journal(disk, str(data.journal), check=count)
    finally:
        disk.close()
        engine.dispose()
    if report.damage is not None:
        raise DamageError(f"the supply does not add up: {report.damage}")
    return counting.supply()


_SELECT = sa.text("SELECT verdicts FROM heads WHERE sequence = :sequence")


def _verdicts(connection: sa.Connection, sequence: int) -> list[tuple[bytes, int]]:
    found: bytes = connection.execute(_SELECT, {"sequence": sequence}).scalar() or b""
    return [
        (found[at : at + ID_BYTES], int.from_bytes(found[at + ID_BYTES : at + VERDICT_BYTES], "big"))
        for at in range(0, len(found), VERDICT_BYTES)
    ]
