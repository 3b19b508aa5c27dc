"""One phrase on two devices at once: each finds what the other did, and nothing is paid twice or lost."""

import pytest

from tests.wallet_people import LONG_MS, People, pay_and_hear_nothing, sign_and_send_nothing
from tests.wallet_world import CENTRE_URL
from tongbao.errors import RefusedError
from tongbao.wallets import RefusedForNowError, Wallet, WalletPaymentState


async def demand_agreement(*devices: Wallet) -> None:
    """Each device, once it has heard all news, can spend just what its home says."""
    for device in devices:
        account = await device.catch_up()
        assert device.balance_fen == device.free_fen == account.balance_fen


async def test_change_that_one_device_made_is_found_and_spent_by_the_other(people: People) -> None:
    phone = await people.open("alice", 1000)
    tablet = await people.elsewhere("alice")
    await phone.pay_order(await people.order(250))

    await tablet.catch_up()
    await tablet.pay_order(await people.order(750, number="2"))

    await demand_agreement(phone, tablet)
    assert phone.balance_fen == 0


async def test_change_on_a_lock_that_both_devices_count_as_next_is_found_by_both(people: People) -> None:
    phone = await people.open("alice", 500, 300)
    tablet = await people.elsewhere("alice")
    # The phone has never used the tablet's place in the sequence, nor the tablet the phone's: now both use one.
    tablet._locks.next_index = phone._locks.next_index
    await phone.pay_order(await people.order(450))
    await tablet.catch_up()
    tablet._locks.next_index = phone._locks.next_index - 1
    await tablet.pay_order(await people.order(250, number="2"))

    await demand_agreement(phone, tablet)

    made = [(await device.payments())[-1].change for device in (phone, tablet)]
    assert len({change.held.opening.coin.lock_id for change in made if change}) == 1
    assert phone.balance_fen == tablet.balance_fen == 100


async def test_money_on_locks_that_the_other_device_handed_over_is_found(people: People) -> None:
    phone = await people.open("alice", stock=1)
    tablet = await people.elsewhere("alice")
    await tablet.add_locks(4)

    people.world.homes[1].credit(phone.wallet_id, 10, 20, 30)

    await demand_agreement(phone, tablet)
    assert phone.balance_fen == 60


async def test_one_order_paid_on_both_devices_is_paid_once(people: People) -> None:
    phone = await people.open("alice", 500, 500)
    tablet, order = await people.elsewhere("alice"), await people.order(300)
    await phone.pay_order(order)

    with pytest.raises(RefusedError) as caught:
        await tablet.pay_order(order)

    assert caught.value.code in {"ORDER_PAID", "ANCHOR_SPENT"}
    await demand_agreement(phone, tablet)
    assert (tablet.balance_fen, people.paid(order)) == (700, 300)


async def test_what_is_in_doubt_on_one_device_is_no_money_twice_on_it(people: People) -> None:
    people.centre_url = CENTRE_URL
    phone = await people.open("alice", 500)
    await pay_and_hear_nothing(phone, await people.order(300), people)

    again = await people.restarted("alice")
    await again.catch_up()
    in_doubt_fen = again.free_fen
    await again.resume()

    assert in_doubt_fen == 0
    await demand_agreement(again)
    assert again.balance_fen == 200


async def test_the_device_that_comes_too_late_with_a_coin_pays_with_another_once_that_is_proven(people: People) -> None:
    people.centre_url = CENTRE_URL
    phone = await people.open("alice", 500, 500)
    tablet, order = await people.elsewhere("alice"), await people.order(500, number="rent")
    await sign_and_send_nothing(tablet, order, people)
    await phone.pay_order(await people.order(500))

    with pytest.raises(RefusedForNowError) as too_late:
        await tablet.pay_order(order)
    people.world.pass_time(LONG_MS)
    payment = await tablet.pay_order(order)

    await demand_agreement(phone, tablet)
    assert too_late.value.code == "INPUT_NOT_UNSPENT"
    assert (payment.state, people.paid(order)) == (WalletPaymentState.SETTLED, 500 + 500)
    assert phone.balance_fen == 0
