"""What a wallet asks the registration centre when its home's word is not enough."""

from tests.builders import CENTRE
from tests.wallet_people import (
    LONG_MS,
    People,
    sign_and_send_nothing,
)
from tongbao.wallets import WalletPaymentState


async def test_a_receipt_key_that_control_admitted_later_is_learnt_from_the_centre(people: People, centre: str) -> None:
    alice = await people.open("alice", 500)
    settle = people.world.settle
    people.world.settle = lambda encoded, *, home: settle(encoded, home=home, receipt_key=CENTRE + 1)  # type: ignore[method-assign, misc, assignment]

    payment = await alice.pay_order(await people.order(300))

    assert centre
    assert payment.state is WalletPaymentState.SETTLED
    assert "GET /v1/institutions" in people.world.asked


async def test_absence_proven_by_the_centre_past_the_expiry_ends_a_payment(people: People, centre: str) -> None:
    alice = await people.open("alice", 500)
    order = await people.order(300)
    await sign_and_send_nothing(alice, order, people)
    people.world.pass_time(LONG_MS)

    open_payments = await alice.resume()

    assert centre
    assert open_payments == []
    assert [payment.state for payment in await alice.payments()] == [WalletPaymentState.NEVER]
    assert alice.free_fen == 500
