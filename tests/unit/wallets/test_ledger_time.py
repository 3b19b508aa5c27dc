"""A home's word on ledger time is compared with the machine's clock, and with what the centre signs."""

import pytest

from tests.builders import GENESIS_TIME_MS
from tests.wallet_people import People, bend, sent_payments
from tongbao.errors import PeerError
from tongbao.protocol.payment import Preparation
from tongbao.protocol.wallet import WalletAccount
from tongbao.wallets.ledger_time import AHEAD_MS_MAX, LedgerTime, TimeCheck

HOUR_MS = 3_600_000


class Wall:
    """A clock that stands still."""

    def now_ms(self) -> int:
        return GENESIS_TIME_MS

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits here for {seconds} s")


class Centre:
    """Signs that it is so late, when it is asked."""

    def __init__(self, time: LedgerTime, signs_ms: int) -> None:
        self.time, self.signs_ms, self.asked = time, signs_ms, 0

    async def learn_time(self) -> None:
        self.asked += 1
        self.time.heard(self.signs_ms)


async def test_a_day_ahead_is_believed_and_the_next_millisecond_is_not() -> None:
    check = TimeCheck(LedgerTime(), None, Wall())

    await check.demand_not_ahead(GENESIS_TIME_MS + AHEAD_MS_MAX)
    await check.demand_not_ahead(0)
    with pytest.raises(PeerError, match="far ahead"):
        await check.demand_not_ahead(GENESIS_TIME_MS + AHEAD_MS_MAX + 1)


async def test_what_the_centre_signs_counts_whatever_the_machines_clock_says() -> None:
    time = LedgerTime()
    centre = Centre(time, GENESIS_TIME_MS + 30 * AHEAD_MS_MAX)
    check = TimeCheck(time, centre, Wall())

    for _ in range(2):
        await check.demand_not_ahead(centre.signs_ms + AHEAD_MS_MAX)
    time.heard(0)
    with pytest.raises(PeerError, match="far ahead"):
        await check.demand_not_ahead(centre.signs_ms + AHEAD_MS_MAX + 1)

    assert centre.asked == 2


async def test_a_payment_that_would_expire_in_a_far_year_is_not_signed(people: People) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    far_ms = people.world.now_ms + 2 * AHEAD_MS_MAX
    bend(people.world, Preparation, time_ms=far_ms, expiry_ms=far_ms + 1_000)

    with pytest.raises(PeerError, match="far ahead"):
        await alice.pay_order(order)

    assert (await alice.payments(), sent_payments(people.world), alice.free_fen) == ([], set(), 500)


async def test_a_wallet_whose_clock_is_behind_asks_the_centre_and_pays(people: People, centre: str) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    people.clock.now_ms = lambda: 0  # type: ignore[method-assign]

    await alice.pay_order(order)

    assert centre
    assert f"GET /v1/outcomes/{bytes(32).hex()}" in people.world.asked


async def test_a_home_that_says_it_is_next_year_gets_no_plan_paid(people: People) -> None:
    alice = await people.open("alice", 500)
    bend(people.world, WalletAccount, time_ms=people.world.now_ms + 365 * 24 * HOUR_MS)

    with pytest.raises(PeerError, match="far ahead"):
        await alice.plans.carry_out()
