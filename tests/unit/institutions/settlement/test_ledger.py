import asyncio

import pytest

from tests.builders import CENTRE, GENESIS, INSTITUTIONS, bytes32, outcome, public_key, signer
from tests.institution_world import InstitutionWorld
from tongbao.errors import BusyError, ConfigurationError, NetworkError, PeerError
from tongbao.institutions.settlement.ledger import Ledger
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import Directory, DirectoryEntry, LedgerStatus, OutcomeAnswer
from tongbao.protocol.wire import Message

DOMAIN = GENESIS.domain()


class Centre:
    """Answers what is laid ready, by path; counts what it is asked."""

    def __init__(self, **answers: Message | Exception) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def get(self, path: str, _answer: object, **_rest: object) -> Message:
        self.asked.append(path)
        await asyncio.sleep(0)
        answer = self.answers[path.split("/")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    def __init__(self) -> None:
        self.time_ms = 0

    def now_ms(self) -> int:
        return self.time_ms

    async def sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)


def ledger(centre: Centre, clock: Clock | None = None) -> Ledger:
    client: SignedClient = centre  # type: ignore[assignment]  # asks as that does
    return Ledger(
        client, feed=client, genesis=GENESIS, home=1, endorser=signer(INSTITUTIONS[1]), clock=clock or Clock()
    )


def status(**changes: object) -> LedgerStatus:
    honest = {
        "network_id": DOMAIN.network_id,
        "name": "sample",
        "test_network": True,
        "sequence": 7,
        "time_ms": 700,
        "chain_head": bytes(32),
        "rules": 1,
        "kernel": "reference",
    }
    return LedgerStatus.model_validate({**honest, **changes})


def directory(*homes: int, receipt_key: int = CENTRE) -> Directory:
    entries = [
        DirectoryEntry(home=home, keys=[public_key(INSTITUTIONS[home]).encode()], suspended=False, served_by=home)
        for home in homes
    ]
    keys = [public_key(receipt_key).encode()]
    return Directory(institutions=entries, authorities=[], receipt_keys=keys, sequence=9, time_ms=900)


def test_ledger_time_is_not_known_before_the_centre_has_answered() -> None:
    known = ledger(Centre())

    with pytest.raises(BusyError):
        _ = known.time_ms

    assert not known.is_known


async def test_who_waits_for_a_batch_asks_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    del monkeypatch
    centre = Centre(status=status())
    known = ledger(centre)

    await asyncio.gather(*[known.reach(7) for _ in range(5)])

    assert (known.sequence, known.time_ms, centre.asked) == (7, 700, ["/v1/status"])


async def test_a_batch_that_the_centre_does_not_know_is_not_reached() -> None:
    known = ledger(Centre(status=status()))

    with pytest.raises(BusyError, match="at batch 7, and 8"):
        await known.reach(8)


async def test_old_answers_do_not_turn_time_back() -> None:
    known = ledger(Centre(status=status()))
    await known.refresh()

    known.observe(sequence=6, time_ms=600)

    assert (known.sequence, known.time_ms) == (7, 700)


async def test_a_centre_of_another_network_is_refused() -> None:
    known = ledger(Centre(status=status(network_id=bytes32(1), name="other")))

    with pytest.raises(ConfigurationError, match="serves the network other"):
        await known.refresh()


async def test_rules_that_nobody_here_knows_are_not_guessed() -> None:
    known = ledger(Centre(status=status(rules=99)))

    with pytest.raises(PeerError, match="rules 99"):
        await known.refresh()


async def test_the_directory_is_asked_for_an_unknown_home_but_not_at_every_request() -> None:
    clock, centre = Clock(), Centre(institutions=directory(1))
    known = ledger(centre, clock)
    clock.time_ms = 10_000
    keys = [await known.keys_of_home(home) for home in (1, 2, 2, 2)]
    asked = len(centre.asked)

    clock.time_ms = 20_000
    centre.answers["institutions"] = directory(1, 2)
    later = await known.keys_of_home(2)

    assert keys == [(public_key(INSTITUTIONS[1]).key,), (), (), ()]
    assert (asked, later) == (1, (public_key(INSTITUTIONS[2]).key,))


async def test_keys_are_asked_for_anew_after_a_minute_and_serve_on_while_the_centre_is_away() -> None:
    clock, centre = Clock(), Centre(institutions=directory(1))
    known = ledger(centre, clock)
    clock.time_ms = 10_000
    first = await known.keys_of_home(1)
    centre.answers["institutions"] = NetworkError("away")

    found = []
    for clock.time_ms in (69_999, 70_000, 70_001):
        found.append((await known.keys_of_home(1), len(centre.asked)))

    assert found == [(first, 1), (first, 2), (first, 2)]


async def test_an_outcome_is_checked_with_keys_that_are_learnt() -> None:
    identity = bytes32(1)
    answer = OutcomeAnswer(outcome=outcome(identity, settled=False, key=CENTRE + 1).encode(), receipt=None)
    clock, centre = Clock(), Centre(outcomes=answer, institutions=directory(1, receipt_key=CENTRE + 1))
    clock.time_ms = 10_000

    found, receipt = await ledger(centre, clock).outcome(identity)

    assert (found.settled, receipt) == (False, None)


@pytest.mark.parametrize("key", [CENTRE, CENTRE + 1])
async def test_an_outcome_of_something_else_or_of_somebody_else_is_none(key: int) -> None:
    asked = bytes32(2) if key == CENTRE else bytes32(1)
    answer = OutcomeAnswer(outcome=outcome(bytes32(1), key=key).encode(), receipt=None)

    with pytest.raises(PeerError):
        await ledger(Centre(outcomes=answer, institutions=directory(1))).outcome(asked)


async def test_a_home_whose_database_is_of_another_network_does_not_start(world: InstitutionWorld) -> None:
    institution = world.homes[1]
    institution._parts.premises.ledger._genesis = GENESIS
    object.__setattr__(institution._parts.premises.ledger, "domain", type(DOMAIN)(bytes32(3), DOMAIN.hash_kind))

    with pytest.raises(ConfigurationError, match="this institution's data are of"):
        await institution.start()
