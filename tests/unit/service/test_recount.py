"""The supply is counted from real files: the journal alone, or a data directory's journal and index."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import ALICE, BOB, CENTRE, GENESIS, coin, genesis, signer, spend_of, transfer
from tests.journals import write_journal
from tests.kernel_builders import Ledger, reheaded
from tongbao.adapters.sql_group import sqlite_url
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration import tables
from tongbao.centres.registration.index import Index
from tongbao.centres.registration.opening import standing_of
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.coin import Batch, statuses_hash
from tongbao.errors import ConfigurationError, DamageError
from tongbao.kernel import AppliedBatch, Status
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.recount import judge_journal, recount_supply

DOMAIN = GENESIS.domain()


def _directory(root: Path) -> DataDirectory:
    plan = NetworkPlan(
        name="Test",
        institutions=["First Bank"],
        test_network=True,
        time_ms=1_000,
        quota_fen=10**12,
        ports=[7301, 7302, 7303],
        clock=ClockChoice.HEARTBEAT,
        secret=seeded_secret("1"),
    )
    return DataDirectory.make(root, plan)


async def _write_index(data: DataDirectory, ledger: Ledger, applied: Sequence[AppliedBatch]) -> None:
    store = SqlStore.open(sqlite_url(f"{data.root}/registration/index.sqlite"))
    index = Index(store, DOMAIN)
    await index.open()
    trees = [(each, ReceiptTree.sign(each, DOMAIN, signer(CENTRE))) for each in applied]
    await index.advance(trees, standing_of(ledger.kernel))
    await store.close()


def _story() -> tuple[Ledger, list[AppliedBatch]]:
    ledger = Ledger()
    funds = ledger.fund(500, owner=ALICE)
    payment = transfer([spend_of(funds, 0, owner=ALICE)], [coin(300, owner=BOB), coin(200, owner=ALICE, salt=7)])
    ledger.settle(payment)
    ledger.fund(70, owner=BOB, home=2)
    again = Ledger()
    return ledger, [again.apply(Batch.decode(data)) for data in ledger.batches]


@pytest.fixture(params=["data", "50% of #1 & what?"])
async def data(tmp_path: Path, request: pytest.FixtureRequest) -> DataDirectory:
    """A directory with three batches."""
    directory = _directory(tmp_path / request.param)
    ledger, applied = _story()
    await write_journal(directory.journal, [GENESIS.encode(), *ledger.batches])
    await _write_index(directory, ledger, applied)
    return directory


async def test_journal_and_index_add_up_wherever_they_lie(data: DataDirectory) -> None:
    supply = await recount_supply(data)

    told = supply.summary()
    assert told == {"issued": 570, "redeemed": 0, "outstanding": 570, "unspent": 570, "unconfirmed": 1}
    assert (supply.holds, supply.by_home, supply.sequence) == (True, {1: 500, 2: 70}, 3)


async def test_batches_after_the_one_that_is_asked_for_are_left_out(data: DataDirectory) -> None:
    supply = await recount_supply(data, until=2)

    assert (supply.issued, supply.unspent, supply.sequence) == (500, 500, 2)


async def test_batches_that_are_left_out_still_confirm_what_is_counted(data: DataDirectory) -> None:
    supply = await recount_supply(data, until=2)

    assert (supply.confirmed_sequence, supply.unconfirmed) == (2, 0)


async def test_a_journal_that_is_ahead_of_the_index_is_counted_up_to_where_the_index_is(tmp_path: Path) -> None:
    directory = _directory(tmp_path / "data")
    ledger, applied = _story()
    await write_journal(directory.journal, [GENESIS.encode(), *ledger.batches])
    await _write_index(directory, ledger, applied[:2])

    supply = await recount_supply(directory, until=2)

    assert (supply.holds, supply.sequence) == (True, 2)


async def test_an_index_that_says_otherwise_than_the_journal_is_damage(data: DataDirectory) -> None:
    engine = sa.create_engine(sqlite_url(f"{data.root}/registration/index.sqlite"))
    with engine.begin() as connection:
        row = connection.execute(sa.select(tables.batches).where(tables.batches.c.sequence == 2)).one()
        lied = row.verdicts[:-1] + b"\x01"
        connection.execute(sa.update(tables.batches).where(tables.batches.c.sequence == 2).values(verdicts=lied))
    engine.dispose()

    with pytest.raises(DamageError, match="names other verdicts on batch 2 than the index has"):
        await recount_supply(data)


async def test_a_flipped_bit_in_the_journal_is_damage(data: DataDirectory) -> None:
    [segment] = data.journal.glob("*.segment")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)

    with pytest.raises(DamageError, match=r"the supply does not add up: .* at byte"):
        await recount_supply(data)


async def test_a_journal_whose_batches_are_no_history_is_damage(tmp_path: Path) -> None:
    directory = _directory(tmp_path / "data")
    ledger, applied = _story()
    forged = reheaded(Batch.decode(ledger.batches[1]), previous=bytes(32)).encode()
    await write_journal(directory.journal, [GENESIS.encode(), ledger.batches[0], forged])
    await _write_index(directory, ledger, applied)

    with pytest.raises(DamageError, match="it does not name the batch before it"):
        await recount_supply(directory)


async def test_a_directory_without_an_index_says_what_builds_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="start the registration centre once, it builds it"):
        await recount_supply(_directory(tmp_path / "data"))


async def test_counting_changes_no_file(data: DataDirectory) -> None:
    before = {path: path.read_bytes() for path in data.root.rglob("*") if path.is_file()}

    await recount_supply(data)

    assert {path: path.read_bytes() for path in before} == before


# --- the journal alone ------------------------------------------------------------------------------------------------


async def _journal_alone(directory: Path, records: Sequence[bytes]) -> Path:
    await write_journal(directory, [GENESIS.encode(), *records])
    return directory


async def test_the_journal_alone_gives_the_same_supply_as_journal_and_index(data: DataDirectory) -> None:
    quick, judged = await recount_supply(data), await judge_journal(data.journal)

    assert judged.supply == replace(quick, judged=True)
    assert (judged.name, judged.network_id) == (GENESIS.name, DOMAIN.network_id)
    assert (judged.kernel.sequence, [each.unspent for each in judged.kernel.totals]) == (3, [500, 70])


async def test_the_journal_alone_is_counted_up_to_the_batch_that_is_asked_for(tmp_path: Path) -> None:
    ledger, _ = _story()
    journal = await _journal_alone(tmp_path / "journal", ledger.batches)

    judged = await judge_journal(journal, until=2)

    assert (judged.supply.sequence, judged.kernel.sequence) == (2, 2)
    assert (judged.supply.issued, judged.supply.unconfirmed) == (500, 0)


async def test_a_journal_that_ends_before_the_centre_does_is_no_alarm_but_an_old_copy(tmp_path: Path) -> None:
    ledger, _ = _story()
    journal = await _journal_alone(tmp_path / "journal", ledger.batches)

    with pytest.raises(ConfigurationError, match="ends with batch 3, and the centre stands at batch 4"):
        await judge_journal(journal, until=4)


async def test_a_journal_that_does_not_begin_with_the_genesis_given_is_damage(tmp_path: Path) -> None:
    ledger, _ = _story()
    journal = await _journal_alone(tmp_path / "journal", ledger.batches)

    with pytest.raises(DamageError, match="another genesis than the one given"):
        await judge_journal(journal, genesis=genesis(name="other").encode())


def _worth_more(record: bytes) -> Batch:
    """The batch with one byte of its issue changed, so that it makes more, and with all lengths and hashes right."""
    batch = Batch.decode(record)
    [encoded] = batch.submissions
    worth, worth_more = (500).to_bytes(8, "big"), (501).to_bytes(8, "big")
    assert encoded.count(worth) == 1
    changed = (encoded.replace(worth, worth_more),)
    header = replace(batch.header, body_hash=Batch.body_hash(changed, DOMAIN))
    return Batch(header, changed)


async def test_an_issue_of_which_one_byte_was_changed_is_refused(tmp_path: Path) -> None:
    ledger, _ = _story()
    first = _worth_more(ledger.batches[0])
    journal = await _journal_alone(tmp_path / "journal", [first.encode()])

    with pytest.raises(DamageError, match="a submission in it is refused: SUBMISSION_SIGNATURE_INVALID"):
        await judge_journal(journal)


async def test_a_verdict_planted_by_the_writer_is_damage(tmp_path: Path) -> None:
    ledger, _ = _story()
    lie = statuses_hash(2, [int(Status.INPUT_NOT_UNSPENT)], DOMAIN)
    planted = reheaded(Batch.decode(ledger.batches[2]), applied_statuses=lie).encode()
    journal = await _journal_alone(tmp_path / "journal", [*ledger.batches[:2], planted])

    with pytest.raises(DamageError, match="its writer saw other statuses in 2"):
        await judge_journal(journal)


async def test_progress_is_told_in_bytes_of_the_journal(tmp_path: Path) -> None:
    ledger, _ = _story()
    journal = await _journal_alone(tmp_path / "journal", ledger.batches)
    told: list[tuple[int, int]] = []

    await judge_journal(journal, progress=lambda done, total: told.append((done, total)))

    assert [done for done, _ in told] == sorted(done for done, _ in told)
    total = sum(file.stat().st_size for file in journal.glob("*.segment"))
    assert len(told) == 5
    assert 0 < told[0][0] < total
    assert told[-1] == (total, total)
