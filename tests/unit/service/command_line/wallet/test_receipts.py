"""Which receipts are listed: what the wallet kept, what its home adds, and what is still missing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import batch, bytes32, receipts
from tests.wallet_people import People
from tests.wallet_world import World
from tongbao.adapters.store import SqlStore
from tongbao.kernel import Status
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.protocol.wire import Message
from tongbao.service.command_line.wallet.receipts import receipts_of
from tongbao.wallets import prepare_store


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/wallets.sqlite", durable=False)
    await prepare_store(store)
    yield People(World(), store, tmp_path)
    await store.close()


def entry(number: int, *, kind: str = "received", state: str = "settled", proven: bool = True) -> HistoryEntry:
    identity = bytes32(number)
    proof = receipts(batch(), [(identity, Status.SETTLED)])[0].encode() if proven else None
    return HistoryEntry(
        entry_id=f"{number}",
        kind=kind,
        amount_fen=number,
        counterparty="",
        state=state,
        transaction_id=identity,
        time_ms=0,
        receipt=proof,
    )


def tell(people: People, *pages: list[HistoryEntry]) -> None:
    """Let the home tell these pages, one after another."""
    told = list(pages)

    def bend(path: str, answer: Message) -> Message:
        if not path.endswith("/history"):
            return answer
        page = told.pop(0)
        return HistoryPage(entries=page, next="more" if told else "")

    people.world.bend = bend


async def test_money_received_and_paid_is_listed_oldest_first_with_its_receipts(people: People) -> None:
    alice = await people.open("alice", 1_000)
    paid = await alice.pay_order(await people.order(300))
    tell(people, [entry(9), entry(8, kind="refund")], [entry(7)])

    kept, missing = await receipts_of(alice)

    assert [(each.kind, each.amount_fen) for each in kept.values()] == [
        ("received", 7),
        ("refund", 8),
        ("received", 9),
        ("order", -300),
    ]
    assert (kept[paid.transaction_id].receipt, missing) == (paid.receipt, [])


async def test_what_settled_without_a_receipt_yet_is_missing_and_what_never_settled_is_not(people: People) -> None:
    alice = await people.open("alice")
    absent = entry(3, kind="payment", state="absent", proven=False)
    of_cash = entry(2, kind="deposit", proven=False).model_copy(update={"transaction_id": None})
    tell(people, [entry(5, proven=False), entry(4), absent, of_cash, entry(1, proven=False)])

    kept, missing = await receipts_of(alice)

    assert (list(kept), missing) == ([bytes32(4)], [bytes32(1), bytes32(5)])
