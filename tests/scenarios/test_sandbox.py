"""The sandbox of a network that `tongbao up` has made: prepared once, whatever happens, and open to newcomers."""

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.running import Town, town_of
from tests.scenarios.sandboxes import HOMES, LosesPower, PowerLost, make_sandbox_network, running_sandbox_network
from tongbao.coin.coin import CURRENCY
from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.issuance import ProposalState
from tongbao.protocol.sandbox import (
    CashRequest,
    MallBasket,
    MallLanguage,
    SandboxApproval,
    SandboxIssuance,
    SandboxProposal,
    SandboxState,
)
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.sandbox import read_supply
from tongbao.service.web.sandbox.cash import CASH_FEN_MAX, CASH_WALLET_DAY_FEN_MAX
from tongbao.service.web.sandbox.issuance import ISSUANCE_FEN_MAX
from tongbao.service.web.sandbox.sandbox import Sandbox, opened_sandbox
from tongbao.service.web.sandbox.vaults import VAULT_FEN

READY_WITHIN_S = 30
BACK = "http://127.0.0.1/mall/"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def data(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DataDirectory]:
    async with running_sandbox_network(tmp_path_factory.mktemp("sandbox") / "data") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(data: DataDirectory) -> AsyncIterator[Sandbox]:
    async with opened_sandbox(data) as opened, opened.running():
        await until_ready(opened)
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def town(data: DataDirectory, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(data, request.node.name, tmp_path) as opened:
        yield opened


async def until_ready(sandbox: Sandbox) -> None:
    async with asyncio.timeout(READY_WITHIN_S):
        await sandbox.ready.wait()


async def issued_fen(data: DataDirectory) -> dict[int, int]:
    async with connected(data.root) as connections:
        supply = await read_supply(connections)
    return {each.home: each.issued for each in supply.totals if each.asset == CURRENCY}


async def prepare_until_power_is_lost(data: DataDirectory, *, at: int, is_sent: bool) -> bool:
    """Prepare on a machine that loses power at a request; whether it had finished before."""
    async with connected(data.root) as connections:
        network = LosesPower(at=at, is_sent=is_sent)
        sandbox = Sandbox(replace(connections, network=network))
        running, ready = asyncio.create_task(sandbox.run()), asyncio.create_task(sandbox.ready.wait())
        try:
            await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED, timeout=READY_WITHIN_S)
            return sandbox.preparation is SandboxState.READY
        finally:
            for task in (running, ready):
                task.cancel()
                with contextlib.suppress(PowerLost, asyncio.CancelledError):
                    await task
            await network.close()


@pytest.mark.slow
@pytest.mark.parametrize("is_sent", [False, True], ids=["before it is sent", "before its answer"])
async def test_a_sandbox_that_loses_power_at_any_request_is_prepared_once(tmp_path: Path, *, is_sent: bool) -> None:
    async with running_sandbox_network(tmp_path / "data") as data:
        lives = 0
        while not await prepare_until_power_is_lost(data, at=lives, is_sent=is_sent):
            lives += 1
        async with opened_sandbox(data) as healed, healed.running():
            await until_ready(healed)

        assert lives >= 6, "it was interrupted often enough to have been everywhere"
        assert await issued_fen(data) == dict.fromkeys(HOMES, VAULT_FEN)


async def test_a_second_start_finds_everything_as_it_was(data: DataDirectory, sandbox: Sandbox) -> None:
    before = sandbox.view()
    async with connected(data.root) as connections:
        vaults = Sandbox(connections)._vaults
        for home in HOMES:
            await vaults.fill(home)

    assert before.mall is not None
    assert [each.filled for each in before.institutions] == [True, True]
    phrase = data.root / "sandbox" / "mall" / "phrase"
    assert stat.S_IMODE(phrase.stat().st_mode) == 0o600
    assert stat.S_IMODE(phrase.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "test_network"), [("Tongbao", True), ("Tongbao sandbox", False)], ids=["another name", "no test network"]
)
async def test_no_other_network_has_a_sandbox(tmp_path: Path, name: str, *, test_network: bool) -> None:
    other = make_sandbox_network(tmp_path / "data", name=name, test_network=test_network)

    with pytest.raises(RefusedError) as refused:
        async with opened_sandbox(other):
            pass

    assert refused.value.code == "NO_SANDBOX"
    assert not (other.root / "sandbox").exists()


async def test_a_newcomer_is_given_cash_once_for_one_key_and_so_much_a_day(sandbox: Sandbox, town: Town) -> None:
    wallet = await town.open("newcomer")
    request = CashRequest(wallet_id=wallet.wallet_id, home=1, amount_fen=CASH_FEN_MAX)

    first = await sandbox.cash.pay(request, key="first")
    again = await sandbox.cash.pay(request, key="first")
    second = await sandbox.cash.pay(request, key="second")

    assert first == again
    assert (first.deposit_fen, first.left_today_fen) == (CASH_FEN_MAX, CASH_WALLET_DAY_FEN_MAX - CASH_FEN_MAX)
    assert (second.deposit_fen, second.left_today_fen) == (2 * CASH_FEN_MAX, 0)
    with pytest.raises(RefusedError) as refused:
        await sandbox.cash.pay(request, key="third")
    assert (refused.value.code, refused.value.field) == ("SANDBOX_LIMIT", "amount_fen")
    with pytest.raises(RequestError) as reused:
        await sandbox.cash.pay(request.model_copy(update={"home": 2}), key="first")
    assert reused.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert (await wallet.account()).deposit_fen == 2 * CASH_FEN_MAX


async def test_cash_that_the_institution_refuses_is_not_counted(sandbox: Sandbox) -> None:
    left_fen = sandbox.cash.left_today_fen()
    stranger = CashRequest(wallet_id=bytes(16), home=1, amount_fen=100)

    for _ in range(2):
        with pytest.raises(RequestError, match="wallet"):
            await sandbox.cash.pay(stranger, key="stranger")

    assert sandbox.cash.left_today_fen() == left_fen


@pytest.mark.parametrize(
    ("home", "amount_fen", "code"),
    [(1, CASH_FEN_MAX + 1, "SANDBOX_LIMIT"), (3, 1, "NOT_FOUND")],
    ids=["much", "nowhere"],
)
async def test_cash_beyond_the_sandbox_is_refused(sandbox: Sandbox, home: int, amount_fen: int, code: str) -> None:
    request = CashRequest(wallet_id=bytes(16), home=home, amount_fen=amount_fen)

    with pytest.raises(RequestError) as refused:
        await sandbox.cash.pay(request, key="beyond")

    assert refused.value.code == code


async def test_supply_grows_once_two_officers_have_approved_what_a_treasurer_asked_for(
    data: DataDirectory, sandbox: Sandbox
) -> None:
    before = await issued_fen(data)
    desk = sandbox.issuance

    asked = await desk.ask(SandboxIssuance(home=1, amount_fen=5_000_000), key="treasurer")
    again = await desk.ask(SandboxIssuance(home=1, amount_fen=5_000_000), key="treasurer")
    with pytest.raises(RefusedError) as waits:
        await desk.ask(SandboxIssuance(home=1, amount_fen=5), key="impatient")
    listed = await desk.waiting()
    await desk.approve(asked.proposal_id, SandboxApproval(officer=1))
    one = await desk.approve(asked.proposal_id, SandboxApproval(officer=1))
    two = await desk.approve(asked.proposal_id, SandboxApproval(officer=3))

    assert again == asked
    assert (asked.words_hold, asked.value_fen, asked.approvals, asked.threshold) == (True, 5_000_000, 0, 2)
    assert "¥50,000.00" in asked.description
    assert waits.value.code == "ISSUANCE_WAITS"
    assert [each.proposal_id for each in listed.proposals] == [asked.proposal_id]
    assert (one.state, one.approvals, one.approved_by) == (ProposalState.PENDING, 1, [1])
    assert (two.approvals, two.approved_by) == (2, [1, 3])
    for _ in range(400):
        if (await desk.find(asked.proposal_id)).state is ProposalState.SETTLED:
            break
        await asyncio.sleep(0.02)
    assert (await issued_fen(data))[1] == before[1] + 5_000_000


async def test_of_two_who_ask_for_money_at_the_same_moment_one_is_told_to_wait(sandbox: Sandbox) -> None:
    desk, wanted = sandbox.issuance, SandboxIssuance(home=2, amount_fen=1_000_000)
    left = desk.left_today()

    asked = await asyncio.gather(*[desk.ask(wanted, key=key) for key in ("here", "there")], return_exceptions=True)

    refused = [each for each in asked if isinstance(each, RefusedError)]
    proposed = [each for each in asked if isinstance(each, SandboxProposal)]
    assert [each.code for each in refused] == ["ISSUANCE_WAITS"]
    assert [each.home for each in proposed] == [2]
    assert desk.left_today() == left - 1
    for officer in (1, 2):
        await desk.approve(proposed[0].proposal_id, SandboxApproval(officer=officer))


async def test_what_the_sandbox_does_not_approve_is_refused(sandbox: Sandbox) -> None:
    desk = sandbox.issuance
    too_much = SandboxIssuance(home=2, amount_fen=ISSUANCE_FEN_MAX + 1)

    with pytest.raises(RefusedError) as limit:
        await desk.ask(too_much, key="much")
    with pytest.raises(RequestError) as unknown:
        await desk.approve("0" * 32, SandboxApproval(officer=1))
    with pytest.raises(RequestError) as nobody:
        await desk.approve("0" * 32, SandboxApproval(officer=4))

    assert (limit.value.code, unknown.value.code) == ("SANDBOX_LIMIT", "NOT_FOUND")
    assert (nobody.value.code, nobody.value.field) == ("INVALID_FIELD", "officer")


async def test_what_the_mall_sells_is_paid_across_institutions_and_given_back_without_anybody(
    sandbox: Sandbox, town: Town
) -> None:
    buyer = await town.open("buyer", 100_00)
    basket = MallBasket(goods=["tea", "bun", "tea"], language=MallLanguage.CHINESE, success_url=BACK, cancel_url=BACK)

    checkout = await sandbox.mall.sell(basket, key="basket")
    again = await sandbox.mall.sell(basket, key="basket")
    payment = await buyer.pay_order(await buyer.order(checkout.order.link))
    async with asyncio.timeout(READY_WITHIN_S):
        while True:
            with contextlib.suppress(RequestError):  # until the mall has heard that it is paid
                offered = await sandbox.mall.take_back(checkout.order.order_id)
                break
            await asyncio.sleep(0.02)
        await buyer.refunds.accept(offered)
        while buyer.balance_fen < 100_00:
            await buyer.sync()

    assert again.order.order_id == checkout.order.order_id
    assert (payment.amount_fen, checkout.order.description) == (2 * 12_80 + 3_50, "龙井茶 × 2、包子")
    assert offered.amount_fen == payment.amount_fen


async def test_the_mall_sells_only_what_it_has(sandbox: Sandbox) -> None:
    with pytest.raises(RequestError) as refused:
        await sandbox.mall.sell(MallBasket(goods=["yacht"], success_url=BACK, cancel_url=BACK), key="yacht")

    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", "goods")
