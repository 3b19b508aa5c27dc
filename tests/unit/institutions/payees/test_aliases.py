"""Telephone numbers: proven before they count, found at any home, and in no list."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.errors import RefusedError
from tongbao.institutions.payees import aliases as aliases_module
from tongbao.protocol.payee import (
    Alias,
    AliasClaim,
    AliasClaimRequest,
    AliasConfirmation,
    AliasList,
    AliasRelease,
    AliasRequest,
    FoundPayee,
    SentCodes,
    alias_id,
    read_phone,
)

ALICE, BOB, CAROL = 101, 103, 105
PHONE = "13800138000"
MINUTE_MS = 60_000


def identity(holder: Holder, phone: str = PHONE) -> bytes:
    return alias_id(read_phone(phone), holder.world.genesis.domain())


async def claim(holder: Holder, phone: str = PHONE) -> AliasClaim:
    request, key = AliasClaimRequest(phone=phone), holder.world.new_key()
    return await holder.client.post("/v1/aliases/claims", request, AliasClaim, idempotency_key=key)


async def code_of(holder: Holder) -> str:
    """The newest code for the holder, as a teller reads it."""
    sent = await holder.world.teller(holder.home).get("/v1/bank/codes", SentCodes)
    return next(each.code for each in sent.codes if each.wallet_id == holder.wallet_id)


async def confirm(holder: Holder, code: str, phone: str = PHONE) -> Alias:
    request, key = AliasConfirmation(alias_id=identity(holder, phone), code=code), holder.world.new_key()
    return await holder.client.post("/v1/aliases", request, Alias, idempotency_key=key)


async def prove(holder: Holder, phone: str = PHONE) -> Alias:
    await claim(holder, phone)
    return await confirm(holder, await code_of(holder), phone)


async def find(asker: Holder, phone: str = PHONE, *, name: str = "") -> FoundPayee:
    request, key = AliasRequest(alias_id=identity(asker, phone), name=name), asker.world.new_key()
    return await asker.client.post("/v1/payees/aliases", request, FoundPayee, idempotency_key=key)


async def own(holder: Holder) -> list[str]:
    return [each.masked for each in (await holder.client.get("/v1/aliases", AliasList)).aliases]


def another_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
async def alice(world: InstitutionWorld) -> Holder:
    return await Holder.open(world, ALICE)


@pytest.fixture(params=[1, 2])
async def bob(world: InstitutionWorld, request: pytest.FixtureRequest) -> Holder:
    """A holder at the asker's own home, or at the other one."""
    home: int = request.param
    return await Holder.open(world, BOB, home=home)


async def test_a_wallet_is_found_by_a_number_from_any_home(alice: Holder, bob: Holder) -> None:
    proven = await prove(bob)

    found = await find(alice, name="Holder 103")

    assert (found.home, found.payee.name, found.payee.matches) == (bob.home, "H*** 1***", True)
    assert (found.since_ms, found.unanswered) == (proven.since_ms, [])
    assert found.payee.address == (await bob.account()).address


async def test_a_number_counts_only_once_its_code_has_come_back(alice: Holder, bob: Holder) -> None:
    await claim(bob)

    assert await refusal(find(alice)) == "ALIAS_UNKNOWN"


async def test_a_wrong_code_proves_nothing_and_the_fifth_ends_the_claim(bob: Holder) -> None:
    await claim(bob)
    code = await code_of(bob)

    refused = [await refusal(confirm(bob, another_than(code))) for _ in range(5)]

    assert refused == ["CODE_WRONG"] * 4 + ["CLAIM_UNKNOWN"]
    assert await refusal(confirm(bob, code)) == "CLAIM_UNKNOWN"
    assert await own(bob) == []


async def test_a_code_of_one_wallet_opens_nothing_for_another(world: InstitutionWorld) -> None:
    bob, thief = await Holder.open(world, BOB), await Holder.open(world, CAROL)
    await claim(bob)
    code = await code_of(bob)

    assert await refusal(confirm(thief, code)) == "CLAIM_UNKNOWN"


async def test_a_code_does_not_count_for_ever(bob: Holder) -> None:
    await claim(bob)
    code = await code_of(bob)

    await bob.world.pass_time(10 * MINUTE_MS + 1)

    assert await refusal(confirm(bob, code)) == "CLAIM_UNKNOWN"


async def test_whoever_did_not_hear_that_it_was_right_may_say_it_again(bob: Holder) -> None:
    await claim(bob)
    code = await code_of(bob)
    first = await confirm(bob, code)

    assert await confirm(bob, code) == first


async def test_the_latest_claim_has_the_only_code(bob: Holder) -> None:
    await claim(bob)
    first = await code_of(bob)
    await claim(bob)
    second = await code_of(bob)

    assert (await refusal(confirm(bob, first)), await refusal(confirm(bob, second))) == ("CODE_WRONG", "")


async def test_a_number_belongs_to_whoever_proved_it_last(alice: Holder, world: InstitutionWorld) -> None:
    bob, carol = await Holder.open(world, BOB), await Holder.open(world, CAROL, home=2)
    await prove(carol)
    await world.pass_time(MINUTE_MS)
    await prove(bob)

    first = await find(alice)
    await world.pass_time(MINUTE_MS)
    await prove(carol)

    assert (first.home, (await find(alice)).home) == (1, 2)


async def test_within_a_home_a_number_has_one_wallet(alice: Holder, world: InstitutionWorld) -> None:
    bob = await Holder.open(world, BOB)
    await prove(bob)

    await prove(alice)

    assert (await own(bob), await own(alice)) == ([], ["+86138******00"])


async def test_a_released_number_finds_nobody(alice: Holder, bob: Holder) -> None:
    await prove(bob)
    request = AliasRelease(alias_id=identity(bob))

    left = await bob.client.post("/v1/aliases/release", request, AliasList, idempotency_key=bob.world.new_key())

    assert left.aliases == []
    assert await refusal(find(alice)) == "ALIAS_UNKNOWN"


async def test_nobody_releases_the_number_of_another(world: InstitutionWorld) -> None:
    alice, bob = await Holder.open(world, ALICE), await Holder.open(world, BOB)
    await prove(bob)
    request = AliasRelease(alias_id=identity(bob))

    await alice.client.post("/v1/aliases/release", request, AliasList, idempotency_key=world.new_key())

    assert await own(bob) == ["+86138******00"]


async def test_a_home_that_is_silent_is_named(alice: Holder, world: InstitutionWorld) -> None:
    await prove(alice)
    world.network.troubled, world.network.lose_requests = "//home2/", 100

    found = await find(alice)

    assert (found.home, found.unanswered) == (1, [2])


async def test_whoever_tries_numbers_out_is_soon_told_nothing(alice: Holder, world: InstitutionWorld) -> None:
    bob = await Holder.open(world, BOB)
    await prove(bob)

    refused = [await refusal(find(alice, f"138001381{number:02d}")) for number in range(21)]

    assert refused == ["ALIAS_UNKNOWN"] * 20 + ["LOOKUPS_USED_UP"]
    assert await refusal(find(alice)) == "LOOKUPS_USED_UP"


async def test_the_database_holds_no_number(bob: Holder) -> None:
    await prove(bob)
    store = bob.world.stores[bob.home]

    def everything(connection: sa.Connection) -> str:
        tables: Sequence[str] = sa.inspect(connection).get_table_names()
        rows = [connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables]  # noqa: S608 - own names
        return repr(rows)

    found = await store.read(everything)

    assert "+86138******00" in found
    assert "3800138" not in found
    assert repr(identity(bob)) not in found


async def test_nobodys_telephone_rings_all_day(bob: Holder) -> None:
    refused = [await refusal(claim(bob)) for _ in range(6)]

    assert refused == [""] * 5 + ["LOOKUPS_USED_UP"]


async def test_a_wallet_has_only_so_many_numbers(bob: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliases_module, "ALIASES_MAX", 2)
    for number in range(2):
        await prove(bob, f"1380013800{number}")

    assert await refusal(claim(bob, "13800138009")) == "ALIASES_FULL"
    assert await refusal(claim(bob, "13800138001")) == ""


async def test_codes_are_for_tellers_alone(bob: Holder) -> None:
    await claim(bob)

    assert await refusal(bob.client.get("/v1/bank/codes", SentCodes)) == "FORBIDDEN"


async def test_what_is_no_number_is_refused(bob: Holder) -> None:
    assert await refusal(claim(bob, "12345")) == "PHONE_INVALID"


async def test_without_a_way_to_send_codes_no_number_is_claimed(bob: Holder) -> None:
    own_aliases = bob.world.homes[bob.home].payees.aliases
    own_aliases._sender = None

    with pytest.raises(RefusedError, match="sends no codes") as refused:
        await claim(bob)

    assert refused.value.code == "ALIASES_OFF"
    assert own_aliases.sent_codes().codes == []


async def test_numbers_that_were_claimed_while_there_was_room_are_no_way_around_that(
    bob: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aliases_module, "ALIASES_MAX", 1)
    codes = {}
    for phone in ("13800138001", "13800138002"):
        await claim(bob, phone)
        codes[phone] = await code_of(bob)

    refused = [await refusal(confirm(bob, code, phone)) for phone, code in codes.items()]

    assert refused == ["", "ALIASES_FULL"]
    assert len(await own(bob)) == 1
