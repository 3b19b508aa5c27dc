from datetime import date

from tests.wallet_people import People
from tongbao.wallets.plan import Occurrence, OccurrenceState, Plan
from tongbao.wallets.plan_store import PlanStore
from tongbao.wallets.schedule import Every, Schedule, read_zone
from tongbao.wallets.store import WalletStore

FIRST = date(2026, 1, 31)


async def store_of(people: People, name: str) -> PlanStore:
    wallet = await people.open(name)
    return PlanStore(people.store, WalletStore(people.store, wallet.keys), wallet_id=wallet.wallet_id)


def a_plan(plan_id: str, *, times: int | None = 3) -> Plan:
    schedule = Schedule(FIRST, Every.MONTH, times, read_zone("Asia/Shanghai"))
    return Plan(plan_id=plan_id, address="tbt1", payee="*明", amount_fen=5, schedule=schedule, purpose="rent")


async def test_a_plan_comes_back_as_it_was_kept(people: People) -> None:
    store = await store_of(people, "alice")

    for plan in (a_plan("a"), a_plan("b", times=None)):
        await store.save(plan)

    assert await store.plans() == [a_plan("a"), a_plan("b", times=None)]


async def test_an_end_that_is_told_twice_stays_the_first(people: People) -> None:
    store, plan = await store_of(people, "alice"), a_plan("a")
    await store.save(plan)
    paid = Occurrence(plan=plan, number=1, day=FIRST, state=OccurrenceState.PAID, transaction_id=bytes(32))
    missed = Occurrence(plan=plan, number=1, day=FIRST, state=OccurrenceState.MISSED)

    await store.end(paid)
    await store.end(missed)

    [kept] = (await store.ended(plan)).values()
    assert (kept.state, kept.transaction_id, kept.told) == (OccurrenceState.PAID, bytes(32), True)


async def test_one_wallet_does_not_cancel_the_plan_of_another(people: People) -> None:
    alice, bob = await store_of(people, "alice"), await store_of(people, "bob")
    await alice.save(a_plan("a"))

    await bob.cancel("a")

    assert [plan.cancelled for plan in await alice.plans()] == [False]
