"""What becomes of approved proposals when the ledger is silent, says no, or is asked twice."""

import asyncio

import pytest

from tests.builders import ALICE, GENESIS, OFFICERS, coin, issue, spend
from tests.central_bank_world import (
    REGISTRATION,
    OfficeWorld,
    approval,
    approved,
    asked,
    ended,
    redemption,
    wanted,
)
from tests.registration_world import hand_in, issued, statuses
from tongbao.centres.central_bank import settling
from tongbao.centres.central_bank.office import CentralBankOffice
from tongbao.coin import CURRENCY, Receipt, Transaction
from tongbao.coin.control import AuthorityKind, Quota
from tongbao.coin.encoding import u8
from tongbao.errors import NetworkError
from tongbao.protocol.issuance import ControlRequest, ProposalState, WaitsFor

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE][:2]
HOUR_MS = GENESIS.limits.expiry_ahead_max_ms


async def test_while_the_centre_is_silent_nothing_is_lost(world: OfficeWorld, office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[0]))
    world.network.silent.add(REGISTRATION)
    await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[1]))
    await asyncio.sleep(0.1)
    waiting = await office.proposal(proposal.proposal_id, home=None)

    world.network.silent.clear()
    settled = await ended(office, proposal)

    assert waiting.state == ProposalState.APPROVED
    assert settled.state == ProposalState.SETTLED


async def test_an_answer_that_was_lost_is_found_by_the_same_bytes(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await world.close_office()
    # Killed between handing in and hearing: the transaction settled, and the database does not know.
    office = await world.open()
    world.network.silent.add(REGISTRATION)
    for number in ISSUERS:
        await office.approve(proposal.proposal_id, approval(proposal, number))
    ready = await office.proposal(proposal.proposal_id, home=None)
    answer = await hand_in(world.centre, [Transaction.decode(ready.transaction)], home=0)
    world.network.silent.clear()

    settled = await ended(office, proposal)

    assert (settled.state, settled.receipt) == (ProposalState.SETTLED, answer.verdicts[0].receipt)


async def test_a_restart_goes_on_with_what_is_open(world: OfficeWorld) -> None:
    office = await world.open()
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[0]))
    await world.close_office()

    office = await world.open()

    assert (await approved(office, proposal, ISSUERS[1])).state == ProposalState.SETTLED


async def narrowed(office: CentralBankOffice, value: int) -> None:
    """The quota of the first home, changed behind the back of what is already proposed."""
    quota = Quota(CURRENCY, 1, value)
    request = ControlRequest(operation=u8(quota.NUMBER) + quota.payload())
    control = await office.propose_control(request, asked=asked(f"quota {value}"))
    assert (await approved(office, control, *ISSUERS)).state == ProposalState.SETTLED


async def test_what_the_ledger_refuses_is_closed_with_its_status_and_receipt(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    proposal = await office.propose_issuance(wanted(50), home=1, asked=asked())
    await narrowed(office, 49)

    refused = await approved(office, proposal, *ISSUERS)

    assert (refused.state, refused.status) == (ProposalState.REFUSED, "QUOTA_EXCEEDED")
    assert Receipt.decode(refused.receipt or b"").transaction_id == proposal.transaction_id
    again = await office.propose_issuance(wanted(5), home=1, asked=asked("smaller"))
    assert (await approved(office, again, *ISSUERS)).state == ProposalState.SETTLED
    assert (await world.centre.supply()).totals[0].issued == 5


async def test_proposals_settle_in_the_order_of_their_serials(office: CentralBankOffice) -> None:
    first = await office.propose_issuance(wanted(5), home=1, asked=asked("first"))
    second = await office.propose_issuance(wanted(6), home=1, asked=asked("second"))
    for number in ISSUERS:
        await office.approve(second.proposal_id, approval(second, number))
    await asyncio.sleep(0.1)
    early = await office.proposal(second.proposal_id, home=None)

    await approved(office, first, *ISSUERS)

    assert early.state == ProposalState.APPROVED
    assert (await ended(office, second)).state == ProposalState.SETTLED


async def batches(world: OfficeWorld) -> int:
    return (await world.centre.status()).sequence


async def test_a_proposal_that_waits_for_an_earlier_one_costs_no_batch(
    world: OfficeWorld, office: CentralBankOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "POLL_S", 0.01)
    await office.propose_issuance(wanted(5), home=1, asked=asked("first"))
    second = await office.propose_issuance(wanted(6), home=1, asked=asked("second"))
    before = await batches(world)

    for number in ISSUERS:
        await office.approve(second.proposal_id, approval(second, number))
    await asyncio.sleep(0.3)

    assert (await office.proposal(second.proposal_id, home=1)).state == ProposalState.APPROVED
    assert await batches(world) == before


async def test_a_proposal_waits_for_a_serial_that_nobody_holds_without_a_batch_and_then_settles(
    world: OfficeWorld, office: CentralBankOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "POLL_S", 0.01)
    first = await office.propose_issuance(wanted(50), home=1, asked=asked("first"))
    second = await office.propose_issuance(wanted(6), home=1, asked=asked("second"))
    await narrowed(office, 49)
    assert (await approved(office, first, *ISSUERS)).status == "QUOTA_EXCEEDED"
    before = await batches(world)
    for number in ISSUERS:
        await office.approve(second.proposal_id, approval(second, number))
    await asyncio.sleep(0.3)
    waiting, during = await office.proposal(second.proposal_id, home=1), await batches(world)

    again = await office.propose_issuance(wanted(5), home=1, asked=asked("again"))
    await approved(office, again, *ISSUERS)

    assert (waiting.state, waiting.waits_for) == (ProposalState.APPROVED, WaitsFor(serial=1, proposal_id=""))
    assert during == before
    assert (await ended(office, second)).state == ProposalState.SETTLED


async def test_a_proposal_whose_serial_another_has_used_is_refused_with_a_receipt_and_one_batch(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await issued(world.centre, 7)
    before = await batches(world)

    refused = await approved(office, proposal, *ISSUERS)

    assert (refused.state, refused.status) == (ProposalState.REFUSED, "SERIAL_NOT_NEXT")
    assert Receipt.decode(refused.receipt or b"").transaction_id == proposal.transaction_id
    assert await batches(world) == before + 1
    after = await office.propose_issuance(wanted(5), home=1, asked=asked("after"))
    assert after.waits_for is None
    assert (await approved(office, after, *ISSUERS)).state == ProposalState.SETTLED


async def test_a_proposal_says_which_one_it_waits_for_until_that_has_settled(office: CentralBankOffice) -> None:
    first = await office.propose_issuance(wanted(5), home=1, asked=asked("first"))
    second = await office.propose_issuance(wanted(6), home=1, asked=asked("second"))
    elsewhere = await office.propose_issuance(wanted(7), home=2, asked=asked("elsewhere"))

    await approved(office, first, *ISSUERS)

    assert (first.waits_for, elsewhere.waits_for) == (None, None)
    assert second.waits_for == WaitsFor(serial=1, proposal_id=first.proposal_id)
    assert (await office.proposal(second.proposal_id, home=1)).waits_for is None


async def test_an_approved_issue_that_never_gets_its_turn_expires(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    await office.propose_issuance(wanted(5), home=1, asked=asked("never approved"))
    second = await office.propose_issuance(wanted(6), home=1, asked=asked("second"))
    for number in ISSUERS:
        await office.approve(second.proposal_id, approval(second, number))

    await world.ledger_time_passes(HOUR_MS + 1)

    assert (await ended(office, second)).state == ProposalState.EXPIRED


async def test_a_redemption_that_its_home_never_submits_expires(world: OfficeWorld, office: CentralBankOffice) -> None:
    request = redemption([spend(10, owner=ALICE)], expiry_ms=world.ledger.clock.now_ms() + 60_000)
    proposal = await office.propose_redemption(request, home=1, asked=asked())
    ready = await approved(office, proposal, *ISSUERS)

    await world.ledger_time_passes(60_001)

    assert ready.state == ProposalState.APPROVED
    assert (await ended(office, proposal)).state == ProposalState.EXPIRED


async def test_serials_that_others_used_are_learned_from_the_ledger(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    await issued(world.centre, 1)
    assert statuses(await hand_in(world.centre, [issue([coin(5, owner=ALICE)], serial=2)], home=0)) == ["SETTLED"]

    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())

    assert Transaction.decode(proposal.transaction).body.serial == 3
    assert (await approved(office, proposal, *ISSUERS)).state == ProposalState.SETTLED


async def test_without_the_centre_nothing_can_be_proposed(world: OfficeWorld, office: CentralBankOffice) -> None:
    world.network.silent.add(REGISTRATION)
    await world.ledger.clock.advance(3_000)

    with pytest.raises(NetworkError):
        await office.propose_issuance(wanted(5), home=1, asked=asked())
