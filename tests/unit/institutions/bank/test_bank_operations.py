import asyncio
from collections.abc import Mapping

import pytest

from tests.builders import INSTITUTIONS
from tests.institution_people import Holder, refusal
from tests.institution_world import OFFICE_URL, InstitutionWorld
from tongbao.adapters.network import Answer
from tongbao.coin import Receipt
from tongbao.errors import RefusedError
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.kernel import Status
from tongbao.protocol.banking import BankOperation, BankOperationState, RequestIssuance, RequestRedemption
from tongbao.protocol.issuance import Proposal, ProposalPage, ProposalState, WaitsFor
from tongbao.protocol.registration import OutcomeAnswer

AN_HOUR_MS = 3_600_000


async def asked(world: InstitutionWorld, amount_fen: int, *, kind: str = "redemption", key: str = "") -> BankOperation:
    """A teller's request that no officer has approved yet."""
    request = (
        RequestRedemption(amount_fen=amount_fen) if kind == "redemption" else RequestIssuance(amount_fen=amount_fen)
    )
    path = f"/v1/bank/{kind}"
    return await world.teller().post(path, request, BankOperation, idempotency_key=key or world.new_key())


async def ended(world: InstitutionWorld, operation: BankOperation) -> BankOperation:
    """The operation once it has ended."""
    for _ in range(300):
        operation = await world.operation(operation.operation_id)
        if operation.state in {BankOperationState.SETTLED, BankOperationState.REFUSED, BankOperationState.EXPIRED}:
            return operation
        await asyncio.sleep(0.02)
    raise AssertionError(operation.state)


async def proposed(world: InstitutionWorld, operation: BankOperation) -> BankOperation:
    """The operation once the office has it."""
    for _ in range(300):
        operation = await world.operation(operation.operation_id)
        if operation.proposal_id:
            return operation
        await asyncio.sleep(0.02)
    raise AssertionError(operation.state)


async def test_issued_money_is_in_the_vault_against_reserves(world: InstitutionWorld) -> None:
    operation = await world.fill_vault(1_000_001, coins=3)

    report = await world.report()
    assert (operation.kind, operation.state, operation.status) == ("issuance", BankOperationState.SETTLED, "SETTLED")
    assert (report.vault_fen, report.vault_coins, report.reserves_fen) == (1_000_001, 3, 1_000_001)
    assert report.balanced


async def test_a_settled_issuance_has_a_receipt_that_anyone_can_check(world: InstitutionWorld) -> None:
    operation = await world.fill_vault(1_000_001, coins=3)

    receipt = Receipt.decode(operation.receipt or b"")
    receipt.verify(world.genesis.domain(), keys=world.genesis.receipt_keys)
    head = receipt.signed_head.head
    assert (receipt.transaction_id, receipt.status) == (operation.transaction_id, Status.SETTLED)
    assert (operation.sequence, operation.time_ms) == (head.sequence, head.time_ms)


async def test_a_receipt_that_the_centre_does_not_give_now_is_asked_for_again(
    world: InstitutionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.institutions.bank.bank_progress.RECEIPT_WAIT_S", 0.1)
    world.network.troubled, world.network.lose_requests = "/v1/outcomes", 10**6
    without = await world.fill_vault(500)

    world.network.lose_requests = 0
    await world.clock.advance(10_000)
    proven = await world.eventually(lambda: world.operation(without.operation_id), lambda found: bool(found.receipt))

    assert (without.state, without.receipt) == (BankOperationState.SETTLED, None)
    Receipt.decode(proven.receipt or b"").verify(world.genesis.domain(), keys=world.genesis.receipt_keys)


async def test_a_receipt_of_something_else_is_never_kept(world: InstitutionWorld) -> None:
    honest, deliver = (await world.fill_vault(500)).receipt, world.network.request

    async def request(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        answer = await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)
        if "/v1/outcomes" not in url:
            return answer
        lie = OutcomeAnswer.model_validate_json(answer.body).model_copy(update={"receipt": honest})
        return Answer(200, answer.headers, lie.encode())

    world.network.request = request  # type: ignore[method-assign]

    operation = await world.fill_vault(600)

    assert (operation.state, operation.receipt) == (BankOperationState.SETTLED, None)


async def test_before_officers_approve_nothing_is_issued(world: InstitutionWorld) -> None:
    operation = await asked(world, 500, kind="issuance")

    assert operation.state is BankOperationState.PROPOSED
    assert operation.proposal_id
    assert (await world.report()).vault_fen == 0


async def test_an_issuance_behind_another_says_that_it_waits_and_for_which(world: InstitutionWorld) -> None:
    first = await asked(world, 500, kind="issuance")
    second = await asked(world, 600, kind="issuance")
    await world.approve(second.proposal_id)
    waiting = await world.operation(second.operation_id)

    await world.approve(first.proposal_id)
    settled = await ended(world, second)

    assert (first.waits_for, settled.waits_for) == (None, None)
    assert second.waits_for == WaitsFor(serial=1, proposal_id=first.proposal_id) == waiting.waits_for
    assert settled.state is BankOperationState.SETTLED


async def test_more_than_the_quota_is_refused_with_its_reason(world: InstitutionWorld) -> None:
    operation = await asked(world, 2**61, kind="issuance")

    if operation.state is BankOperationState.PROPOSED:
        await world.approve(operation.proposal_id)
        operation = await ended(world, operation)

    assert operation.state in {BankOperationState.REFUSED, BankOperationState.EXPIRED}
    assert operation.status == "QUOTA_EXCEEDED"


@pytest.mark.parametrize("kind", ["issuance", "redemption"])
async def test_a_repeated_request_is_one_operation(rich: InstitutionWorld, kind: str) -> None:
    first = await asked(rich, 500, kind=kind, key="k")

    again = await asked(rich, 500, kind=kind, key="k")

    assert again.operation_id == first.operation_id
    assert await refusal(asked(rich, 501, kind=kind, key="k")) == "IDEMPOTENCY_KEY_REUSED"


async def test_redeemed_money_is_gone_and_its_reserves_are_back(rich: InstitutionWorld) -> None:
    operation = await rich.bank_operation("redemption", RequestRedemption(amount_fen=400_000))

    report = await rich.report()
    assert (operation.state, operation.status) == (BankOperationState.SETTLED, "SETTLED")
    assert (report.vault_fen, report.reserves_fen, report.balanced) == (9_600_000, 9_600_000, True)
    Receipt.decode(operation.receipt or b"").verify(rich.genesis.domain(), keys=rich.genesis.receipt_keys)


async def test_a_coin_of_just_the_amount_needs_no_split(rich: InstitutionWorld) -> None:
    await rich.bank_operation("redemption", RequestRedemption(amount_fen=10_000_000))

    report = await rich.report()
    assert (report.vault_fen, report.vault_coins, report.balanced) == (0, 0, True)


async def test_what_is_being_redeemed_is_not_given_to_wallets(world: InstitutionWorld) -> None:
    await world.fill_vault(1_000)
    await asked(world, 600)
    alice = await Holder.open(world, 101)

    given = await alice.exchange_by_teller(400, deposit_fen=400)
    too_much = await alice.exchange_by_teller(1_001, deposit_fen=1_001)

    assert (given.status, too_much.status) == ("SETTLED", "VAULT_INSUFFICIENT")


async def test_the_vault_cannot_redeem_more_than_it_has(rich: InstitutionWorld) -> None:
    assert await refusal(asked(rich, 10_000_001)) == "COINS_INSUFFICIENT"


async def test_a_redemption_that_officers_let_lapse_frees_its_coins(rich: InstitutionWorld) -> None:
    operation = await asked(rich, 10_000_000)
    await rich.pass_time(AN_HOUR_MS + 1)

    lapsed = await ended(rich, operation)

    assert lapsed.state is BankOperationState.EXPIRED
    again = await rich.bank_operation("redemption", RequestRedemption(amount_fen=10_000_000))
    assert again.state is BankOperationState.SETTLED


async def test_an_office_that_is_away_is_asked_again(world: InstitutionWorld) -> None:
    office = world.network.apps.pop("office")
    operation = await asked(world, 500, kind="issuance")
    world.network.apps["office"] = office

    found = await proposed(world, operation)

    assert (operation.state, found.state) == (BankOperationState.REQUESTED, BankOperationState.PROPOSED)


@pytest.mark.parametrize("amount", [400_000, 10_000_000])
async def test_a_redemption_is_carried_on_by_the_next_process(rich: InstitutionWorld, amount: int) -> None:
    operation = await asked(rich, amount)
    await rich.kill(1)
    await rich.start(1)
    alice = await Holder.open(rich, 101)
    held = await alice.exchange_by_teller(9_700_000, deposit_fen=9_700_000)

    await rich.approve(operation.proposal_id)
    done = await ended(rich, operation)

    assert held.status == "VAULT_INSUFFICIENT"
    assert done.state is BankOperationState.SETTLED
    assert (await rich.report()).vault_fen == 10_000_000 - amount


async def test_a_split_that_was_cut_off_is_carried_on_by_the_next_process(
    rich: InstitutionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.institutions.settlement.submitter.SETTLE_WAIT_S", 0.1)
    rich.network.troubled, rich.network.lose_answers = "/v1/submissions", 10**6
    operation = await asked(rich, 400_000)
    await rich.kill(1)
    rich.network.lose_answers = 0

    await rich.start(1)

    await rich.approve((await proposed(rich, operation)).proposal_id)
    assert (await ended(rich, operation)).state is BankOperationState.SETTLED
    assert (await rich.report()).vault_coins == 1


async def test_a_split_that_never_settled_ends_its_redemption_and_frees_the_coins(
    rich: InstitutionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.institutions.settlement.submitter.SETTLE_WAIT_S", 0.1)
    rich.network.troubled, rich.network.lose_requests = "/v1/submissions", 10**6
    operation = await asked(rich, 400_000)
    await rich.pass_time(PREPARATION_MS + 1)
    rich.network.lose_requests = 0

    await rich.until_settled(1)

    assert (await ended(rich, operation)).state is BankOperationState.EXPIRED
    again = await rich.bank_operation("redemption", RequestRedemption(amount_fen=10_000_000))
    assert again.state is BankOperationState.SETTLED


async def test_a_redemption_that_was_approved_and_never_settled_frees_its_coins(
    rich: InstitutionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.institutions.settlement.submitter.SETTLE_WAIT_S", 0.1)
    operation = await asked(rich, 10_000_000)
    rich.network.troubled, rich.network.lose_requests = "/v1/submissions", 10**6
    await rich.approve(operation.proposal_id)
    await rich.until(lambda: rich.network.lose_requests < 10**6)
    await rich.pass_time(AN_HOUR_MS + 1)
    rich.network.lose_requests = 0

    await rich.until_settled(1)

    report = await rich.report()
    assert (await ended(rich, operation)).state is BankOperationState.EXPIRED
    assert (report.balanced, report.vault_fen, report.reserves_fen) == (True, 10_000_000, 10_000_000)
    monkeypatch.undo()
    alice = await Holder.open(rich, 101)
    assert (await alice.exchange_by_teller(10_000_000, deposit_fen=10_000_000)).status == "SETTLED"


async def test_an_operation_that_is_not_there_is_not_found(world: InstitutionWorld) -> None:
    with pytest.raises(Exception, match="no such operation") as refused:
        await world.operation(bytes(32))

    assert getattr(refused.value, "code", "") == "NOT_FOUND"


@pytest.mark.parametrize("amount", [0, -1])
def test_amounts_are_positive(amount: int) -> None:
    with pytest.raises(ValueError, match="amount_fen"):
        RequestIssuance(amount_fen=amount)


def test_states_of_an_operation_are_those_of_its_proposal_and_more() -> None:
    names = {state.value for state in BankOperationState}

    assert {"settled", "refused", "expired", "approved"} <= names
    assert ProposalState.PENDING.value not in names
    assert RefusedError("x", code="QUOTA_EXCEEDED").code == "QUOTA_EXCEEDED"


async def test_a_reused_key_frees_none_of_the_coins_that_the_operation_holds(rich: InstitutionWorld) -> None:
    await asked(rich, 500, key="k")
    purse = rich.homes[1]._parts.premises.vault.purse
    held = list(purse.reservations)

    refused = await refusal(asked(rich, 501, key="k"))

    assert refused == "IDEMPOTENCY_KEY_REUSED"
    assert list(purse.reservations) == held != []


@pytest.mark.parametrize(("kind", "amount"), [("redemption", 400_000), ("redemption", 10_000_000), ("issuance", 500)])
async def test_an_operation_goes_on_where_its_teller_leaves_while_it_is_recorded(
    rich: InstitutionWorld, kind: str, amount: int
) -> None:
    purse = rich.homes[1]._parts.premises.vault.purse
    disk = rich.slow_disk()
    asking = asyncio.ensure_future(asked(rich, amount, kind=kind))
    await rich.until(disk.is_writing)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    held = len(purse.reservations)
    disk.go_on()

    waiting = await rich.eventually(lambda: proposals(rich), lambda found: len(found) == 1)
    assert held == (1 if kind == "redemption" else 0)
    assert waiting[0].value_fen == amount


async def proposals(world: InstitutionWorld) -> list[Proposal]:
    """What the officers are asked to approve."""
    office = world.client(OFFICE_URL, "home:1", INSTITUTIONS[1])
    return (await office.get("/v1/proposals", ProposalPage, query={"state": "pending"})).proposals
