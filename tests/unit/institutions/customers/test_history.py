"""A wallet's history, all of it or what of it is asked for."""

from typing import Any

import pytest

from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.protocol.payment import Payee
from tongbao.protocol.wallet import HistoryEntry, HistoryPage


@pytest.fixture
async def alice(rich: InstitutionWorld, shop: Holder) -> Holder:
    """Somebody who exchanged, paid, and turned coins back into deposit, a minute apart."""
    alice = await Holder.open(rich, 101)
    await alice.fund(500)
    await rich.pass_time(60_000)
    await alice.pay_order(await shop.order(300))
    await rich.pass_time(60_000)
    await alice.pay(await alice.prepare(Payee(deposit=True), amount_fen=200))
    return alice


async def listed(holder: Holder, **query: Any) -> list[HistoryEntry]:  # noqa: ANN401 - a filter's value
    """What the holder asks for, one entry a page."""
    found: list[HistoryEntry] = []
    after = ""
    while True:
        asked = {"limit": 1, "after": after, **query}
        page = await holder.client.get(f"{holder.path}/history", HistoryPage, query=asked)
        found.extend(page.entries)
        after = page.next
        if not after:
            return found


async def test_a_history_is_told_newest_first(alice: Holder) -> None:
    found = await listed(alice)

    assert [entry.kind for entry in found] == ["deposit", "payment", "exchange"]


@pytest.mark.parametrize("kind", ["deposit", "payment", "exchange"])
async def test_one_kind_of_entries_may_be_asked_for(alice: Holder, kind: str) -> None:
    found = await listed(alice, kind=kind)

    assert [entry.kind for entry in found] == [kind]
    assert await listed(alice, kind=kind, state="absent") == []


async def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(alice: Holder) -> None:
    deposit, payment, exchange = await listed(alice)

    of_payment = await listed(alice, from_ms=payment.time_ms, until_ms=deposit.time_ms)
    before = await listed(alice, until_ms=payment.time_ms)

    assert of_payment == [payment]
    assert before == [exchange]


@pytest.mark.parametrize("query", [{"kind": ""}, {"state": "Settled"}, {"from_ms": -1}, {"until_ms": "now"}])
async def test_a_filter_that_makes_no_sense_is_refused(alice: Holder, query: dict[str, Any]) -> None:
    asked = alice.client.get(f"{alice.path}/history", HistoryPage, query=query)

    assert await refusal(asked) == "INVALID_FIELD"
