import pytest
import sqlalchemy as sa

from tests.institution_people import Holder, deposited, exchange, refusal
from tests.institution_world import InstitutionWorld
from tongbao.coin import Address
from tongbao.errors import RefusedError
from tongbao.institutions.customers.closing import CLOSING_MS
from tongbao.institutions.payees.tables import aliases
from tongbao.protocol.payee import PayeeName, PayeeRequest
from tongbao.protocol.payment import Payee, Payment
from tongbao.protocol.wallet import (
    ClosingRequest,
    Deposit,
    PayoutRequest,
    WalletAccount,
    WalletState,
)


async def close(holder: Holder, *, moved_to: str = "") -> WalletAccount:
    return await holder.client.post(
        f"{holder.path}/closing",
        ClosingRequest(moved_to=moved_to),
        WalletAccount,
        idempotency_key=holder.world.new_key(),
        headers=await holder.headers(),
    )


async def closed(holder: Holder) -> Holder:
    """The holder, whose empty wallet has been closed."""
    await close(holder)
    await holder.world.pass_time(CLOSING_MS + 1)
    assert (await close(holder)).state is WalletState.CLOSED
    return holder


async def pay_person(payer: Holder, payee: Holder, amount_fen: int) -> Payment:
    address = str(Address(payee.home, payee.wallet_id, test_network=payer.world.genesis.test_network))
    return await payer.pay(await payer.prepare(Payee(address=address), amount_fen=amount_fen))


async def pay_out(world: InstitutionWorld, holder: Holder, amount_fen: int, *, key: str = "") -> Deposit:
    request = PayoutRequest(wallet_id=holder.wallet_id, amount_fen=amount_fen)
    return await world.teller().post("/v1/payouts", request, Deposit, idempotency_key=key or world.new_key())


async def to_deposit(holder: Holder, amount_fen: int) -> None:
    await holder.pay(await holder.prepare(Payee(deposit=True), amount_fen=amount_fen))


async def test_an_empty_wallet_is_closed_once_nothing_promised_before_can_arrive(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)

    first = await close(alice)
    too_early = await close(alice)
    await rich.pass_time(CLOSING_MS + 1)
    last = await close(alice)

    states = [each.state for each in (first, too_early, last)]
    assert states == [WalletState.CLOSING, WalletState.CLOSING, WalletState.CLOSED]
    assert (await alice.account()).state is WalletState.CLOSED


async def test_a_wallet_stays_closing_until_coins_are_deposit_and_the_deposit_is_paid_out(
    rich: InstitutionWorld,
) -> None:
    alice = await Holder.open(rich, 101)
    await alice.fund(500)
    await close(alice)
    await rich.pass_time(CLOSING_MS + 1)

    with_coins = await close(alice)
    await to_deposit(alice, 500)
    with_deposit = await close(alice)
    left = await pay_out(rich, alice, 500)
    empty = await close(alice)

    assert (with_coins.state, with_coins.balance_fen) == (WalletState.CLOSING, 500)
    assert (with_deposit.state, with_deposit.deposit_fen) == (WalletState.CLOSING, 500)
    assert left.deposit_fen == 0
    assert empty.state is WalletState.CLOSED


async def test_money_that_was_promised_before_arrives_and_keeps_the_wallet_from_being_closed(shop: Holder) -> None:
    world, alice, bob = shop.world, await Holder.open(shop.world, 101), await Holder.open(shop.world, 102)
    coins = await bob.fund(70)
    address = (await alice.account()).address
    promised = await bob.prepare(Payee(address=address), amount_fen=70)
    await close(alice)

    paid = await bob.pay(promised, coins)
    await world.pass_time(CLOSING_MS + 1)
    account = await close(alice)

    assert paid.status == "SETTLED"
    assert (account.state, account.balance_fen) == (WalletState.CLOSING, 70)


async def test_nobody_pays_a_wallet_that_is_closing(shop: Holder) -> None:
    world, payer = shop.world, await Holder.open(shop.world, 101)
    elsewhere = await Holder.open(world, 201, home=2)
    await payer.fund(500)
    await pay_person(payer, elsewhere, 100)
    sold, unpaid = await shop.order(50), await shop.order(60, "2")
    await payer.pay_order(sold)

    await close(shop)

    assert await refusal(payer.pay_order(unpaid)) == "WALLET_CLOSED"
    assert await refusal(pay_person(payer, shop, 5)) == "WALLET_CLOSED"
    assert await refusal(pay_person(elsewhere, shop, 5)) == "WALLET_CLOSED"
    assert await refusal(shop.order(70, "3")) == "WALLET_CLOSED"
    assert await refusal(shop.become_merchant()) == "WALLET_CLOSED"
    assert await refusal(deposited(world, shop, 5)) == "WALLET_CLOSED"
    assert (await shop.exchange_by_teller(5, deposit_fen=5)).status == "WALLET_CLOSED"


async def test_a_refund_to_a_wallet_that_is_closing_is_refused(shop: Holder) -> None:
    payer = await Holder.open(shop.world, 101)
    await payer.fund(100)
    order = await shop.order(100)
    await payer.pay_order(order)
    await close(payer)

    refused = await refusal(shop.prepare(Payee(refund_of=order.order_id), amount_fen=100))

    assert refused == "WALLET_CLOSED"


async def test_the_holder_of_a_closing_wallet_may_still_spend_what_is_in_it(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)
    await alice.fund(100)
    await deposited(rich, alice, 30)
    await close(alice)

    made = await exchange(alice, 30)
    paid = await pay_person(alice, bob, 130)

    assert (made.status, paid.status) == ("SETTLED", "SETTLED")


async def test_payers_are_sent_on_to_the_same_key_at_another_home(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)
    await bob.fund(100)
    there = await Holder.open(rich, 101, home=2)
    address = (await there.account()).address

    account = await close(alice, moved_to=address)
    with pytest.raises(RefusedError) as refused:
        await pay_person(bob, alice, 5)

    assert (account.moved_to, refused.value.code) == (address, "WALLET_MOVED")
    assert address in refused.value.cure


async def test_payers_are_never_sent_on_to_another_key_or_to_nowhere(rich: InstitutionWorld) -> None:
    alice, thief = await Holder.open(rich, 101), await Holder.open(rich, 66, home=2)
    thiefs, own = (await thief.account()).address, (await alice.account()).address

    refused = [await refusal(close(alice, moved_to=address)) for address in (thiefs, own, "tb1nonsense")]

    assert refused[:2] == ["INVALID_FIELD", "INVALID_FIELD"]
    assert refused[2]
    assert (await alice.account()).state is WalletState.OPEN


async def test_a_closed_wallet_keeps_its_past_and_is_opened_again_by_its_key(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)
    await alice.fund(40)
    await to_deposit(alice, 40)
    await pay_out(rich, alice, 40)
    await closed(alice)
    kinds = [each.kind for each in (await alice.history()).entries]

    again = await Holder.open(rich, 101)
    await again.fund(5)

    account = await again.account()
    assert kinds == ["deposit", "exchange"]
    assert (account.state, account.balance_fen) == (WalletState.OPEN, 5)


async def test_a_closed_wallet_turns_no_deposit_into_coins(rich: InstitutionWorld) -> None:
    alice = await closed(await Holder.open(rich, 101))

    refused = await exchange(alice, 5)

    assert refused.status == "WALLET_CLOSED"


async def test_a_check_of_the_payees_name_tells_that_the_holder_has_moved(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)
    there = await Holder.open(rich, 101, home=2)
    old, new = (await alice.account()).address, (await there.account()).address
    await close(alice, moved_to=new)

    with pytest.raises(RefusedError) as refused:
        await bob.client.post("/v1/payees", PayeeRequest(address=old), PayeeName, idempotency_key=rich.new_key())

    assert (refused.value.code, refused.value.cure) == ("WALLET_MOVED", f"pay {new}")


async def test_a_closed_wallet_lets_go_of_its_telephone_numbers(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)

    def count(connection: sa.Connection) -> list[bytes]:
        return list(connection.execute(sa.select(aliases.c.wallet_id)).scalars())

    rows = [
        {"alias_key": holder.wallet_id * 2, "wallet_id": holder.wallet_id, "masked": "138****0000", "since_ms": 0}
        for holder in (alice, bob)
    ]
    await rich.stores[1].write(lambda connection: connection.execute(sa.insert(aliases), rows).rowcount)

    await closed(alice)

    assert await rich.stores[1].read(count) == [bob.wallet_id]


async def test_a_wallet_is_closed_for_the_institutions_next_life_too(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)
    await bob.fund(10)
    await close(alice)
    await rich.kill(1)
    await rich.start(1)

    refused = await refusal(pay_person(bob, alice, 5))

    assert refused == "WALLET_CLOSED"
