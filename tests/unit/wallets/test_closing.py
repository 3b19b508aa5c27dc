import pytest

from tests.wallet_people import People, sign_and_send_nothing
from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.wallet import ClosingRequest, WalletAccount, WalletState
from tongbao.protocol.wire import Message
from tongbao.wallets import InDoubtError
from tongbao.wallets.closing import PART_FEN_MIN, in_parts


class Payee:
    """Takes at most so much at once and in all.

    Attributes:
        taken: every part that was taken.
        asked: how often it was asked.
    """

    def __init__(self, *, at_once: int, in_all: int = 10**12, code: str = "LIMIT_SINGLE") -> None:
        self.taken: list[int] = []
        self.asked = 0
        self._at_once, self._in_all, self._code = at_once, in_all, code

    async def take(self, amount_fen: int) -> None:
        self.asked += 1
        if amount_fen > self._at_once or sum(self.taken) + amount_fen > self._in_all:
            raise RefusedError("too much", code=self._code)
        self.taken.append(amount_fen)


async def test_an_amount_within_the_limits_moves_at_once() -> None:
    payee = Payee(at_once=500)

    left = await in_parts(500, payee.take)

    assert (left, payee.taken) == ((0, ""), [500])


@pytest.mark.parametrize("code", ["COINS_TOO_SMALL", "LIMIT_SINGLE", "LIMIT_DAY", "LIMIT_YEAR", "LIMIT_BALANCE"])
async def test_an_amount_beyond_a_limit_moves_in_parts(code: str) -> None:
    payee = Payee(at_once=200_000, code=code)

    left = await in_parts(500_001, payee.take)

    assert left == (0, "")
    assert sum(payee.taken) == 500_001
    assert max(payee.taken) <= 200_000


async def test_what_no_limit_lets_through_today_is_left_in_few_askings() -> None:
    payee = Payee(at_once=10**9, in_all=1_000_000, code="LIMIT_DAY")

    left_fen, why = await in_parts(100_000_000, payee.take)

    assert why == "LIMIT_DAY"
    assert left_fen + sum(payee.taken) == 100_000_000
    assert 1_000_000 - sum(payee.taken) <= 2 * PART_FEN_MIN
    assert payee.asked < 40


async def test_another_refusal_is_told() -> None:
    with pytest.raises(RefusedError) as refused:
        await in_parts(500, Payee(at_once=1, code="WALLET_CLOSED").take)

    assert refused.value.code == "WALLET_CLOSED"


async def test_nothing_is_nothing_to_move() -> None:
    payee = Payee(at_once=1)

    assert (await in_parts(0, payee.take), payee.asked) == ((0, ""), 0)


async def test_a_wallet_asks_its_home_to_close_it_and_hands_over_no_more_locks(people: People) -> None:
    alice = await people.open("alice", stock=1)
    closing = {"state": WalletState.CLOSING, "moved_to": "elsewhere"}

    def bend(_path: str, answer: Message) -> Message:
        return answer.model_copy(update=closing) if isinstance(answer, WalletAccount) else answer

    people.world.bend = bend
    account = await alice.closing.ask(moved_to="elsewhere")
    refilled = await alice.refill()

    assert account.state is WalletState.CLOSING
    assert ClosingRequest(moved_to="elsewhere").encode() in people.world.sent
    assert refilled.locks_left == 1


async def test_a_closing_that_is_withdrawn_opens_the_wallet_as_it_was(people: People) -> None:
    alice = await people.open("alice")

    account = await alice.closing.withdraw()

    assert (account.wallet_id, account.holder_name) == (alice.wallet_id, "alice")
    assert people.world.asked[-1] == "POST /v1/wallets"


async def test_nothing_is_concluded_while_a_payment_is_in_doubt(people: People) -> None:
    alice = await people.open("alice", 500)
    await sign_and_send_nothing(alice, await people.order(120), people)
    people.world.lose_requests = 1_000

    with pytest.raises(InDoubtError):
        await alice.conclude()
    people.world.lose_requests = 0
    await alice.conclude()

    assert alice.balance_fen == 380


async def test_a_home_that_refuses_to_close_is_heard(people: People) -> None:
    alice = await people.open("alice")

    def refuse(path: str) -> None:
        if path.endswith("/closing"):
            raise RequestError("no", code="INVALID_FIELD", field="moved_to")

    people.world.before = refuse

    with pytest.raises(RequestError, match="no"):
        await alice.closing.ask(moved_to="nowhere")
