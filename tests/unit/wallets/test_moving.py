"""A wallet moves between two real institutions, and whatever stops it halfway, it goes on from there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.institution_town import Town, demand_agreement, open_town
from tongbao.adapters.store import SqlStore
from tongbao.errors import NetworkError, RefusedError
from tongbao.institutions.customers.closing import CLOSING_MS
from tongbao.protocol.wallet import Deposit, DepositRequest, WalletClass, WalletState
from tongbao.wallets import InDoubtError, Wallet, prepare_store
from tongbao.wallets.moving import Moved, Moving
from tongbao.wallets.plan import OccurrenceState, Plan
from tongbao.wallets.schedule import Every, Schedule, read_zone

DAY_MS = 86_400_000
FIRST_LOCK = 200


class Removal:
    """A holder who moves from home 1 to home 2, with a store for each."""

    def __init__(self, town: Town, there: SqlStore) -> None:
        self.town, self.here, self.there = town, town.store, there

    def at(self, home: int) -> Wallet:
        self.town.store = self.here if home == 1 else self.there
        try:
            return self.town.wallet("alice", home=home)
        finally:
            self.town.store = self.here

    async def open(self, coins_fen: int, deposit_fen: int = 0, *, wallet_class: WalletClass = WalletClass.I) -> Wallet:
        alice = self.at(1)
        await alice.open(holder_name="alice", wallet_class=wallet_class, stock=8)
        await self.take_cash(alice, coins_fen + deposit_fen)
        await alice.exchange(coins_fen)
        return alice

    async def take_cash(self, wallet: Wallet, amount_fen: int) -> None:
        request, key = DepositRequest(wallet_id=wallet.wallet_id, amount_fen=amount_fen), self.town.world.new_key()
        await self.town.world.teller(1).post("/v1/deposits", request, Deposit, idempotency_key=key)

    async def go_on(self, *, back: bool = False) -> Moved:
        """As a program does that has just been started."""
        old, new = (self.at(2), self.at(1)) if back else (self.at(1), self.at(2))
        assert await old.start()
        moved = await Moving(old, new, first_lock=FIRST_LOCK).go_on()
        await self.town.world.catch_up()
        return moved

    async def wait(self) -> None:
        await self.town.world.pass_time(CLOSING_MS + 1)


@pytest.fixture
async def removal(tmp_path: Path) -> AsyncIterator[Removal]:
    async with open_town(tmp_path) as town:
        there = SqlStore.open(f"sqlite:///{tmp_path}/there.sqlite", durable=False)
        await prepare_store(there)
        yield Removal(town, there)
        await there.close()


async def test_coins_and_deposit_go_to_the_new_home_and_the_old_wallet_is_closed(removal: Removal) -> None:
    await removal.open(10_000, 500)

    first = await removal.go_on()
    await removal.wait()
    last = await removal.go_on()

    assert (first.new.balance_fen, first.new.home, first.left_because) == (10_500, 2, "")
    assert (first.old.state, first.old.balance_fen, first.old.deposit_fen) == (WalletState.CLOSING, 0, 0)
    assert (first.is_done, last.is_done) == (False, True)
    assert last.old.moved_to == last.new.address


async def test_payers_of_the_old_address_are_sent_on_and_can_pay_the_new_one(removal: Removal) -> None:
    alice = await removal.open(100)
    bob = await removal.town.open("bob", 1_000)
    moved = await removal.go_on()

    with pytest.raises(RefusedError) as refused:
        await bob.pay_person(str(alice.address), 70)
    await bob.pay_person(moved.new.address, 70)
    await removal.town.world.catch_up()

    assert (refused.value.code, refused.value.cure) == ("WALLET_MOVED", f"pay {moved.new.address}")
    assert (await removal.go_on()).new.balance_fen == 170


@pytest.mark.parametrize("before_answer", [True, False])
@pytest.mark.parametrize("path", ["/closing", "/v1/payments/prepare", "/v1/payments", "/exchanges"])
async def test_a_move_that_was_interrupted_anywhere_goes_on_and_moves_everything_once(
    removal: Removal, path: str, *, before_answer: bool
) -> None:
    await removal.open(10_000, 500)
    removal.town.cut_off(path, before_answer=before_answer)
    with pytest.raises((NetworkError, InDoubtError)):
        await removal.go_on()
    removal.town.restore()

    moved = await removal.go_on()

    assert (moved.new.balance_fen, moved.old.balance_fen, moved.old.deposit_fen) == (10_500, 0, 0)
    new = removal.at(2)
    await new.start()
    await demand_agreement(removal.town, new)


async def test_what_a_limit_holds_back_goes_on_another_day(removal: Removal) -> None:
    await removal.open(700_000, wallet_class=WalletClass.IV)

    first = await removal.go_on()
    await removal.town.world.pass_time(DAY_MS)
    second = await removal.go_on()

    assert first.left_because == "LIMIT_DAY"
    assert 480_000 <= first.new.balance_fen <= 500_000
    assert first.old.balance_fen + first.new.balance_fen == 700_000
    assert (second.left_because, second.new.balance_fen) == ("", 700_000)


async def test_the_phrase_alone_brings_the_moved_wallet_back(removal: Removal) -> None:
    await removal.open(10_000)
    await removal.go_on()
    await removal.town.move_out()

    recovered = await removal.town.recovered("alice", home=2)

    assert recovered.balance_fen == 10_000
    bob = await removal.town.open("bob", home=2)
    await recovered.pay_person(str(bob.address), 10_000)
    await demand_agreement(removal.town, recovered, bob)


async def test_a_holder_who_comes_back_finds_the_wallet_open_again(removal: Removal) -> None:
    await removal.open(10_000)
    await removal.go_on()
    await removal.wait()
    assert (await removal.go_on()).is_done

    back = await removal.go_on(back=True)

    assert (back.new.home, back.new.state, back.new.balance_fen) == (1, WalletState.OPEN, 10_000)


async def test_plans_go_along_and_nothing_is_paid_twice(removal: Removal) -> None:
    alice, bob = await removal.open(10_000), await removal.town.open("bob", home=2)
    today = datetime.fromtimestamp(removal.town.world.now_ms // 1_000, UTC).date()
    schedule = Schedule(today, Every.DAY, 3, read_zone("UTC"))
    plan = Plan(plan_id="", address=str(bob.address), payee="", amount_fen=100, schedule=schedule)
    await alice.plans.make(plan)
    [first, *_] = await alice.plans.carry_out()

    await removal.go_on()
    new, old = removal.at(2), removal.at(1)
    await new.start()
    await old.start()
    none_is_due = await new.plans.carry_out()
    await removal.town.world.pass_time(DAY_MS)
    await new.account()
    [second] = await new.plans.carry_out()

    assert (first.state, none_is_due, second.state) == (OccurrenceState.PAID, [], OccurrenceState.PAID)
    assert await old.plans.due() == []
    await demand_agreement(removal.town, new, bob)
    assert (new.balance_fen, bob.balance_fen) == (9_800, 200)


async def test_plans_come_back_with_a_holder_who_comes_back_and_nothing_is_paid_twice(removal: Removal) -> None:
    alice, bob = await removal.open(10_000), await removal.town.open("bob", home=2)
    today = datetime.fromtimestamp(removal.town.world.now_ms // 1_000, UTC).date()
    schedule = Schedule(today, Every.DAY, 3, read_zone("UTC"))
    plan = Plan(plan_id="", address=str(bob.address), payee="", amount_fen=100, schedule=schedule)
    await alice.plans.make(plan)
    await alice.plans.carry_out()
    await removal.go_on()
    await removal.wait()
    await removal.go_on()

    await removal.go_on(back=True)
    back, left = removal.at(1), removal.at(2)
    await back.start()
    await left.start()
    none_is_due = await back.plans.carry_out()
    await removal.town.world.pass_time(DAY_MS)
    await back.account()
    paid = await back.plans.carry_out()

    assert (none_is_due, [each.state for each in paid]) == ([], [OccurrenceState.PAID])
    assert await left.plans.all() == []
    await demand_agreement(removal.town, back, bob)
    assert (back.balance_fen, bob.balance_fen) == (9_800, 200)


async def test_no_lock_of_the_old_home_is_given_to_the_new_one(removal: Removal) -> None:
    alice = await removal.open(10_000)
    await removal.go_on()
    old, new = removal.at(1), removal.at(2)
    await old.start()
    await new.start()

    assert alice.locks_used <= old.locks_used <= FIRST_LOCK < new.locks_used


async def test_a_move_is_between_two_homes_of_one_phrase(removal: Removal) -> None:
    alice = await removal.open(100)

    with pytest.raises(ValueError, match="two homes"):
        Moving(alice, removal.at(1), first_lock=0)
    with pytest.raises(ValueError, match="one phrase"):
        Moving(alice, removal.town.wallet("bob", home=2), first_lock=0)
