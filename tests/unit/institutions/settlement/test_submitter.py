import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.builders import batch, receipts
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tests.registration_world import settle_down
from tongbao.adapters.network import Answer
from tongbao.coin import Submission, Transaction
from tongbao.errors import DiskFullError, RefusedError
from tongbao.institutions.events.event_log import read_events
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.institutions.settlement.receipts import ReceiptChecker
from tongbao.kernel import Status
from tongbao.protocol.order import Order, OrderState
from tongbao.protocol.payment import Payee, Payment, PaymentState, Preparation
from tongbao.protocol.problem import MEDIA_TYPE, problem_of
from tongbao.protocol.registration import SubmissionAnswer, SubmissionRequest, Verdict
from tongbao.protocol.wallet import WalletClass

ALICE = 101


@pytest.fixture
async def payer(shop: Holder, monkeypatch: pytest.MonkeyPatch) -> Holder:
    """A payer of class IV with a coin of 2,000 yuan, served by a home that does not wait long."""
    monkeypatch.setattr("tongbao.institutions.settlement.submitter.SETTLE_WAIT_S", 0.3)
    payer = await Holder.open(shop.world, ALICE, wallet_class=WalletClass.IV)
    await payer.fund(200_000)
    return payer


async def signed(payer: Holder, shop: Holder, amount_fen: int = 200_000) -> tuple[Preparation, bytes]:
    """A payment of a new order that has not been handed over."""
    preparation = await payer.prepare(Payee(order_id=(await shop.order(amount_fen, "1")).order_id))
    coins = await payer.coins()
    return preparation, payer.sign(payer.body(preparation, coins), coins).encode()


def trouble(world: InstitutionWorld, **kinds: int) -> None:
    """Lose so many requests or answers between the institutions and the centre's submissions."""
    world.network.troubled = "/v1/submissions"
    for kind, count in kinds.items():
        setattr(world.network, kind, count)


Bend = Callable[[bytes, Answer], Answer]


def bend_submissions(world: InstitutionWorld, *bends: Bend | None) -> None:
    """Let the centre's next answers to submissions be others: each made of the request and the honest answer.

    None stands for honesty.
    """
    deliver, left = world.network.request, list(bends)

    async def request(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        answer = await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)
        bend = left.pop(0) if left and "/v1/submissions" in url else None
        return answer if bend is None else bend(body, answer)

    world.network.request = request  # type: ignore[method-assign]


def replace_submissions(world: InstitutionWorld, *replacements: Callable[[bytes], Answer] | None) -> None:
    """Answer the next submissions in the centre's place, which never hears of them; None stands for the centre."""
    deliver, left = world.network.request, list(replacements)

    async def request(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        replacement = left.pop(0) if left and "/v1/submissions" in url else None
        if replacement is not None:
            return replacement(body)
        return await deliver(method, url, headers=headers, body=body, timeout_s=timeout_s)

    world.network.request = request  # type: ignore[method-assign]


def gone(world: InstitutionWorld) -> Callable[[bytes], Answer]:
    """INPUT_NOT_UNSPENT for everything, with receipts that hold."""

    def answer(body: bytes) -> Answer:
        sent = Submission.decode(SubmissionRequest.model_validate_json(body).submission)
        ids = [Transaction.decode(each).id(world.genesis.domain()) for each in sent.transactions]
        status = Status.INPUT_NOT_UNSPENT
        proofs = receipts(batch(sequence=99, time_ms=world.now_ms), [(identity, int(status)) for identity in ids])
        verdicts = [
            Verdict(transaction_id=identity, status=status.name, receipt=proof.encode())
            for identity, proof in zip(ids, proofs, strict=True)
        ]
        message = SubmissionAnswer(sequence=1, time_ms=world.now_ms, verdicts=verdicts)
        return Answer(200, {"content-type": "application/json"}, message.encode())

    return answer


def with_verdict(**changes: object) -> Bend:
    """The honest answer with something else in its first verdict."""

    def bend(_body: bytes, answer: Answer) -> Answer:
        message = SubmissionAnswer.model_validate_json(answer.body)
        verdict = message.verdicts[0].model_copy(update=changes)
        return Answer(200, answer.headers, message.model_copy(update={"verdicts": [verdict]}).encode())

    return bend


def without_verdicts(_body: bytes, answer: Answer) -> Answer:
    """The honest answer without what was asked for."""
    message = SubmissionAnswer.model_validate_json(answer.body)
    return Answer(200, answer.headers, message.model_copy(update={"verdicts": []}).encode())


@pytest.mark.parametrize("kinds", [{"lose_requests": 2}, {"lose_answers": 2}])
async def test_the_same_bytes_are_sent_until_the_centre_answers(
    shop: Holder, payer: Holder, kinds: dict[str, int]
) -> None:
    preparation, content = await signed(payer, shop)
    trouble(shop.world, **kinds)

    payment = await payer.send(preparation, content)

    await shop.world.until_settled(1)
    assert payment.state in {PaymentState.SETTLED, PaymentState.ENDORSED}
    assert (await payer.send(preparation, content)).status == "SETTLED"
    assert (await shop.account()).balance_fen == 200_000


async def test_while_the_centre_is_silent_the_payer_hears_that_it_is_on_its_way(shop: Holder, payer: Holder) -> None:
    preparation, content = await signed(payer, shop)
    trouble(shop.world, lose_requests=10**6)

    payment = await payer.send(preparation, content)

    assert (payment.state, payment.receipt) == (PaymentState.ENDORSED, None)


@pytest.mark.parametrize("kinds", [{"lose_requests": 10**6}, {"lose_answers": 10**6}])
async def test_a_crash_between_intent_and_answer_loses_and_doubles_nothing(
    shop: Holder, payer: Holder, kinds: dict[str, int]
) -> None:
    world = shop.world
    preparation, content = await signed(payer, shop)
    trouble(world, **kinds)
    await payer.send(preparation, content)

    await world.kill(1)
    trouble(world, lose_requests=0, lose_answers=0)
    await world.start(1)

    await world.until_settled(1)
    payment = await payer.send(preparation, content)
    assert payment.state is PaymentState.SETTLED
    assert ((await payer.account()).balance_fen, (await shop.account()).balance_fen) == (0, 200_000)
    assert (await world.report()).balanced


async def test_a_refusal_is_not_the_last_word_and_the_same_bytes_may_be_sent_again(shop: Holder, payer: Holder) -> None:
    """The centre says that the inputs are gone; then it turns out that it was wrong."""
    preparation, content = await signed(payer, shop)
    replace_submissions(shop.world, gone(shop.world))

    first = await payer.send(preparation, content)
    second = await payer.send(preparation, content)

    assert (first.state, first.status) == (PaymentState.REFUSED, "INPUT_NOT_UNSPENT")
    assert (second.state, second.status) == (PaymentState.SETTLED, "SETTLED")


async def test_limits_are_given_back_only_when_absence_is_proven(shop: Holder, payer: Holder) -> None:
    world = shop.world
    _, other, last = (*await payer.coins(), *await payer.fund(200_000, 100_001))
    preparation, content = await signed(payer, shop)
    replace_submissions(world, gone(world))
    await payer.send(preparation, content)
    order, last_order = await shop.order(200_000, "2"), await shop.order(100_001, "3")
    await payer.pay(await payer.prepare(Payee(order_id=order.order_id), anchor=other.coin.coin_id), [other])
    payee, anchor = Payee(order_id=last_order.order_id), last.coin.coin_id
    before = await refusal(payer.prepare(payee, anchor=anchor))

    await world.pass_time(PREPARATION_MS + 1)
    await world.until_settled(1)

    absent = await payer.client.get(f"/v1/payments/{preparation.payment_id}", Payment)
    assert (absent.state, absent.status) == (PaymentState.ABSENT, "INPUT_NOT_UNSPENT")
    assert (before, await refusal(payer.prepare(payee, anchor=anchor))) == ("LIMIT_DAY", "")
    happened = [entry.state for entry in (await payer.history()).entries if entry.kind == "payment"]
    assert happened == ["absent", "settled"]
    store, its = world.stores[1], payer.wallet_id
    told = await store.read(lambda connection: read_events(connection, its, after=0, count=100))
    assert [each.kind for each in told if each.kind.startswith("payment.")] == ["payment.settled", "payment.failed"]


async def test_an_order_whose_payment_is_in_doubt_is_not_payable_with_another_coin(shop: Holder, payer: Holder) -> None:
    world = shop.world
    (other,) = await payer.fund(200_000)
    preparation, content = await signed(payer, shop)
    order = await shop.order(200_000, "1")
    replace_submissions(world, gone(world))
    await payer.send(preparation, content)
    world.network.troubled, world.network.lose_requests = "/v1/outcomes", 10**6
    await world.pass_time(PREPARATION_MS + 1)
    payee, anchor = Payee(order_id=order.order_id), other.coin.coin_id
    in_doubt = await refusal(payer.prepare(payee, anchor=anchor))

    world.network.lose_requests = 0
    await world.until_settled(1)

    assert (in_doubt, await refusal(payer.prepare(payee, anchor=anchor))) == ("ORDER_RESERVED", "")


async def test_a_payment_that_settled_although_it_was_refused_is_found_settled(shop: Holder, payer: Holder) -> None:
    world = shop.world
    preparation, content = await signed(payer, shop)
    trouble(world, lose_answers=1)
    replace_submissions(world, None, gone(world))

    first = await payer.send(preparation, content)
    await world.pass_time(PREPARATION_MS + 1)
    await world.until_settled(1)

    assert first.state is PaymentState.REFUSED
    found = await payer.client.get(f"/v1/payments/{preparation.payment_id}", Payment)
    assert (found.state, found.status) == (PaymentState.SETTLED, "SETTLED")
    assert found.receipt is not None
    assert (await shop.account()).balance_fen == 200_000


@pytest.mark.parametrize(
    "bend",
    [
        without_verdicts,
        with_verdict(status="ENDORSER_UNKNOWN"),
        with_verdict(status="SOMETHING"),
        with_verdict(receipt=b"nothing"),
        with_verdict(transaction_id=bytes(32)),
    ],
)
async def test_an_answer_that_proves_nothing_is_none(shop: Holder, payer: Holder, bend: Bend) -> None:
    preparation, content = await signed(payer, shop)
    bend_submissions(shop.world, bend)

    await payer.send(preparation, content)

    await shop.world.until_settled(1)
    assert (await payer.send(preparation, content)).state is PaymentState.SETTLED


async def test_a_full_disk_after_settlement_is_waited_out(shop: Holder, payer: Holder) -> None:
    world = shop.world
    preparation, content = await signed(payer, shop)
    store = world.stores[1]
    write, failures = store.write, [1, 1]

    async def full(operation: Callable[..., object]) -> object:
        if failures and "Settling" in operation.__qualname__:
            failures.pop()
            raise DiskFullError("the database has no room left")
        return await write(operation)

    store.write = full  # type: ignore[method-assign,assignment]

    await payer.send(preparation, content)

    await world.until_settled(1)
    assert not failures
    assert (await payer.send(preparation, content)).state is PaymentState.SETTLED
    assert (await shop.account()).balance_fen == 200_000


async def test_a_full_disk_before_the_intent_refuses_the_payment_and_uses_nothing(shop: Holder, payer: Holder) -> None:
    world = shop.world
    preparation, content = await signed(payer, shop)
    store = world.stores[1]
    write = store.write

    async def full(_operation: Callable[..., object]) -> object:
        raise DiskFullError("the database has no room left")

    store.write = full  # type: ignore[method-assign,assignment]
    with pytest.raises(Exception, match="no room"):
        await payer.send(preparation, content)
    store.write = write  # type: ignore[method-assign]

    assert (await payer.send(preparation, content)).state is PaymentState.SETTLED


async def test_many_payments_at_once_share_submissions(shop: Holder) -> None:
    world = shop.world
    payers = [await Holder.open(world, 200 + number) for number in range(12)]
    ready: list[tuple[Holder, Preparation, bytes, Order]] = []
    for number, payer in enumerate(payers):
        (coin,) = await payer.fund(100)
        order = await shop.order(100, str(number))
        preparation = await payer.prepare(Payee(order_id=order.order_id))
        ready.append((payer, preparation, payer.sign(payer.body(preparation, [coin]), [coin]).encode(), order))
    before = len([asked for asked in world.network.asked if "/v1/submissions" in asked])

    answers = await asyncio.gather(*[payer.send(preparation, content) for payer, preparation, content, _ in ready])

    submissions = len([asked for asked in world.network.asked if "/v1/submissions" in asked]) - before
    assert {answer.status for answer in answers} == {"SETTLED"}
    assert submissions < 6
    assert {(await shop.see(each[3])).state for each in ready} == {OrderState.PAID}


async def test_one_that_the_centre_judges_ill_holds_up_no_other(shop: Holder, payer: Holder) -> None:
    """Rules may differ between judging here and there; then the ill one is found by itself."""
    world = shop.world
    other = await Holder.open(world, 300)
    await other.fund(200_000)
    preparation, content = await signed(payer, shop)
    order = await shop.order(200_000, "2")
    other_preparation = await other.prepare(Payee(order_id=order.order_id))
    coins = await other.coins()
    other_content = other.sign(other.body(other_preparation, coins), coins).encode()

    def ill_where_it_is(body: bytes, answer: Answer) -> Answer:
        if content not in SubmissionRequest.model_validate_json(body).submission:
            return answer
        problem = problem_of(RefusedError("it is ill", code=Status.LOCK_MISMATCH.name))
        return Answer(problem.status, {"content-type": MEDIA_TYPE}, problem.encode())

    bend_submissions(world, *[ill_where_it_is] * 3)

    ill, well = await asyncio.gather(payer.send(preparation, content), other.send(other_preparation, other_content))

    assert (ill.state, ill.status) == (PaymentState.REFUSED, "LOCK_MISMATCH")
    assert well.state is PaymentState.SETTLED


async def test_a_new_receipt_key_of_the_centre_is_learnt(shop: Holder, payer: Holder) -> None:
    """The home started when the centre's directory named another key; it asks again before it doubts."""
    world = shop.world
    ledger = world.homes[1]._parts.premises.ledger
    known = ledger.receipts.keys
    ledger.receipts = ReceiptChecker(world.genesis.domain(), [])
    await world.clock.advance(2_000)
    preparation, content = await signed(payer, shop)

    payment = await payer.send(preparation, content)

    await settle_down()
    assert payment.state is PaymentState.SETTLED
    assert ledger.receipts.keys == known
