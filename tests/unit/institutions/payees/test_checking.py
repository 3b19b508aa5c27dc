import asyncio

import pytest

from tests.builders import public_key
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.coin import Address
from tongbao.errors import NetworkError, RequestError
from tongbao.protocol.payee import PayeeName, PayeeRequest
from tongbao.protocol.wallet import WalletKind

ALICE, BOB = 101, 103
DAY_MS = 86_400_000


def address_of(holder: Holder) -> str:
    return str(Address(holder.home, holder.wallet_id, test_network=True))


async def check(asker: Holder, address: str, *, name: str = "") -> PayeeName:
    """What the asker's home says."""
    request = PayeeRequest(address=address, name=name)
    return await asker.client.post("/v1/payees", request, PayeeName, idempotency_key=asker.world.new_key())


@pytest.fixture
async def alice(world: InstitutionWorld) -> Holder:
    return await Holder.open(world, ALICE)


@pytest.fixture(params=[1, 2])
async def bob(world: InstitutionWorld, request: pytest.FixtureRequest) -> Holder:
    """A payee of the asker's own home, or of the other one."""
    home: int = request.param
    return await Holder.open(world, BOB, home=home)


async def test_a_payer_hears_a_masked_name_before_paying(alice: Holder, bob: Holder) -> None:
    told = await check(alice, address_of(bob))

    named = PayeeName(address=address_of(bob), name="H*** 1***", kind=WalletKind.PERSONAL, matches=None)
    assert told == named.model_copy(update={"main_key": public_key(BOB).key})


@pytest.mark.parametrize(("name", "matches"), [("holder 103", True), ("Holder 101", False)])
async def test_a_payer_hears_whether_it_is_the_name_in_mind(
    alice: Holder, bob: Holder, name: str, *, matches: bool
) -> None:
    told = await check(alice, address_of(bob), name=name)

    assert told.matches is matches


@pytest.mark.parametrize("home", [1, 2])
async def test_an_address_of_nobody_is_told_as_that(alice: Holder, home: int) -> None:
    nobody = str(Address(home, bytes(16), test_network=True))

    assert await refusal(check(alice, nobody)) == "WALLET_UNKNOWN"


async def test_whoever_tries_addresses_out_is_soon_told_nothing(alice: Holder, world: InstitutionWorld) -> None:
    bob = await Holder.open(world, BOB)
    nobody = str(Address(1, bytes(16), test_network=True))

    refused = [await refusal(check(alice, nobody)) for _ in range(21)]

    assert refused == ["WALLET_UNKNOWN"] * 20 + ["LOOKUPS_USED_UP"]
    assert await refusal(check(alice, address_of(bob))) == "LOOKUPS_USED_UP"
    assert await refusal(check(bob, address_of(alice))) == ""


async def test_whoever_tries_many_addresses_out_at_one_time_is_told_no_more(alice: Holder) -> None:
    nobody = [str(Address(1, bytes([number] * 16), test_network=True)) for number in range(60)]

    refused = await asyncio.gather(*[refusal(check(alice, each)) for each in nobody])

    assert refused.count("WALLET_UNKNOWN") == 20


async def test_whoever_guesses_at_the_hidden_part_of_a_name_is_soon_told_nothing(alice: Holder, bob: Holder) -> None:
    refused = [await refusal(check(alice, address_of(bob), name=f"Holder {number}")) for number in range(21)]

    assert refused == [""] * 20 + ["LOOKUPS_USED_UP"]


async def test_payees_that_are_there_use_a_day_up_one_by_one(alice: Holder, bob: Holder) -> None:
    refused = [await refusal(check(alice, address_of(bob))) for _ in range(201)]

    assert refused == [""] * 200 + ["LOOKUPS_USED_UP"]


async def test_a_day_later_more_may_be_looked_up(alice: Holder, world: InstitutionWorld) -> None:
    nobody = str(Address(2, bytes(16), test_network=True))
    for _ in range(21):
        await refusal(check(alice, nobody))

    await world.pass_time(DAY_MS)

    assert await refusal(check(alice, nobody)) == "WALLET_UNKNOWN"


async def test_what_another_home_asks_is_counted_too(world: InstitutionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.institutions.payees.allowance._OF_HOME", 2)
    alice = await Holder.open(world, ALICE, home=2)
    nobody = str(Address(1, bytes(16), test_network=True))

    refused = [await refusal(check(alice, nobody)) for _ in range(3)]

    assert refused == ["WALLET_UNKNOWN", "WALLET_UNKNOWN", "LOOKUPS_USED_UP"]


async def test_the_operation_of_homes_is_not_for_wallets(alice: Holder, bob: Holder) -> None:
    request = PayeeRequest(address=address_of(bob))

    asked = alice.client.post("/v1/payees/names", request, PayeeName, idempotency_key=alice.world.new_key())

    assert await refusal(asked) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (str(Address(1, bytes(16), test_network=False)), "INVALID_FIELD"),
        (str(Address(3, bytes(16), test_network=True)), "NOT_FOUND"),
        ("tbt1qqqq", "ADDRESS_INVALID"),
    ],
)
async def test_an_address_that_cannot_be_paid_is_refused_by_its_field(alice: Holder, address: str, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        await check(alice, address)

    assert refused.value.code == code


async def test_a_home_that_is_away_leaves_the_payer_without_a_name(alice: Holder, world: InstitutionWorld) -> None:
    world.network.troubled, world.network.lose_requests = "//home2/", 100

    with pytest.raises(NetworkError):
        await check(alice, str(Address(2, bytes(16), test_network=True)))


async def test_no_name_of_another_wallet_is_passed_on(world: InstitutionWorld) -> None:
    alice, bob = await Holder.open(world, ALICE), await Holder.open(world, BOB, home=2)
    checking = world.homes[2].payees.checking
    real = checking.name_of
    other = str(Address(2, bytes(16), test_network=True))
    checking.name_of = lambda payee, typed: real(payee, typed).model_copy(update={"address": other})  # type: ignore[method-assign]

    with pytest.raises(Exception, match="another wallet"):
        await check(alice, address_of(bob))
