"""A coin is found by its id among all that the journal ever made."""

from pathlib import Path

import pytest

from tests.builders import ALICE, BOB, GENESIS, coin, spend_of, transfer
from tests.journals import write_journal
from tests.kernel_builders import Ledger
from tongbao.coin import Input
from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.service.coin_search import find_coin
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    """A network without a journal; its genesis is made to be the builders'."""
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
    made = DataDirectory.make(tmp_path / "data", plan)
    made.genesis_file.write_bytes(GENESIS.encode())
    return made


async def _story(directory: DataDirectory) -> tuple[Ledger, list[Input]]:
    """A coin, spent; and the two that it became."""
    ledger = Ledger()
    funds = ledger.fund(500, owner=ALICE)
    paid = transfer([spend_of(funds, 0, owner=ALICE)], [coin(300, owner=BOB), coin(200, owner=ALICE, salt=7)])
    ledger.settle(paid)
    await write_journal(directory.journal, [GENESIS.encode(), *ledger.batches])
    return ledger, [
        Input(transaction.id(ledger.domain), index, made)
        for transaction in (funds, paid)
        for index, made in enumerate(transaction.body.outputs)
    ]


async def test_spent_and_unspent_coins_are_found_opened(directory: DataDirectory) -> None:
    ledger, coins = await _story(directory)

    found = [await find_coin(directory, each.coin_id(ledger.domain)) for each in coins]

    assert found == coins
    assert len(found) == 3


async def test_a_coin_that_nothing_made_is_not_found(directory: DataDirectory) -> None:
    await _story(directory)

    with pytest.raises(RequestError, match="has no coin 0000") as refused:
        await find_coin(directory, bytes(32))

    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", "coin")


async def test_a_damaged_journal_does_not_pass_for_one_without_the_coin(directory: DataDirectory) -> None:
    await _story(directory)
    [segment] = directory.journal.glob("*.segment")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)

    with pytest.raises(DamageError, match=r"the coin was not found: .* at byte"):
        await find_coin(directory, bytes(32))


async def test_a_directory_without_a_journal_says_so(directory: DataDirectory) -> None:
    with pytest.raises(ConfigurationError):
        await find_coin(directory, bytes(32))
