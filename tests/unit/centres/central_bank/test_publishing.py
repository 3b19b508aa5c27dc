"""The list of orders that were carried out: all of them, with what proves them, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import ALICE, CENTRAL_BANK, DOMAIN, GENESIS, OFFICERS, spend_of
from tests.central_bank_world import OFFICE, OfficeWorld, approved, asked, ended, redemption, wanted
from tests.registration_world import hand_in
from tongbao.centres.central_bank.office import CentralBankOffice
from tongbao.coin import Transaction
from tongbao.coin.control import AuthorityKind, Officers, Quota
from tongbao.coin.encoding import u8
from tongbao.errors import RequestError
from tongbao.evidence.supply_order import SupplyOrder, orders_by_batch
from tongbao.protocol.issuance import ControlRequest, Proposal, SupplyOrderPage
from tongbao.simulation.asgi import deliver

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE]
CONTROLLERS = OFFICERS[AuthorityKind.CONTROL]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OfficeWorld]:
    world = await OfficeWorld.make(tmp_path)
    yield world
    await world.close()


async def issued(office: CentralBankOffice, *values: int, name: str = "issue") -> Proposal:
    proposal = await office.propose_issuance(wanted(*values), home=1, asked=asked(name))
    return await approved(office, proposal, *ISSUERS[:2])


async def listed(office: CentralBankOffice) -> list[SupplyOrder]:
    page = await office.orders(after="", limit=100)
    return [SupplyOrder.decode(each.transaction, each.receipt) for each in page.orders]


async def test_what_made_and_ended_money_is_published_with_its_proof(world: OfficeWorld) -> None:
    office = await world.open()
    made = await issued(office, 300, 200)
    coin = spend_of(Transaction.decode(made.transaction), 0, owner=ALICE)
    asked_for = redemption([coin], expiry_ms=world.ledger.clock.now_ms() + 60_000)
    proposal = await office.propose_redemption(asked_for, home=1, asked=asked("redeem"))
    ready = await approved(office, proposal, *ISSUERS[:2])
    await hand_in(world.centre, [Transaction.decode(ready.transaction)])
    await ended(office, ready)

    orders = await listed(office)

    good, bad = orders_by_batch(orders, GENESIS)
    assert bad == []
    assert [(each.issued(), each.redeemed()) for each in good] == [({(0, 1): 500}, {}), ({}, {(0, 1): 300})]
    assert all(each.transaction.witnesses == () for each in good)
    assert {each.transaction.id(DOMAIN) for each in good} == {made.transaction_id, ready.transaction_id}


async def test_what_nobody_approved_is_not_published(world: OfficeWorld) -> None:
    office = await world.open()
    await office.propose_issuance(wanted(5), home=1, asked=asked())

    assert await listed(office) == []


async def test_of_control_only_what_says_who_may_order_is_published(world: OfficeWorld) -> None:
    office = await world.open()
    quota = Quota(0, 1, 77)
    request = ControlRequest(operation=u8(quota.NUMBER) + quota.payload())
    await approved(office, await office.propose_control(request, asked=asked("quota")), *ISSUERS[:2])
    same = next(each for each in GENESIS.authorities if each.authority == AuthorityKind.ISSUANCE)
    change = Officers(same.authority, same.threshold, same.keys)
    request = ControlRequest(operation=u8(change.NUMBER) + change.payload())
    proposal = await office.propose_control(request, asked=asked("officers"))
    await approved(office, proposal, *CONTROLLERS[:2], *ISSUERS[:2])

    [order] = await listed(office)

    assert order.body.operation == change


async def test_orders_come_in_pages_and_to_anybody(world: OfficeWorld) -> None:
    office = await world.open()
    for value in (1, 2, 3):
        await issued(office, value, name=str(value))
    nobody = world.client("key:" + "0" * 64, CENTRAL_BANK)

    first = await nobody.get("/v1/supply/orders", SupplyOrderPage, query={"limit": "2"})
    rest = await nobody.get("/v1/supply/orders", SupplyOrderPage, query={"limit": "2", "after": first.next})

    assert [each.value_fen for each in (*first.orders, *rest.orders)] == [1, 2, 3]
    assert (bool(first.next), rest.next) == (True, "")
    answer = await deliver(world.network.apps[OFFICE], "GET", f"{OFFICE}/v1/supply/orders", headers={}, body=b"")
    assert answer.status == 200


async def test_a_cursor_of_something_else_is_refused(world: OfficeWorld) -> None:
    office = await world.open()

    with pytest.raises(RequestError, match="none of this listing's"):
        await office.orders(after="x", limit=5)
