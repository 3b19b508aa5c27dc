"""What a holder does with a wallet when nothing goes wrong, and what is refused before anything moves."""

from pathlib import Path

import pytest

from tests.builders import DOMAIN, GENESIS
from tests.wallet_people import People, cut_off, restore_network
from tests.wallet_world import World
from tongbao.adapters.store import SqlStore
from tongbao.coin import Address, Transaction
from tongbao.errors import NetworkError, RequestError
from tongbao.kernel import Status
from tongbao.protocol.order import OrderState
from tongbao.wallets import CentreKeys, WalletPaymentState, prepare_store


async def test_an_order_is_paid_with_change_and_a_receipt_that_proves_it(people: People) -> None:
    alice = await people.open("alice", 1000)
    order = await people.order(250)

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    assert payment.receipt is not None
    receipt = CentreKeys(DOMAIN, GENESIS.receipt_keys).check_settled(
        payment.receipt, transaction_id=payment.transaction_id
    )
    assert receipt.status == Status.SETTLED
    assert (alice.balance_fen, people.paid(order)) == (750, 250)
    assert people.world.homes[1].orders[order.order_id].state is OrderState.PAID


async def test_change_is_spent_next_without_asking_the_home_for_coins(people: People) -> None:
    alice = await people.open("alice", 1000)
    first, second = await people.order(250), await people.order(300, number="2")
    await alice.pay_order(first)
    people.world.asked.clear()

    await alice.pay_order(second)

    assert alice.balance_fen == 450
    assert people.world.asked == ["POST /v1/payments/prepare", "POST /v1/payments"]


async def test_each_change_and_each_stocked_lock_is_a_lock_of_its_own(people: People) -> None:
    alice = await people.open("alice", 1000, stock=4)
    for number in range(5):
        await alice.pay_order(await people.order(10, number=str(number)))
        await alice.add_locks(3)

    handed = [lock for stock in people.world.homes[1].customers[alice.wallet_id].stocks for lock in stock.lock_ids]
    change = [Transaction.decode(each.transaction).body.outputs[1].lock_id for each in await alice.payments()]

    assert len(set(handed + change)) == len(handed + change) == 4 + 15 + 5


async def test_an_order_at_another_home_is_paid_with_its_acceptance(people: People) -> None:
    alice = await people.open("alice", 1000)
    order = await people.order(400, home=2)

    payment = await alice.pay_order(order)

    assert payment.state is WalletPaymentState.SETTLED
    assert len(Transaction.decode(payment.transaction).body.authorisations) == 1
    assert people.paid(order) == 400


async def test_a_person_is_paid_by_address_while_absent_and_finds_the_coin_later(people: People) -> None:
    alice, bob = await people.open("alice", 1000), await people.open("bob", home=2)

    await alice.pay_person(str(bob.address), 300)

    assert bob.balance_fen == 0
    assert [coin.held.value for coin in await bob.sync()] == [300]
    assert (alice.balance_fen, bob.balance_fen) == (700, 300)


async def test_a_person_whose_stock_ran_out_is_paid_on_the_main_key_and_spends_it(people: People) -> None:
    alice, bob = await people.open("alice", 100, 200, 300), await people.open("bob", stock=1)
    for amount_fen in (100, 200, 300):
        await alice.pay_person(str(bob.address), amount_fen)

    await bob.sync()
    await bob.pay_person(str(alice.address), 600)

    assert (bob.balance_fen, await alice.sync() and alice.balance_fen) == (0, 600)


async def test_a_merchant_refunds_a_part_to_a_payer_at_another_home(people: People) -> None:
    alice, shop = await people.open("alice", 1000), await people.shop(home=2)
    order = await shop.sales.create_order(400, "1")
    await alice.pay_order(order)

    await shop.refund(order.order_id, 150)

    await alice.sync()
    assert (alice.balance_fen, shop.balance_fen) == (750, 250)


async def test_deposit_becomes_coins_and_coins_become_deposit(people: People) -> None:
    alice = await people.open("alice")
    people.world.homes[1].customers[alice.wallet_id].deposit_fen = 1000

    exchange = await alice.exchange(600)
    await alice.deposit(200)

    account = await alice.account()
    assert (exchange.amount_fen, alice.balance_fen, account.deposit_fen) == (600, 400, 600)


async def test_an_exchange_made_by_a_teller_is_taken_in_and_outlives_a_restart_once_something_was_paid(
    people: People,
) -> None:
    alice = await people.open("alice")
    desk = people.world.homes[1]
    desk.customers[alice.wallet_id].deposit_fen = 900
    await alice.receive(desk.exchange(alice.wallet_id, 600, key="a"))
    await alice.receive(desk.exchange(alice.wallet_id, 300, key="b"))

    await alice.pay_order(await people.order(300))

    again = await people.restarted("alice")
    assert alice.balance_fen == again.balance_fen == 600


async def test_the_whole_state_outlives_a_restart(people: People) -> None:
    alice = await people.open("alice", 1000)
    await alice.pay_order(await people.order(250))

    again = await people.restarted("alice")

    assert again.balance_fen == 750
    assert await again.payments() == await alice.payments()
    payment = await again.pay_order(await people.order(750, number="2"))
    assert (payment.number, again.balance_fen) == (2, 0)


async def test_a_stock_that_runs_low_is_filled_up(people: People) -> None:
    bob = await people.open("bob", 10, 20, stock=4)

    unchanged = await bob.refill(below=2, count=5)
    filled = await bob.refill(below=3, count=600)

    assert (unchanged.locks_left, filled.locks_left) == (2, 602)
    sizes = [len(stock.lock_ids) for stock in people.world.homes[1].customers[bob.wallet_id].stocks]
    assert sizes == [4, 512, 88]


async def test_the_same_order_asked_for_days_later_is_the_same_payment(people: People) -> None:
    alice = await people.open("alice", 300, 300)
    order = await people.order(300)
    first = await alice.pay_order(order)
    people.world.pass_time(50_000)

    again = await (await people.restarted("alice")).pay_order(order)

    assert again == first
    assert people.paid(order) == 300


async def test_the_same_request_to_pay_a_person_pays_once_and_another_pays_again(people: People) -> None:
    alice, bob = await people.open("alice", 500), await people.open("bob")

    once = await alice.pay_person(str(bob.address), 100, request_id="rent")
    again = await alice.pay_person(str(bob.address), 100, request_id="rent")
    other = await alice.pay_person(str(bob.address), 100, request_id="tea")
    await alice.pay_person(str(bob.address), 100)
    await alice.pay_person(str(bob.address), 100)

    await bob.sync()
    assert once == again != other
    assert (alice.balance_fen, bob.balance_fen) == (100, 400)


async def test_one_request_id_is_one_amount(people: People) -> None:
    alice, bob = await people.open("alice", 500), await people.open("bob")
    await alice.pay_person(str(bob.address), 100, request_id="rent")

    with pytest.raises(RequestError) as caught:
        await alice.pay_person(str(bob.address), 101, request_id="rent")

    assert caught.value.code == "REQUEST_REUSED"
    assert alice.balance_fen == 400


@pytest.mark.parametrize("amount_fen", [0, -1, 2**63])
async def test_an_impossible_amount_is_refused_by_name(people: People, amount_fen: int) -> None:
    alice, bob = await people.open("alice", 100), await people.open("bob")
    people.world.asked.clear()

    for asked in (
        alice.pay_person(str(bob.address), amount_fen),
        alice.refund("order", amount_fen),
        alice.deposit(amount_fen),
        alice.exchange(amount_fen),
        alice.sales.create_order(amount_fen, "1"),
    ):
        with pytest.raises(RequestError) as caught:
            await asked
        assert (caught.value.code, caught.value.field) == ("INVALID_FIELD", "amount_fen")
    assert people.world.asked == []


async def test_one_request_id_is_one_amount_also_while_it_is_in_doubt_and_when_nothing_is_left(people: People) -> None:
    alice, bob = await people.open("alice", 100), await people.open("bob")
    cut_off(people.world, "/v1/payments")
    with pytest.raises(NetworkError):
        await alice.pay_person(str(bob.address), 100, request_id="rent")
    restore_network(people.world)

    with pytest.raises(RequestError) as in_doubt:
        await alice.pay_person(str(bob.address), 99, request_id="rent")
    await alice.resume()
    with pytest.raises(RequestError) as settled:
        await alice.pay_person(str(bob.address), 101, request_id="rent")

    assert (in_doubt.value.code, settled.value.code) == ("REQUEST_REUSED", "REQUEST_REUSED")


async def test_links_and_addresses_of_other_networks_are_refused(people: People) -> None:
    alice, bob = await people.open("alice", 100), await people.open("bob")
    order = await people.order(10)
    real = Address(1, bob.wallet_id, test_network=False)

    assert await alice.order(order.link) == order
    with pytest.raises(RequestError) as strange_link:
        await alice.order(order.link[:-8] + "00000000")
    with pytest.raises(RequestError) as strange_address:
        await alice.pay_person(str(real), 10)

    assert (strange_link.value.code, strange_address.value.code) == ("WRONG_NETWORK", "WRONG_NETWORK")


async def test_the_same_keys_and_requests_sign_the_same_bytes_whatever_the_dice(people: People, tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/other.sqlite", durable=False)
    await prepare_store(store)
    signed = []
    for living in (people, People(World(), store, tmp_path, made=100)):
        alice = await living.open("alice", 1000, 30)
        await alice.pay_order(await living.order(100))
        await alice.pay_order(await living.order(30, number="2", home=2))
        signed.append([payment.transaction for payment in await alice.payments()])
    await store.close()

    assert signed[0] == signed[1]
    assert people.world.ledger.kernel.state_digest() == living.world.ledger.kernel.state_digest()
