import pytest

from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.protocol.wallet import Deposit, DepositRequest, PayoutRequest

ALICE = 101


async def deposit(world: InstitutionWorld, wallet_id: bytes, amount_fen: int, *, key: str = "") -> Deposit:
    request = DepositRequest(wallet_id=wallet_id, amount_fen=amount_fen)
    return await world.teller().post("/v1/deposits", request, Deposit, idempotency_key=key or world.new_key())


async def pay_out(world: InstitutionWorld, wallet_id: bytes, amount_fen: int, *, key: str = "") -> Deposit:
    request = PayoutRequest(wallet_id=wallet_id, amount_fen=amount_fen)
    return await world.teller().post("/v1/payouts", request, Deposit, idempotency_key=key or world.new_key())


async def test_cash_is_added_to_the_deposit(world: InstitutionWorld) -> None:
    alice = await Holder.open(world, ALICE)
    await deposit(world, alice.wallet_id, 100)

    after = await deposit(world, alice.wallet_id, 50)

    report = await world.report()
    assert (after.deposit_fen, (await alice.account()).deposit_fen, report.deposits_fen) == (150, 150, 150)
    assert report.balanced


async def test_cash_that_is_reported_twice_was_taken_once(world: InstitutionWorld) -> None:
    alice = await Holder.open(world, ALICE)

    answers = [await deposit(world, alice.wallet_id, 100, key="k") for _ in range(2)]

    assert [answer.deposit_fen for answer in answers] == [100, 100]
    assert await refusal(deposit(world, alice.wallet_id, 101, key="k")) == "IDEMPOTENCY_KEY_REUSED"


async def test_cash_for_nobody_is_not_taken(world: InstitutionWorld) -> None:
    assert await refusal(deposit(world, bytes(16), 100)) == "WALLET_UNKNOWN"


async def test_cash_is_paid_out_of_the_deposit_once_and_at_most_what_there_is(world: InstitutionWorld) -> None:
    alice = await Holder.open(world, ALICE)
    await deposit(world, alice.wallet_id, 100)

    answers = [await pay_out(world, alice.wallet_id, 70, key="k") for _ in range(2)]
    refused = await refusal(pay_out(world, alice.wallet_id, 31))

    report = await world.report()
    assert [answer.deposit_fen for answer in answers] == [30, 30]
    assert refused == "DEPOSIT_TOO_SMALL"
    assert (report.balanced, report.deposits_fen) == (True, 30)
    assert {line.account: line.normal_balance_fen for line in report.accounts}["cash"] == 30


@pytest.mark.parametrize(
    "path", ["/v1/deposits", "/v1/payouts", "/v1/exchanges", "/v1/bank/issuance", "/v1/bank/redemption"]
)
async def test_only_tellers_do_what_tellers_do(world: InstitutionWorld, path: str) -> None:
    alice = await Holder.open(world, ALICE)
    bodies: dict[str, object] = {
        "/v1/deposits": {"wallet_id": alice.wallet_id.hex(), "amount_fen": 1},
        "/v1/payouts": {"wallet_id": alice.wallet_id.hex(), "amount_fen": 1},
        "/v1/exchanges": {"items": [{"wallet_id": alice.wallet_id.hex(), "amount_fen": 1}]},
    }

    refused = await refusal(alice.client.post(path, bodies.get(path, {"amount_fen": 1}), Deposit, idempotency_key="a"))

    assert refused == "FORBIDDEN"
