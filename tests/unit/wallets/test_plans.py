"""Plans: paid when the wallet is awake, missed ones told, and none paid twice whatever happens in between."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.wallet_people import LONG_MS, People, cut_off, restore_network, sent_payments
from tongbao.coin import Address
from tongbao.errors import RequestError
from tongbao.wallets import Wallet
from tongbao.wallets import plans as plans_module
from tongbao.wallets.plan import Occurrence, OccurrenceState, Plan, plan_of_request
from tongbao.wallets.plans import day_of
from tongbao.wallets.schedule import Every, Schedule, read_zone

DAY_MS = 86_400_000
PAID, DUE, MISSED = OccurrenceState.PAID, OccurrenceState.DUE, OccurrenceState.MISSED
IN_DOUBT, WAITING = OccurrenceState.IN_DOUBT, OccurrenceState.WAITING


def today(people: People) -> date:
    return datetime.fromtimestamp(people.world.now_ms / 1000, UTC).date()


async def planned(  # what a plan may be, named
    people: People,
    payer: Wallet,
    payee: Wallet,
    *,
    every: Every = Every.ONCE,
    times: int | None = None,
    in_days: int = 1,
    amount_fen: int = 100,
    grace_days: int = 7,
) -> Plan:
    """A plan that begins so many days from now."""
    schedule = Schedule(today(people) + timedelta(days=in_days), every, times, read_zone("UTC"))
    plan = Plan(plan_id="", address=str(payee.address), payee="*明", amount_fen=amount_fen, schedule=schedule)
    return await payer.plans.make(
        Plan(**{**{name: getattr(plan, name) for name in plan.__slots__}, "grace_days": grace_days})
    )


def sign_and_lose(people: People) -> None:
    """Let a payment be prepared, and nothing arrive after that."""

    def before(path: str) -> None:
        if path == "/v1/payments/prepare":
            people.world.lose_requests = 1000

    people.world.before = before


def states(found: list[Occurrence]) -> list[OccurrenceState]:
    return [each.state for each in found]


async def received(payee: Wallet) -> int:
    await payee.sync()
    return payee.balance_fen


@pytest.fixture
async def alice(people: People) -> Wallet:
    return await people.open("alice", 1_000)


@pytest.fixture
async def bob(people: People) -> Wallet:
    return await people.open("bob", home=2)


async def test_nothing_is_paid_before_its_day(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob)

    assert await alice.plans.carry_out() == []

    [(_, [waiting])] = await alice.plans.all()
    assert (waiting.state, waiting.number, await received(bob)) == (WAITING, 1, 0)


async def test_on_its_day_it_is_paid_once(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob)
    people.world.pass_time(DAY_MS)

    first = await alice.plans.carry_out()
    again = await alice.plans.carry_out()

    assert (states(first), states(again), await received(bob)) == ([PAID], [], 100)
    [(_, [told])] = await alice.plans.all()
    assert (told.state, told.transaction_id, told.told) == (PAID, first[0].transaction_id, True)


async def test_a_standing_order_is_made_up_for_within_its_days_of_grace_and_missed_after(
    people: People, alice: Wallet, bob: Wallet
) -> None:
    await planned(people, alice, bob, every=Every.WEEK, times=4, grace_days=8)
    people.world.pass_time(16 * DAY_MS)

    found = await alice.plans.carry_out()

    assert (states(found), await received(bob)) == ([MISSED, PAID, PAID], 200)
    assert "in time" in found[0].reason
    assert await alice.plans.carry_out() == []
    [(_, told)] = await alice.plans.all()
    assert states(told) == [MISSED, PAID, PAID, WAITING]


async def test_what_there_was_no_money_for_is_tried_again(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob, amount_fen=1_500)
    people.world.pass_time(DAY_MS)
    first = await alice.plans.carry_out()
    people.world.homes[1].credit(alice.wallet_id, 600)
    await alice.sync()

    second = await alice.plans.carry_out()

    assert (states(first), states(second)) == ([DUE], [PAID])
    assert first[0].reason
    assert await received(bob) == 1_500


async def test_what_there_is_never_money_for_is_missed(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob, amount_fen=1_500, grace_days=0)
    people.world.pass_time(DAY_MS)
    first = await alice.plans.carry_out()
    people.world.pass_time(DAY_MS)

    assert (states(first), states(await alice.plans.carry_out())) == ([DUE], [MISSED])
    assert await alice.plans.carry_out() == []


async def test_a_wallet_that_stops_before_it_heard_pays_no_second_time(
    people: People, alice: Wallet, bob: Wallet
) -> None:
    await planned(people, alice, bob)
    people.world.pass_time(DAY_MS)
    cut_off(people.world, "/v1/payments")
    doubtful = await alice.plans.carry_out()
    restore_network(people.world)

    again = await people.restarted("alice")

    assert states(doubtful) == [IN_DOUBT]
    assert states(await again.plans.carry_out()) == [PAID]
    assert (await received(bob), len(sent_payments(people.world))) == (100, 1)


async def test_what_may_have_settled_is_neither_missed_nor_paid_late(
    people: People, alice: Wallet, bob: Wallet
) -> None:
    await planned(people, alice, bob, grace_days=0)
    people.world.pass_time(DAY_MS)
    sign_and_lose(people)
    await alice.plans.carry_out()
    restore_network(people.world)
    people.world.pass_time(2 * DAY_MS)
    again = await people.restarted("alice")

    found = await again.plans.carry_out()

    assert (states(found), await received(bob)) == ([IN_DOUBT], 0)
    assert len(sent_payments(people.world)) == 1


async def test_what_is_proven_never_to_settle_is_paid_anew_within_its_days(
    people: People, alice: Wallet, bob: Wallet, centre: str
) -> None:
    del alice
    again = await people.restarted("alice")
    await planned(people, again, bob)
    people.world.pass_time(DAY_MS)
    sign_and_lose(people)
    await again.plans.carry_out()
    restore_network(people.world)
    people.world.pass_time(LONG_MS)

    assert (states(await again.plans.carry_out()), await received(bob)) == ([PAID], 100)
    assert centre


async def test_an_end_that_was_not_told_is_told_at_the_next_start(people: People, alice: Wallet, bob: Wallet) -> None:
    plan = await planned(people, alice, bob, grace_days=0)
    people.world.pass_time(DAY_MS)
    await alice.pay_person(plan.address, plan.amount_fen, request_id=plan.request_id(1))
    people.world.pass_time(5 * DAY_MS)

    found = await alice.plans.carry_out()

    assert (states(found), await received(bob)) == ([PAID], 100)


async def test_a_cancelled_plan_pays_no_more_and_misses_nothing(people: People, alice: Wallet, bob: Wallet) -> None:
    plan = await planned(people, alice, bob, every=Every.DAY)
    people.world.pass_time(DAY_MS)
    await alice.plans.carry_out()
    await alice.plans.cancel(plan.plan_id)
    people.world.pass_time(30 * DAY_MS)

    assert (await alice.plans.carry_out(), await received(bob)) == ([], 100)
    [(shown, told)] = await alice.plans.all()
    assert (shown.cancelled, states(told)) == (True, [PAID])


async def test_what_was_signed_for_a_cancelled_plan_is_still_told(people: People, alice: Wallet, bob: Wallet) -> None:
    plan = await planned(people, alice, bob)
    people.world.pass_time(DAY_MS)
    cut_off(people.world, "/v1/payments")
    await alice.plans.carry_out()
    restore_network(people.world)
    await alice.plans.cancel(plan.plan_id)

    assert (states(await alice.plans.carry_out()), await received(bob)) == ([PAID], 100)


async def test_one_plan_that_fails_holds_up_no_other(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob, amount_fen=5_000)
    await planned(people, alice, bob, amount_fen=50)
    people.world.pass_time(DAY_MS)

    found = await alice.plans.carry_out()

    assert sorted(states(found)) == [DUE, PAID]
    assert await received(bob) == 50


async def test_plans_of_two_wallets_in_one_database_are_apart(people: People, alice: Wallet, bob: Wallet) -> None:
    await planned(people, alice, bob)

    assert (len(await alice.plans.all()), await bob.plans.all()) == (1, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_fen": 0}, "amount_fen"),
        ({"grace_days": 91}, "grace_days"),
        ({"times": 0}, "times"),
        ({"times": 10_001}, "times"),
    ],
)
async def test_a_plan_that_cannot_be_carried_out_is_refused_by_its_field(
    people: People, alice: Wallet, bob: Wallet, changes: dict[str, int], field: str
) -> None:
    with pytest.raises(RequestError) as refused:
        await planned(people, alice, bob, every=Every.DAY, **changes)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", field)


async def test_an_address_of_another_network_is_refused(people: People, alice: Wallet) -> None:
    schedule = Schedule(today(people), Every.ONCE, None, read_zone("UTC"))
    elsewhere = str(Address(1, bytes(16), test_network=False))

    with pytest.raises(RequestError) as refused:
        await alice.plans.make(Plan(plan_id="", address=elsewhere, payee="", amount_fen=1, schedule=schedule))

    assert refused.value.code == "WRONG_NETWORK"


async def test_a_wallet_keeps_only_so_many_plans(
    people: People, alice: Wallet, bob: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans_module, "PLANS_MAX", 1)
    first = await planned(people, alice, bob)

    with pytest.raises(RequestError) as refused:
        await planned(people, alice, bob)

    await alice.plans.cancel(first.plan_id)
    await planned(people, alice, bob)
    assert refused.value.code == "PLANS_FULL"


async def test_a_plan_that_is_not_there_cannot_be_cancelled(alice: Wallet) -> None:
    with pytest.raises(RequestError) as refused:
        await alice.plans.cancel("0000000000000000")

    assert refused.value.code == "PLAN_UNKNOWN"


async def test_a_payment_tells_of_which_plan_it_is(people: People, alice: Wallet, bob: Wallet) -> None:
    plan = await planned(people, alice, bob)

    assert plan_of_request(plan.request_id(3)) == plan.plan_id
    assert plan_of_request("0123456789abcdef") == ""


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "30.11.2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        day_of(text)

    assert refused.value.code == "DAY_INVALID"
