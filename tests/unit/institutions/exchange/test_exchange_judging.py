import asyncio
from collections.abc import Coroutine, Sized
from pathlib import Path

from tests.builders import genesis
from tests.institution_people import Holder, batch, deposited, exchange, item
from tests.institution_world import InstitutionWorld
from tongbao.coin.genesis import Limits
from tongbao.errors import BusyError
from tongbao.institutions.exchange.exchange_judging import exchange_holder
from tongbao.protocol.wallet import Exchange

ALICE, BOB = 101, 103


def hold(world: InstitutionWorld, holder: str, count: int) -> None:
    """Let somebody hold so many coins of the first vault."""
    vault = world.homes[1]._parts.premises.vault
    vault.hold(holder, [coin.coin_id for coin in list(vault.purse)[:count]])


async def together(world: InstitutionWorld, *asked: Coroutine[None, None, Exchange]) -> list[Exchange | BaseException]:
    """The answers to exchanges that wait for one another's transaction: what comes while the first settles shares one.

    The first one's submission is held up until the others wait.
    """
    world.network.troubled, world.network.lose_requests = "/v1/submissions", 10**6
    first = asyncio.ensure_future(asked[0])
    await world.until(lambda: world.network.lose_requests < 10**6)
    others = [asyncio.ensure_future(each) for each in asked[1:]]
    await world.until(lambda: len(waiting_singles(world)) == len(others))
    world.network.lose_requests = 0
    await world.clock.advance(10_000)
    return await asyncio.gather(first, *others, return_exceptions=True)


def waiting_singles(world: InstitutionWorld) -> Sized:
    return world.homes[1]._parts.exchanging._singles


def outcomes(answers: list[Exchange | BaseException]) -> list[str]:
    """The status of each exchange, or the code of its refusal."""
    return [each.status if isinstance(each, Exchange) else getattr(each, "code", repr(each)) for each in answers]


async def test_a_reused_key_fails_nobody_elses_exchange(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, ALICE), await Holder.open(rich, BOB)
    await deposited(rich, alice, 1_000)
    await deposited(rich, bob, 1_000)
    await exchange(bob, 100, key="k")

    answers = await together(rich, exchange(alice, 1), exchange(alice, 2), exchange(bob, 101, key="k"))

    assert outcomes(answers) == ["SETTLED", "SETTLED", "IDEMPOTENCY_KEY_REUSED"]
    assert [(await holder.account()).balance_fen for holder in (alice, bob)] == [3, 100]


async def test_a_key_that_serves_for_two_requests_at_once_serves_for_the_first(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, ALICE), await Holder.open(rich, BOB)
    await deposited(rich, alice, 1_000)
    await deposited(rich, bob, 1_000)

    answers = await together(
        rich, exchange(alice, 1), exchange(bob, 100, key="k"), exchange(bob, 101, key="k"), exchange(bob, 100, key="k")
    )

    assert outcomes(answers) == ["SETTLED", "SETTLED", "IDEMPOTENCY_KEY_REUSED", "SETTLED"]
    assert (await bob.account()).balance_fen == 100


async def test_one_who_asks_for_what_is_on_its_way_is_told_to_come_back_alone(world: InstitutionWorld) -> None:
    await world.fill_vault(1_000, coins=2)
    alice, bob = await Holder.open(world, ALICE), await Holder.open(world, BOB)
    await deposited(world, alice, 1_000)
    await deposited(world, bob, 1_000)
    hold(world, exchange_holder(bytes(32)), 1)

    answers = await together(world, exchange(alice, 1), exchange(bob, 600), exchange(alice, 100))

    assert isinstance(answers[1], BusyError)
    assert (outcomes(answers)[0], outcomes(answers)[2]) == ("SETTLED", "SETTLED")
    assert (await bob.account()).deposit_fen == 1_000


async def test_coins_too_small_for_all_together_serve_some(tmp_path: Path) -> None:
    world = await InstitutionWorld.open(tmp_path, genesis=genesis(limits=Limits(inputs_max=16)))
    try:
        await world.fill_vault(2_000, coins=20)
        alice, bob = await Holder.open(world, ALICE), await Holder.open(world, BOB)
        done = await batch(world, [item(alice, 1_601), item(alice, 1_500), item(bob, 200), item(bob, 100)])
    finally:
        await world.close()

    assert [each.status for each in done] == ["COINS_TOO_SMALL", "SETTLED", "COINS_TOO_SMALL", "SETTLED"]
