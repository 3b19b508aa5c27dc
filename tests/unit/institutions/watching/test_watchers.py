"""Watchers at their institution: one key sees one wallet, and there are not too many."""

import pytest

from tests.institution_people import Holder
from tests.institution_world import InstitutionWorld
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.watching.watchers import WATCHERS_MAX
from tongbao.protocol.watching import WatcherRequest


def request(number: int, name: str = "") -> WatcherRequest:
    return WatcherRequest(name=name or f"watcher {number}", public_key=number.to_bytes(32))


async def test_a_key_sees_one_wallet_under_one_name(world: InstitutionWorld) -> None:
    alice, bob = await Holder.open(world, 101), await Holder.open(world, 102)
    watchers = world.homes[1].watchers
    first = await watchers.admit(alice.wallet_id, request(1))

    again = await watchers.admit(alice.wallet_id, request(1))
    for wallet_id, name in ((bob.wallet_id, "watcher 1"), (alice.wallet_id, "another name")):
        with pytest.raises(RequestError) as caught:
            await watchers.admit(wallet_id, request(1, name))
        assert (caught.value.code, caught.value.field) == ("CONFLICT", "public_key")

    assert again == first
    assert await watchers.watched(first.public_key) == alice.wallet_id
    assert await watchers.watched(bytes(32)) is None


async def test_only_the_watched_wallet_ends_a_watcher(world: InstitutionWorld) -> None:
    alice, bob = await Holder.open(world, 101), await Holder.open(world, 102)
    watchers = world.homes[1].watchers
    watcher = await watchers.admit(alice.wallet_id, request(1))

    with pytest.raises(RequestError) as caught:
        await watchers.end(bob.wallet_id, watcher.public_key)
    still_seen = await watchers.watched(watcher.public_key)
    await watchers.end(alice.wallet_id, watcher.public_key)

    assert caught.value.code == "NOT_FOUND"
    assert still_seen == alice.wallet_id
    assert await watchers.watched(watcher.public_key) is None


async def test_there_are_not_more_watchers_than_one_answer_holds(world: InstitutionWorld) -> None:
    alice = await Holder.open(world, 101)
    watchers = world.homes[1].watchers
    for number in range(WATCHERS_MAX):
        await watchers.admit(alice.wallet_id, request(number))

    with pytest.raises(RefusedError) as caught:
        await watchers.admit(alice.wallet_id, request(WATCHERS_MAX))

    assert caught.value.code == "WATCHERS_TOO_MANY"
    assert [each.number for each in (await watchers.listed(alice.wallet_id)).watchers] == [*range(1, WATCHERS_MAX + 1)]
