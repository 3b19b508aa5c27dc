"""The registration centre's operations over HTTP: who may ask, and every answer."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.builders import (
    BOB,
    CENTRAL_BANK,
    CENTRE,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    INSTITUTIONS,
    control,
    public_key,
    signer,
    submission,
)
from tests.central_bank_world import IMPATIENT, REGISTRATION, DirectNetwork
from tests.kernel_builders import only_reference
from tests.registration_world import CentreWorld, hand_in, issued, payment
from tongbao.adapters.network import Answer
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Outcome, Receipt
from tongbao.coin.control import AuthorityKind, Quota, RekeyInstitution, SubstituteKey
from tongbao.errors import BusyError, RefusedError, RequestError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import (
    MINIMUM_SEQUENCE_HEADER,
    CoinPage,
    CoinSearch,
    Directory,
    GenesisAnswer,
    HeartbeatRequest,
    LedgerStatus,
    OutcomeAnswer,
    SerialAnswer,
    SubmissionAnswer,
    SubmissionRequest,
    SupplyReport,
)
from tongbao.service.registration.app import create_registration_app
from tongbao.simulation.asgi import deliver


class Served:
    """A centre with its application and clients for whoever asks."""

    def __init__(self, world: CentreWorld, centre: RegistrationCentre) -> None:
        self.world = world
        self.centre = centre
        self.app = create_registration_app(centre, clock=world.clock, registry=world.registry)

    def client(self, key_id: str, number: int) -> SignedClient:
        return SignedClient(
            network=DirectNetwork({REGISTRATION: self.app}),
            clock=self.world.clock,
            base_url=REGISTRATION,
            key_id=key_id,
            sign=signer(number).sign,
            patience=IMPATIENT,
        )

    def home(self, home: int) -> SignedClient:
        return self.client(f"home:{home}", {0: CENTRAL_BANK, **INSTITUTIONS}[home])

    async def ask(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await deliver(self.app, "GET", REGISTRATION + path, headers=headers or {}, body=b"")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    world = CentreWorld(tmp_path)
    centre = await world.open()
    yield Served(world, centre)
    await centre.stop()
    await world.close()


async def test_a_home_submits_and_finds_its_coins(served: Served) -> None:
    made = await issued(served.centre, 2)
    pay = payment(made, 0, to=BOB)
    home = served.home(1)

    request = SubmissionRequest(submission=submission([pay], home=1).encode())
    answer = await home.post("/v1/submissions", request, SubmissionAnswer, idempotency_key="1")
    page = await home.get("/v1/coins", CoinPage, query={"limit": 2})
    rest = await home.get("/v1/coins", CoinPage, query={"after": page.next, "limit": 2, "wait_s": 0})
    search = CoinSearch(locks=[pay.body.outputs[0].lock_id])
    found = await home.post("/v1/coins/search", search, CoinPage, idempotency_key="2")

    assert answer.verdicts[0].status == "SETTLED"
    Receipt.decode(answer.verdicts[0].receipt).verify(DOMAIN, keys=[public_key(CENTRE)])
    assert [each.spent for each in [*page.coins, *rest.coins]] == [True, False, False]
    assert [each.origin for each in found.coins] == [pay.id(DOMAIN)]
    assert found.coins[0].opening().coin_id(DOMAIN) == found.coins[0].coin_id


async def test_anyone_may_ask_where_the_ledger_stands(served: Served) -> None:
    pay = payment(await issued(served.centre, 1), 0, to=BOB)
    nobody = served.client("nobody", 999)

    status = await nobody.get("/v1/status", LedgerStatus)
    genesis = await nobody.get("/v1/genesis", GenesisAnswer)
    directory = await nobody.get("/v1/institutions", Directory)
    supply = await nobody.get("/v1/supply", SupplyReport)
    absent = await nobody.get(f"/v1/outcomes/{pay.id(DOMAIN).hex()}", OutcomeAnswer)

    assert (status.sequence, status.time_ms) == (2, GENESIS_TIME_MS + 1_000)
    assert genesis.genesis == GENESIS.encode()
    assert [entry.home for entry in directory.institutions] == [0, 1, 2]
    assert [each.unspent for each in supply.totals] == [10, 0]
    assert not Outcome.decode(absent.outcome).settled


async def test_a_refusal_arrives_with_code_field_and_cure(served: Served) -> None:
    endorsed_elsewhere = submission([payment(await issued(served.centre, 1), 0, to=BOB)], home=2)
    wrong, none = (SubmissionRequest(submission=each) for each in (endorsed_elsewhere.encode(), b"no submission"))

    with pytest.raises(RequestError) as forbidden:
        await served.home(1).post("/v1/submissions", wrong, SubmissionAnswer, idempotency_key="1")
    with pytest.raises(RequestError) as malformed:
        await served.home(1).post("/v1/submissions", none, SubmissionAnswer, idempotency_key="2")

    assert (forbidden.value.code, forbidden.value.field) == ("FORBIDDEN", "submission.home")
    assert malformed.value.code == "MALFORMED"
    assert malformed.value.cure


async def test_what_is_a_homes_alone_is_told_to_nobody_else(served: Served) -> None:
    codes = []
    for key_id, number in (("home:1", 12), ("home:9", 11), ("home:01", 11), ("wallet:00", 11), ("home:", 11)):
        with pytest.raises(RequestError) as refused:
            await served.client(key_id, number).get("/v1/coins", CoinPage)
        codes.append(refused.value.code)

    assert codes == ["SIGNATURE_INVALID", *["UNAUTHENTICATED"] * 4]


async def test_a_homes_keys_are_those_that_control_says(served: Served) -> None:
    substitute = served.client("home:1", 71)
    with pytest.raises(RequestError):
        await substitute.get("/v1/coins", CoinPage)
    await hand_in(served.centre, [control(SubstituteKey(1, public_key(71)))], home=0)

    assert (await substitute.get("/v1/coins", CoinPage)).coins == []
    assert (await served.home(1).get("/v1/coins", CoinPage)).coins == []
    await hand_in(served.centre, [control(RekeyInstitution(1, public_key(72)))], home=0)
    for old in (substitute, served.home(1)):
        with pytest.raises(RequestError) as refused:
            await old.get("/v1/coins", CoinPage)
        assert refused.value.code == "SIGNATURE_INVALID"


async def test_time_and_serials_are_the_central_banks(served: Served) -> None:
    quota = Quota(0, 1, 77)
    await hand_in(served.centre, [control(quota)], home=0)
    path = f"/v1/serials/{int(AuthorityKind.ISSUANCE)}/{quota.subject().hex()}"
    beat = HeartbeatRequest(time_ms=GENESIS_TIME_MS + 5_000)

    serial = await served.home(0).get(path, SerialAnswer)
    status = await served.home(0).post("/v1/heartbeats", beat, LedgerStatus, idempotency_key="1")

    assert (serial.serial, status.time_ms) == (1, GENESIS_TIME_MS + 5_000)
    for asking in (
        served.home(1).get(path, SerialAnswer),
        served.home(1).post("/v1/heartbeats", beat, LedgerStatus, idempotency_key="2"),
    ):
        with pytest.raises(RequestError) as refused:
            await asking
        assert refused.value.code == "FORBIDDEN"
    back = HeartbeatRequest(time_ms=GENESIS_TIME_MS)
    with pytest.raises(RefusedError) as backwards:
        await served.home(0).post("/v1/heartbeats", back, LedgerStatus, idempotency_key="3")
    assert backwards.value.code == "HEARTBEAT_BACKWARDS"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/outcomes/00",
        "/v1/serials/9/00",
        "/v1/serials/1/0",
        "/v1/coins?limit=0",
        "/v1/coins?limit=1001",
        "/v1/coins?wait_s=21",
        "/v1/coins?after=%21",
        "/v1/coins?unknown=1",
    ],
)
async def test_parameters_that_cannot_be_are_named(served: Served, path: str) -> None:
    with pytest.raises(RequestError) as refused:
        await served.home(0).get(path, CoinPage)

    assert refused.value.code == "INVALID_FIELD"
    assert refused.value.field in {"transaction_id", "authority", "subject", "limit", "wait_s", "after", "unknown"}


async def test_a_reader_may_name_the_batch_that_he_knows_of(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.centres.registration.centre.REACH_S_MAX", 0.01)

    there = await served.ask("/v1/status", {MINIMUM_SEQUENCE_HEADER: "1"})
    not_yet = await served.ask("/v1/supply", {MINIMUM_SEQUENCE_HEADER: "2"})
    nonsense = await served.ask("/v1/status", {MINIMUM_SEQUENCE_HEADER: "one"})

    assert [answer.status for answer in (there, not_yet, nonsense)] == [200, 503, 422]
    assert not_yet.headers["retry-after"] == "1"
    assert json.loads(nonsense.body)["field"] == MINIMUM_SEQUENCE_HEADER


async def test_it_says_whether_it_works_and_what_it_measures(served: Served) -> None:
    await issued(served.centre, 1)

    ready, metrics = await served.ask("/readyz"), await served.ask("/metrics")
    await served.centre.stop()
    stopped = await served.ask("/readyz")

    assert (ready.status, stopped.status) == (200, 503)
    assert b'tongbao_registration_transactions_total{status="SETTLED"} 1.0' in metrics.body


@only_reference
async def test_a_slow_home_is_told_to_wait_by_429(served: Served) -> None:
    endorsed = submission([payment(await issued(served.centre, 1), 0, to=BOB)], home=1).encode()
    spoiled = endorsed[:-1] + bytes((endorsed[-1] ^ 1,))
    home = served.home(1)
    for number in range(64):
        with pytest.raises(RefusedError):
            await home.post(
                "/v1/submissions", SubmissionRequest(submission=spoiled), SubmissionAnswer, idempotency_key=str(number)
            )

    with pytest.raises(BusyError, match="nothing is known"):
        await home.post(
            "/v1/submissions", SubmissionRequest(submission=spoiled), SubmissionAnswer, idempotency_key="65"
        )
    good = SubmissionRequest(submission=endorsed)
    assert (await home.post("/v1/submissions", good, SubmissionAnswer, idempotency_key="66")).verdicts
