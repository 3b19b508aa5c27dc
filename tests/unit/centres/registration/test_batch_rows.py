"""A batch's row in the index: its transactions and coins, and how long it stays in memory."""

from pathlib import Path

import pytest

from tests.builders import ALICE, BOB, DOMAIN, GENESIS, batch, coin, issue, submission
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration import batch_rows, tables
from tongbao.centres.registration.batch_rows import BatchRow, BatchRows, homes_in
from tongbao.errors import InvariantError
from tongbao.kernel import ReferenceKernel
from tongbao.kernel.rows import PLACE_BITS

MADE = [issue([coin(5, owner=ALICE), coin(6, owner=BOB)]), issue([coin(7, owner=BOB, home=2)])]


def row(sequence: int = 3) -> BatchRow:
    applied = ReferenceKernel(GENESIS).apply(batch([submission(MADE, home=0)]).encode())
    return BatchRow(sequence, b"head", applied.verdicts, applied.created)


def test_a_row_knows_its_transactions_by_their_number() -> None:
    assert row().has_transaction(1, MADE[1].id(DOMAIN))
    assert not row().has_transaction(0, MADE[1].id(DOMAIN))


def test_coins_come_by_home_behind_a_place() -> None:
    start = 3 << PLACE_BITS

    assert [each.coin.value for each in row().coins_at(1, after=0)] == [5, 6]
    assert [each.coin.value for each in row().coins_at(1, after=start)] == [6]
    assert [(each.coin.value, each.place) for each in row().coins_at(2, after=0)] == [(7, start + 2)]
    assert homes_in(row().created) == [1, 2]
    made = row().coin(2)
    assert (made.origin, made.output, made.sequence) == (MADE[1].id(DOMAIN), 0, 3)
    assert made.coin_id == made.coin.id(DOMAIN, origin=made.origin, index=0)


async def test_rows_that_were_let_go_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_rows, "ROW_BYTES_KEPT", 1)
    store = SqlStore.open(f"sqlite:///{tmp_path}/index.sqlite", durable=False)
    await store.write(tables.make_anew)
    await store.write(lambda connection: tables.INSERT_BATCH.run_many(connection, [row(3).columns()]))
    rows = BatchRows()
    rows.keep(row(3))
    rows.keep(row(4))

    found = await store.read(lambda connection: [rows.read(connection, sequence) for sequence in (4, 3, 5)])

    assert found == [row(4), row(3), None]
    with pytest.raises(InvariantError, match="batch 5"):
        await store.read(lambda connection: rows.demand(connection, 5))
    await store.close()
