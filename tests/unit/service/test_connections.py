"""Whoever sits at a desk speaks to the right role, with the key that this role knows them by."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desks import Desks, open_desks
from tongbao.coin.control import AuthorityKind
from tongbao.errors import ConfigurationError, NetworkError, RequestError
from tongbao.protocol.wire import Message
from tongbao.service.connections import connected
from tongbao.service.key_file import read_key


class Word(Message):
    word: str


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    with open_desks(tmp_path / "data") as opened:
        opened.answers["GET", "/v1/word"] = Word(word="heard")
        opened.answers["POST", "/v1/word"] = Word(word="done")
        yield opened


async def test_anybody_may_ask_the_registration_centre(desks: Desks) -> None:
    async with connected(desks.root) as connections:
        answer = await connections.registration().get("/v1/word", Word, query={"after": "7"})

    assert answer == Word(word="heard")
    assert (desks.asked[0].role, desks.asked[0].operation) == ("registration", "GET /v1/word?after=7")
    assert desks.asked[0].caller.startswith("key:")


async def test_nobody_in_particular_is_another_one_each_time(desks: Desks) -> None:
    async with connected(desks.root) as connections:
        for _ in range(2):
            await connections.registration().get("/v1/word", Word)

    assert desks.asked[0].caller != desks.asked[1].caller


async def test_the_central_bank_asks_the_registration_centre_as_home_0(desks: Desks) -> None:
    async with connected(desks.root) as connections:
        await connections.as_central_bank().get("/v1/word", Word)

    assert (desks.asked[0].role, desks.asked[0].caller) == ("registration", "home:0")


async def test_an_officer_asks_the_central_bank_by_the_key_in_the_file(desks: Desks) -> None:
    path = desks.officer(AuthorityKind.OFFICES)

    async with connected(desks.root) as connections:
        await connections.as_officer(path).post("/v1/word", Word(word="yes"), Word, idempotency_key="1")

    asked = desks.asked[0]
    assert (asked.role, asked.caller) == ("central-bank", f"officer:{read_key(path).public_key.hex()}")
    assert (asked.idempotency_key, asked.message) == ("1", {"word": "yes"})


@pytest.mark.parametrize("home", [1, 2])
async def test_a_teller_asks_the_institution_whose_desk_it_is(desks: Desks, home: int) -> None:
    async with connected(desks.root) as connections:
        await connections.as_teller(home).get("/v1/word", Word)

    assert (desks.asked[0].role, desks.asked[0].caller) == (f"institution-{home}", "teller")


async def test_the_key_of_one_institutions_teller_opens_no_other_desk(desks: Desks) -> None:
    (desks.root / "institution-1" / "teller.key").rename(desks.root / "institution-2" / "teller.key")

    async with connected(desks.root) as connections:
        with pytest.raises(RequestError, match="the signature is not one of teller"):
            await connections.as_teller(2).get("/v1/word", Word)

    assert desks.asked == []


async def test_a_desk_that_is_not_on_the_network_is_named_with_those_that_are(desks: Desks) -> None:
    async with connected(desks.root) as connections:
        with pytest.raises(ConfigurationError, match="no institution 3; it has 1, 2"):
            connections.as_teller(3)


async def test_an_idempotency_key_is_never_used_before(desks: Desks) -> None:
    async with connected(desks.root) as connections:
        keys = {connections.new_key() for _ in range(100)}

    assert len(keys) == 100


async def test_connections_into_no_network_say_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="tongbao up"):
        async with connected(tmp_path):
            pass


async def test_a_role_that_is_not_running_is_no_answer_and_no_refusal(tmp_path: Path) -> None:
    with open_desks(tmp_path / "data") as desks:
        root = desks.root

    async with connected(root) as connections:
        with pytest.raises(NetworkError, match=r"nobody answers at http://127\.0\.0\.1:"):
            await connections.registration().get("/v1/word", Word)
