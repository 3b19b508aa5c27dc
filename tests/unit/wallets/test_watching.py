"""Watch-only at a real institution: a watcher sees everything of one wallet, signs nothing, and can be ended."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_town import Town, open_town
from tests.institution_world import home_url
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError, RefusedError, RequestError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.payment import Payee, Preparation, PrepareRequest
from tongbao.protocol.wallet import WalletAccount
from tongbao.protocol.watching import Watcher, WatcherRequest
from tongbao.wallets import Watch, WatchPass


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


def watch(town: Town, own: WatchPass) -> Watch:
    world = town.world
    return Watch(own, network=world.network, clock=world.clock, home_url=home_url(1), centre_keys=town.centre_keys)


async def test_a_watcher_sees_balance_coins_and_verified_history(town: Town) -> None:
    alice, shop = await town.open("alice", 1_000), await town.shop(home=2)
    _, own = await alice.watching.admit("accountant")
    await alice.pay_order(await shop.sales.create_order(300, "1"))

    seen = watch(town, own)

    assert (await seen.account()).balance_fen == 700
    assert [coin.coin.value async for coin in seen.coins()] == [700]
    entries = (await seen.history()).entries
    assert [entry.amount_fen for entry in entries] == [-300, 1_000]
    assert all(entry.receipt for entry in entries)


async def test_a_watcher_of_one_wallet_sees_no_other_and_pays_nothing(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", 500)
    _, own = await alice.watching.admit("accountant")
    key = SigningKey(own.secret_seed)
    client = SignedClient(
        network=town.world.network,
        clock=town.world.clock,
        base_url=home_url(1),
        key_id=f"watcher:{key.public_key.hex()}",
        sign=key.sign,
    )
    anchor = next(iter(alice._coins.purse)).coin_id
    payment = PrepareRequest(payee=Payee(address=str(bob.address)), amount_fen=1, anchor=anchor)

    with pytest.raises(RequestError) as another:
        await client.get(f"/v1/wallets/{bob.wallet_id.hex()}", WalletAccount)
    with pytest.raises(RequestError) as pays:
        await client.post("/v1/payments/prepare", payment, Preparation, idempotency_key="1")
    request = WatcherRequest(name="friend", public_key=bytes(32))
    with pytest.raises(RequestError) as admits:
        await client.post(f"/v1/wallets/{alice.wallet_id.hex()}/watchers", request, Watcher, idempotency_key="2")

    assert [each.value.code for each in (another, pays, admits)] == ["FORBIDDEN"] * 3


async def test_a_watcher_that_was_ended_sees_nothing_and_does_not_come_back(town: Town) -> None:
    alice = await town.open("alice", 1_000)
    _, own = await alice.watching.admit("accountant")
    await alice.watching.end("accountant")
    again = await alice.watching.end("accountant")

    with pytest.raises(RequestError) as seen:
        await watch(town, own).account()
    with pytest.raises(RefusedError) as admitted:
        await alice.watching.admit("accountant")

    assert seen.value.code == "UNAUTHENTICATED"
    assert admitted.value.code == "WATCHER_ENDED"
    assert again.ended_at_ms is not None
    assert [each.name for each in (await alice.watching.listed()).watchers] == ["accountant"]


async def test_the_same_watcher_again_has_the_same_key_also_after_the_machine_was_lost(town: Town) -> None:
    alice = await town.open("alice", 1_000)
    first = await alice.watching.admit("accountant")
    second = await alice.watching.admit("tax adviser")
    await town.move_out()
    recovered = await town.recovered("alice")

    again = await recovered.watching.admit("accountant")

    assert again == first != second
    assert first[1].secret_seed.hex() not in repr(first)


async def test_nobody_who_is_no_watcher_can_be_ended(town: Town) -> None:
    alice = await town.open("alice")

    with pytest.raises(RequestError) as caught:
        await alice.watching.end("nobody")

    assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "name")


async def test_a_home_that_shows_another_wallet_is_not_believed(town: Town) -> None:
    alice, bob = await town.open("alice"), await town.open("bob")
    _, own = await alice.watching.admit("accountant")

    with pytest.raises((PeerError, RequestError)):
        await watch(town, WatchPass(bob.address, own.secret_seed)).account()
