"""Proposals and approvals, from the asking to enough of them."""

import asyncio

import pytest

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    OFFICERS,
    QUOTA,
    bytes32,
    coin,
    public_key,
    signer,
    spend,
    transfer,
)
from tests.builders import control as controlled
from tests.central_bank_world import OfficeWorld, approval, approved, asked, ended, redemption, wanted
from tests.registration_world import hand_in, issued
from tongbao.centres.central_bank import desk
from tongbao.centres.central_bank.office import CentralBankOffice
from tongbao.coin import VALUE_MAX, Approval, Input, Kind, Transaction
from tongbao.coin.control import (
    AuthorityKind,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    RekeyInstitution,
    SetSuccessor,
    SuspendInstitution,
)
from tongbao.coin.encoding import u8
from tongbao.errors import DecodingError, RefusedError, RequestError
from tongbao.protocol.issuance import ApprovalRequest, ControlRequest, ProposalState, RedemptionRequest

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE]
CONTROLLERS = OFFICERS[AuthorityKind.CONTROL]


def proposed(operation: ControlOperation) -> ControlRequest:
    return ControlRequest(operation=u8(operation.NUMBER) + operation.payload())


async def test_what_exceeds_the_quota_already_is_refused_before_officers_see_it(office: CentralBankOffice) -> None:
    first = await office.propose_issuance(wanted(QUOTA - 500), home=1, asked=asked("first"))
    assert (await approved(office, first, *ISSUERS[:2])).state == ProposalState.SETTLED

    with pytest.raises(RefusedError, match=r"quota of home 1 is ¥10,000,000.00, of which ¥5.00 are left") as refused:
        await office.propose_issuance(wanted(501), home=1, asked=asked("too much"))

    assert (refused.value.code, refused.value.field) == ("QUOTA_EXCEEDED", "coins")
    just_enough = await office.propose_issuance(wanted(500), home=1, asked=asked("just enough"))
    assert (await approved(office, just_enough, *ISSUERS[:2])).state == ProposalState.SETTLED
    page = await office.proposals(home=None, state="", after="", limit=10)
    assert [each.value_fen for each in page.proposals] == [500, QUOTA - 500]


async def test_a_home_asks_for_coins_and_officers_see_what_they_approve(office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(700, 300), home=1, asked=asked())

    assert (proposal.kind, proposal.home, proposal.value_fen) == ("issue", 1, 1000)
    assert proposal.description == "issue ¥10.00 in 2 coins, home 1"
    assert (proposal.state, proposal.approvals, proposal.threshold, proposal.status) == ("pending", 0, 2, "")
    assert proposal.expiry_ms == GENESIS_TIME_MS + 1_000 + GENESIS.limits.expiry_ahead_max_ms
    transaction = Transaction.decode(proposal.transaction)
    assert transaction.id(DOMAIN) == proposal.transaction_id
    assert (transaction.body.kind, transaction.body.serial) == (Kind.ISSUE, 1)
    assert [each.value for each in transaction.body.outputs] == [700, 300]


async def test_the_same_request_is_the_same_proposal(office: CentralBankOffice) -> None:
    first, second = await asyncio.gather(
        office.propose_issuance(wanted(5), home=1, asked=asked()),
        office.propose_issuance(wanted(5), home=1, asked=asked()),
    )
    third = await office.propose_issuance(wanted(5), home=1, asked=asked())

    assert first == second == third
    assert len((await office.proposals(home=None, state="", after="", limit=10)).proposals) == 1


async def test_another_request_under_the_same_key_is_an_error(office: CentralBankOffice) -> None:
    request = asked()
    await office.propose_issuance(wanted(5), home=1, asked=request)
    other = type(request)(request.request_id, bytes32(9))

    for again in (
        office.propose_issuance(wanted(6), home=1, asked=other),
        office.propose_control(proposed(Quota(0, 1, 5)), asked=other),
        office.propose_redemption(RedemptionRequest(transaction=b""), home=1, asked=other),
    ):
        with pytest.raises(RequestError) as refused:
            await again
        assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"


async def test_proposals_about_one_subject_take_one_serial_after_another(office: CentralBankOffice) -> None:
    made = [await office.propose_issuance(wanted(5), home=1, asked=asked(str(number))) for number in range(3)]
    elsewhere = await office.propose_issuance(wanted(5), home=2, asked=asked("elsewhere"))

    serials = [Transaction.decode(each.transaction).body.serial for each in [*made, elsewhere]]

    assert serials == [1, 2, 3, 1]
    assert len({each.transaction_id for each in made}) == 3


async def test_the_serial_of_a_proposal_that_died_is_used_again(world: OfficeWorld, office: CentralBankOffice) -> None:
    dies = await office.propose_issuance(wanted(5), home=1, asked=asked("dies"))
    await world.ledger_time_passes(1_000)
    waits = await office.propose_issuance(wanted(5), home=1, asked=asked("waits"))
    await world.ledger_time_passes(GENESIS.limits.expiry_ahead_max_ms)
    for number in ISSUERS[:2]:
        await office.approve(waits.proposal_id, approval(waits, number))
    assert (await ended(office, dies)).state == ProposalState.EXPIRED

    filler = await office.propose_issuance(wanted(5), home=1, asked=asked("filler"))

    assert Transaction.decode(filler.transaction).body.serial == 1
    settled = await approved(office, filler, *ISSUERS[:2])
    assert settled.state == ProposalState.SETTLED


async def test_one_officer_alone_settles_nothing_and_counts_once(office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())

    after = await approved(office, proposal, ISSUERS[0], ISSUERS[0])

    assert (after.state, after.approvals) == (ProposalState.PENDING, 1)


async def test_enough_officers_settle_an_issue(world: OfficeWorld, office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(700, 300), home=1, asked=asked())

    after = await approved(office, proposal, ISSUERS[2], ISSUERS[0])

    assert (after.state, after.status, after.approvals) == (ProposalState.SETTLED, "SETTLED", 2)
    page = await world.centre.coins(caller=1, after="", limit=10, wait_s=0)
    assert [each.value for each in page.coins] == [700, 300]


async def test_an_approval_too_many_changes_nothing(office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    before = await approved(office, proposal, *ISSUERS[:2])

    after = await approved(office, proposal, ISSUERS[2])

    assert after == before


async def test_who_is_no_officer_of_the_authority_approves_nothing(office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())

    for number in (CONTROLLERS[0], 999):
        with pytest.raises(RequestError) as refused:
            await office.approve(proposal.proposal_id, approval(proposal, number))
        assert (refused.value.code, refused.value.field) == ("FORBIDDEN", "approval")


async def test_an_approval_of_something_else_is_none(office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    wrong = Approval(public_key(ISSUERS[0]), signer(ISSUERS[0]).sign(bytes32(1)))

    with pytest.raises(RequestError, match="not made by this key"):
        await office.approve(proposal.proposal_id, ApprovalRequest(approval=wrong.encode()))
    with pytest.raises(DecodingError):
        await office.approve(proposal.proposal_id, ApprovalRequest(approval=wrong.encode() + b"!"))

    assert (await office.proposal(proposal.proposal_id, home=1)).approvals == 0


async def test_a_proposal_that_has_expired_takes_no_approval(world: OfficeWorld, office: CentralBankOffice) -> None:
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await approved(office, proposal, ISSUERS[0])
    await world.ledger_time_passes(GENESIS.limits.expiry_ahead_max_ms + 1)
    assert (await ended(office, proposal)).state == ProposalState.EXPIRED

    with pytest.raises(RefusedError) as refused:
        await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[1]))
    repeated = await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[0]))

    assert refused.value.code == "PROPOSAL_EXPIRED"
    assert repeated.state == ProposalState.EXPIRED


async def test_control_is_proposed_by_officers_and_changes_the_ledger(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    request = proposed(SuspendInstitution(2, suspended=True))
    proposal = await office.propose_control(request, asked=asked())

    after = await approved(office, proposal, *CONTROLLERS[:2])

    assert proposal.description == "suspend home 2"
    assert (proposal.kind, proposal.home, proposal.value_fen) == ("control", 2, 0)
    assert after.state == ProposalState.SETTLED
    assert (await world.centre.directory()).institutions[2].suspended


async def test_new_officers_prove_that_they_hold_their_keys(world: OfficeWorld, office: CentralBankOffice) -> None:
    newcomers = (51, 52, 53)
    operation = Officers(AuthorityKind.ISSUANCE, 2, tuple(map(public_key, newcomers)))
    proposal = await office.propose_control(proposed(operation), asked=asked())
    assert await office.is_officer(public_key(51))

    half = await approved(office, proposal, *CONTROLLERS[:2], newcomers[0])
    whole = await approved(office, proposal, newcomers[2])

    assert half.state == ProposalState.PENDING
    assert (whole.state, whole.approvals) == (ProposalState.SETTLED, 4)
    assert not await office.is_officer(public_key(54))
    assert (await world.centre.directory()).authorities[0].keys == [public_key(each).encode() for each in newcomers]


async def test_the_central_banks_next_key_proves_itself_too(world: OfficeWorld, office: CentralBankOffice) -> None:
    proposal = await office.propose_control(proposed(RekeyInstitution(0, public_key(61))), asked=asked())

    half = await approved(office, proposal, *CONTROLLERS[:2])
    whole = await approved(office, proposal, 61)

    assert (half.state, whole.state) == (ProposalState.PENDING, ProposalState.SETTLED)
    assert (await world.centre.endorser_keys(0)) == (public_key(61),)


async def test_a_frozen_coin_moves_by_order_once_it_has_been_frozen_for_the_delay(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    funds = await issued(world.centre, 1, value=9)
    taken = Input(funds.id(DOMAIN), 0, funds.body.outputs[0])
    coin_id, offices = taken.coin_id(DOMAIN), OFFICERS[AuthorityKind.OFFICES][:2]
    operation, outputs = OrderedMove(coin_id), [coin(9, owner=BOB, home=2).encode()]
    request = ControlRequest(
        operation=u8(operation.NUMBER) + operation.payload(), inputs=[taken.encode()], outputs=outputs
    )
    freeze = await office.propose_control(proposed(Freeze(FreezeTarget.COIN, coin_id)), asked=asked("freeze"))
    await approved(office, freeze, *offices)
    early = await approved(office, await office.propose_control(request, asked=asked("early")), *offices)

    await world.ledger_time_passes(GENESIS.limits.ordered_move_delay_ms)
    moved = await approved(office, await office.propose_control(request, asked=asked("late")), *offices)

    assert (early.state, early.status) == (ProposalState.REFUSED, "FREEZE_TOO_RECENT")
    assert moved.state == ProposalState.SETTLED
    assert {each.home: each.unspent for each in (await world.centre.supply()).totals} == {1: 0, 2: 9}


async def test_an_ordered_move_names_its_coins(office: CentralBankOffice) -> None:
    taken = spend(10, owner=ALICE).input
    move = OrderedMove(taken.coin_id(DOMAIN))
    request = ControlRequest(
        operation=u8(move.NUMBER) + move.payload(), inputs=[taken.encode()], outputs=[coin(10, owner=BOB).encode()]
    )

    proposal = await office.propose_control(request, asked=asked())

    body = Transaction.decode(proposal.transaction).body
    assert (body.inputs, body.outputs, proposal.value_fen) == ((taken,), (coin(10, owner=BOB),), 10)


@pytest.mark.parametrize("kind", ["a move without coins", "a quota with coins", "half a move", "no operation"])
async def test_control_that_makes_no_sense_is_refused(office: CentralBankOffice, kind: str) -> None:
    taken = spend(10, owner=ALICE).input
    move, quota = OrderedMove(taken.coin_id(DOMAIN)), Quota(0, 1, 5)
    requests = {
        "a move without coins": ControlRequest(operation=u8(move.NUMBER) + move.payload()),
        "a quota with coins": ControlRequest(operation=u8(quota.NUMBER) + quota.payload(), inputs=[taken.encode()]),
        "half a move": ControlRequest(operation=u8(move.NUMBER) + move.payload(), inputs=[taken.encode()]),
        "no operation": ControlRequest(operation=b"\xff"),
    }

    with pytest.raises(RequestError):
        await office.propose_control(requests[kind], asked=asked())


async def test_a_redemption_is_handed_back_with_its_approvals_and_settles_at_its_home(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    issue = await office.propose_issuance(wanted(10), home=1, asked=asked("issue"))
    await approved(office, issue, *ISSUERS[:2])
    [record] = (await world.centre.coins(caller=1, after="", limit=10, wait_s=0)).coins
    owned = spend(10, owner=ALICE)
    owned = type(owned)(record.opening(), owned.lock, ALICE)
    expiry_ms = world.ledger.clock.now_ms() + 120_000

    request = redemption([owned], expiry_ms=expiry_ms)
    proposal = await office.propose_redemption(request, home=1, asked=asked("redeem"))
    same = await office.propose_redemption(request, home=1, asked=asked("redeem again"))
    ready = await approved(office, proposal, *ISSUERS[:2])
    answer = await hand_in(world.centre, [Transaction.decode(ready.transaction)])
    settled = await ended(office, proposal)

    assert same == proposal
    assert (proposal.kind, proposal.value_fen, proposal.threshold) == ("redeem", 10, 2)
    assert (ready.state, len(Transaction.decode(ready.transaction).approvals)) == (ProposalState.APPROVED, 2)
    assert answer.verdicts[0].status == "SETTLED"
    assert (settled.state, settled.receipt) == (ProposalState.SETTLED, answer.verdicts[0].receipt)


async def test_a_redemption_that_can_never_settle_is_refused_at_once(
    world: OfficeWorld, office: CentralBankOffice
) -> None:
    now_ms = world.ledger.clock.now_ms()
    owned, of_another_home = spend(10, owner=ALICE), spend(10, owner=ALICE, home=2)
    unsigned = Transaction.decode(redemption([owned], expiry_ms=now_ms).transaction)
    badly_signed = Transaction(unsigned.body, (type(unsigned.witnesses[0])(owned.lock, 0, bytes(64)),))
    cases = {
        "EXPIRED": redemption([owned], expiry_ms=now_ms - 1),
        "SIGNATURE_INVALID": RedemptionRequest(transaction=badly_signed.encode()),
        "INVALID_FIELD": RedemptionRequest(transaction=transfer([owned], [coin(10, owner=BOB)]).encode()),
        "MALFORMED": RedemptionRequest(transaction=b"coins"),
        "VALUE_OUT_OF_RANGE": redemption(
            [spend(VALUE_MAX, owner=ALICE), spend(VALUE_MAX, owner=ALICE, index=1)], expiry_ms=now_ms
        ),
    }

    codes = []
    for number, request in enumerate(cases.values()):
        with pytest.raises(RequestError) as refused:
            await office.propose_redemption(request, home=1, asked=asked(str(number)))
        codes.append(refused.value.code)

    assert codes == list(cases)
    assert of_another_home.input.coin.home == 2


async def test_who_may_not_ask_gets_no_proposal(world: OfficeWorld, office: CentralBankOffice) -> None:
    await hand_in(world.centre, [controlled(SetSuccessor(2, 1))], home=0)
    await world.ledger.clock.advance(3_000)

    codes = {}
    for home in (0, 2, 9):
        with pytest.raises(RequestError) as refused:
            await office.propose_issuance(wanted(5), home=home, asked=asked(str(home)))
        codes[home] = refused.value.code

    assert codes == {0: "FORBIDDEN", 2: "HOME_SUSPENDED", 9: "FORBIDDEN"}
    assert (await office.propose_issuance(wanted(5), home=1, asked=asked("1"))).home == 1


async def test_coins_worth_more_than_there_can_be_are_not_proposed(office: CentralBankOffice) -> None:
    with pytest.raises(RequestError) as refused:
        await office.propose_issuance(wanted(VALUE_MAX, 1), home=1, asked=asked())

    assert (refused.value.code, refused.value.field) == ("VALUE_OUT_OF_RANGE", "coins")


async def test_a_home_that_asks_too_often_leaves_room_for_others_and_for_control(
    office: CentralBankOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "OPEN_PROPOSALS_MAX", 1)
    await office.propose_issuance(wanted(5), home=1, asked=asked("1"))

    with pytest.raises(RefusedError) as refused:
        await office.propose_issuance(wanted(5), home=1, asked=asked("2"))

    assert refused.value.code == "TOO_MANY_PROPOSALS"
    await office.propose_issuance(wanted(5), home=2, asked=asked("3"))
    await office.propose_control(proposed(SuspendInstitution(1, suspended=True)), asked=asked("4"))
    with pytest.raises(RefusedError):
        await office.propose_control(proposed(SuspendInstitution(2, suspended=True)), asked=asked("5"))
