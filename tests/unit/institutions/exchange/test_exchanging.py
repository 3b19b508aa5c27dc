import asyncio
from collections.abc import Callable, Coroutine

import pytest

from tests.builders import public_key
from tests.institution_people import Holder, batch, deposited, exchange, item, refusal
from tests.institution_world import InstitutionWorld
from tongbao.coin import KeyLock, Receipt
from tongbao.errors import BusyError, NetworkError
from tongbao.protocol.payment import Payee
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeState,
    WalletClass,
)

ALICE, BOB = 101, 103


async def test_deposit_becomes_coins_one_to_one(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await deposited(rich, alice, 700)

    done = await exchange(alice, 500)

    account, report = await alice.account(), await rich.report()
    (coin,) = await alice.coins()
    assert (done.state, done.status, done.coins) == (ExchangeState.SETTLED, "SETTLED", [coin])
    assert (account.balance_fen, account.deposit_fen, coin.coin.value) == (500, 200, 500)
    assert (report.balanced, report.vault_fen, report.circulating_fen) == (True, 9_999_500, 500)
    Receipt.decode(done.receipt or b"").verify(rich.genesis.domain(), keys=rich.genesis.receipt_keys)


async def test_the_home_tells_the_salt_of_a_lock_that_it_made(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    (coin,) = await alice.fund(500)

    lock = KeyLock(public_key(ALICE), coin.salt or b"")

    assert lock.id(rich.genesis.domain()) == coin.coin.lock_id


async def test_coins_come_on_locks_of_the_wallets_stock_in_order(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE, stock=2)

    coins = await alice.fund(1, 2, 3)

    assert [coin.coin.lock_id for coin in coins[:2]] == list(alice.salts)
    assert [coin.salt is None for coin in coins] == [True, True, False]


async def test_many_wallets_are_served_by_one_transaction(rich: InstitutionWorld) -> None:
    holders = [await Holder.open(rich, ALICE + number) for number in range(3)]

    done = await batch(rich, [item(holder, 100 + place) for place, holder in enumerate(holders)])

    assert [each.status for each in done] == ["SETTLED"] * 3
    assert len({each.transaction_id for each in done}) == 1
    assert [each.receipt is not None for each in done] == [True, False, False]
    assert [(await holder.account()).balance_fen for holder in holders] == [100, 101, 102]
    assert (await rich.report()).balanced


async def test_each_of_many_is_judged_by_itself_and_those_refused_move_nothing(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    poor = await Holder.open(rich, BOB, wallet_class=WalletClass.IV)
    nobody = Holder(rich, 999)

    done = await batch(
        rich,
        [
            item(poor, 200_001, payment_fen=200_001),
            item(alice, 100, deposit_fen=99),
            item(alice, 50),
            item(nobody, 10),
            item(poor, 1_000_001),
            item(poor, 10),
        ],
    )

    assert [each.status for each in done] == [
        "LIMIT_SINGLE",
        "DEPOSIT_TOO_SMALL",
        "SETTLED",
        "WALLET_UNKNOWN",
        "LIMIT_BALANCE",
        "SETTLED",
    ]
    assert [(await holder.account()).deposit_fen for holder in (alice, poor)] == [0, 0]


async def test_a_payments_limits_are_checked_before_anything_moves(rich: InstitutionWorld) -> None:
    poor = await Holder.open(rich, BOB, wallet_class=WalletClass.IV)
    pay_150_000 = item(poor, 150_000, payment_fen=150_000)

    done = await batch(rich, [pay_150_000] * 4)

    assert [each.status for each in done] == ["SETTLED", "SETTLED", "SETTLED", "LIMIT_DAY"]


async def test_the_first_limit_that_refuses_is_the_one_that_is_named(rich: InstitutionWorld) -> None:
    """A payment above every limit, without deposit, into a full wallet: single comes first."""
    poor = await Holder.open(rich, BOB, wallet_class=WalletClass.IV)
    await poor.fund(1_000_000)

    (by_single,) = await batch(rich, [item(poor, 6_000_000, deposit_fen=0, payment_fen=6_000_000)])
    (by_deposit,) = await batch(rich, [item(poor, 200_000, deposit_fen=0, payment_fen=200_000)])
    (by_balance,) = await batch(rich, [item(poor, 200_000, payment_fen=200_000)])

    assert [by_single.status, by_deposit.status, by_balance.status] == [
        "LIMIT_SINGLE",
        "DEPOSIT_TOO_SMALL",
        "LIMIT_BALANCE",
    ]


async def test_a_repeated_batch_is_performed_once(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)

    first, again = [
        await batch(rich, [item(alice, 100), item(alice, 10**10, deposit_fen=0)], key="k") for _ in range(2)
    ]

    assert again[0].coins == first[0].coins
    assert [each.status for each in again] == ["SETTLED", "DEPOSIT_TOO_SMALL"]
    assert (await alice.account()).balance_fen == 100


async def test_a_key_does_not_serve_for_another_batch(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await batch(rich, [item(alice, 100)], key="k")

    assert await refusal(batch(rich, [item(alice, 101)], key="k")) == "IDEMPOTENCY_KEY_REUSED"


async def test_a_double_click_exchanges_once(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await deposited(rich, alice, 1_000)

    done = await asyncio.gather(*[exchange(alice, 100, key="k") for _ in range(3)])

    assert [each.coins for each in done] == [done[0].coins] * 3
    assert (await alice.account()).balance_fen == 100


async def test_single_exchanges_that_arrive_together_share_transactions(rich: InstitutionWorld) -> None:
    holders = [await Holder.open(rich, ALICE + number) for number in range(8)]
    for holder in holders:
        await deposited(rich, holder, 100)

    done = await asyncio.gather(*[exchange(holder, 100) for holder in holders])

    assert {each.status for each in done} == {"SETTLED"}
    assert len({each.transaction_id for each in done}) <= 2
    assert all([each.receipt is not None for each in done])
    assert [(await holder.account()).balance_fen for holder in holders] == [100] * 8


async def test_a_vault_without_enough_refuses_what_it_cannot_give(world: InstitutionWorld) -> None:
    await world.fill_vault(100)
    alice = await Holder.open(world, ALICE)

    done = await batch(world, [item(alice, 60), item(alice, 60), item(alice, 40)])

    assert [each.status for each in done] == ["SETTLED", "VAULT_INSUFFICIENT", "SETTLED"]
    assert (await world.report()).vault_fen == 0


async def test_coins_become_deposit_again(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await alice.fund(500)

    payment = await alice.pay(await alice.prepare(Payee(deposit=True), amount_fen=200))

    account, report = await alice.account(), await rich.report()
    assert payment.status == "SETTLED"
    assert (account.balance_fen, account.deposit_fen) == (300, 200)
    assert (report.balanced, report.vault_fen) == (True, 9_999_700)
    assert [entry.kind for entry in (await alice.history()).entries] == ["deposit", "exchange"]


async def test_what_came_back_to_the_vault_is_given_out_again(world: InstitutionWorld) -> None:
    await world.fill_vault(500)
    alice = await Holder.open(world, ALICE)
    await alice.fund(500)
    await alice.pay(await alice.prepare(Payee(deposit=True), amount_fen=500))

    done = await exchange(alice, 500)

    assert done.status == "SETTLED"


@pytest.mark.parametrize("lost", ["lose_requests", "lose_answers"])
async def test_an_answer_of_the_centre_that_is_lost_is_asked_for_again(rich: InstitutionWorld, lost: str) -> None:
    alice = await Holder.open(rich, ALICE)
    rich.network.troubled = "/v1/submissions"
    setattr(rich.network, lost, 3)

    await alice.fund(500)

    assert (await alice.account()).balance_fen == 500
    assert (await rich.report()).balanced


@pytest.mark.parametrize("ask", [exchange, Holder.exchange_by_teller])
async def test_an_exchange_goes_on_where_its_asker_leaves_while_it_is_recorded(
    rich: InstitutionWorld, ask: Callable[[Holder, int], Coroutine[None, None, Exchange]]
) -> None:
    alice, bob = await Holder.open(rich, ALICE), await Holder.open(rich, BOB)
    await deposited(rich, alice, 500)
    disk = rich.slow_disk()
    asking = asyncio.ensure_future(ask(alice, 500))
    await rich.until(disk.is_writing)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    held = rich.homes[1]._parts.premises.vault.purse.reservations
    disk.go_on()

    await rich.eventually(alice.account, lambda account: account.balance_fen == 500)
    assert len(held) == 1
    assert (await exchange_of_cash(bob, 9_999_500)).status == "SETTLED"
    assert (await rich.report()).balanced


async def exchange_of_cash(holder: Holder, amount_fen: int) -> Exchange:
    return await holder.exchange_by_teller(amount_fen, deposit_fen=amount_fen)


async def test_an_exchange_in_doubt_is_finished_by_the_next_process(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await deposited(rich, alice, 500)
    rich.network.troubled, rich.network.lose_answers = "/v1/submissions", 1_000
    asking = asyncio.ensure_future(exchange(alice, 500, key="k"))
    await rich.until(lambda: any("/v1/submissions" in asked for asked in rich.network.asked[-3:]))
    await rich.kill(1)
    asking.cancel()
    rich.network.lose_answers = 0

    await rich.start(1)

    done = await exchange(alice, 500, key="k")
    account = await alice.account()
    assert (done.status, account.balance_fen, account.deposit_fen) == ("SETTLED", 500, 0)
    assert (await rich.report()).balanced


async def test_an_exchange_that_never_settled_gives_the_deposit_back(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, ALICE)
    await deposited(rich, alice, 500)
    rich.network.troubled, rich.network.lose_requests = "/v1/submissions", 10**6
    asking = asyncio.ensure_future(exchange(alice, 500, key="k"))
    await rich.until(lambda: rich.network.lose_requests < 10**6)
    in_transit = (await alice.account()).deposit_fen
    await rich.pass_time(120_001)

    rich.network.lose_requests = 0
    await rich.clock.advance(10_000)
    await rich.until_settled(1)

    asking.cancel()
    account, report = await alice.account(), await rich.report()
    assert (in_transit, account.balance_fen, account.deposit_fen) == (0, 0, 500)
    assert (report.balanced, report.vault_fen, report.in_flight) == (True, 10_000_000, 0)
    assert (await exchange(alice, 500, key="k")).state is ExchangeState.REFUSED
    assert (await exchange(alice, 500)).status == "SETTLED"


async def test_while_the_vaults_coins_are_on_their_way_others_are_told_to_come_back(
    rich: InstitutionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.institutions.settlement.submitter.SETTLE_WAIT_S", 0.2)
    alice = await Holder.open(rich, ALICE)
    await deposited(rich, alice, 1_000)
    rich.network.troubled, rich.network.lose_requests = "/v1/submissions", 10**6
    first = asyncio.ensure_future(exchange(alice, 500))
    await rich.until(lambda: rich.network.lose_requests < 10**6)
    second = asyncio.ensure_future(exchange(alice, 500))

    first_answer = await first
    with pytest.raises((BusyError, NetworkError)):
        await second

    assert first_answer.state is ExchangeState.PENDING
