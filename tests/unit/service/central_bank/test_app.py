"""The central bank office's operations over HTTP: who may ask, and every answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import ALICE, CENTRAL_BANK, OFFICERS, control, public_key, spend
from tests.central_bank_world import OFFICE, OfficeWorld, approval, ended, redemption, wanted
from tests.registration_world import hand_in
from tongbao.coin.control import AuthorityKind, Quota, SubstituteKey
from tongbao.coin.encoding import u8
from tongbao.errors import RequestError
from tongbao.protocol.issuance import ControlRequest, Proposal, ProposalPage, ProposalState
from tongbao.simulation.asgi import deliver

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE]
CONTROLLERS = OFFICERS[AuthorityKind.CONTROL]
QUOTA = Quota(0, 1, 77)
PROPOSE_QUOTA = ControlRequest(operation=u8(QUOTA.NUMBER) + QUOTA.payload())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OfficeWorld]:
    world = await OfficeWorld.make(tmp_path)
    yield world
    await world.close()


async def test_from_the_asking_to_the_coins(world: OfficeWorld) -> None:
    office = await world.open()
    home, officer = world.as_home(1), world.as_officer(ISSUERS[0])

    proposal = await home.post("/v1/issuance", wanted(700), Proposal, idempotency_key="1")
    repeated = await home.post("/v1/issuance", wanted(700), Proposal, idempotency_key="1")
    listed = await officer.get("/v1/proposals", ProposalPage, query={"state": "pending"})
    for number in ISSUERS[:2]:
        path = f"/v1/proposals/{proposal.proposal_id}/approvals"
        await world.as_officer(number).post(path, approval(proposal, number), Proposal, idempotency_key=str(number))
    await ended(office, proposal)
    settled = await home.get(f"/v1/proposals/{proposal.proposal_id}", Proposal)

    assert repeated == proposal
    assert listed.proposals == [proposal]
    assert (settled.state, settled.status) == (ProposalState.SETTLED, "SETTLED")
    assert (await world.centre.supply()).totals[0].issued == 700


async def test_a_home_sees_its_own_and_the_central_bank_everything(world: OfficeWorld) -> None:
    await world.open()
    await world.as_home(1).post("/v1/issuance", wanted(5), Proposal, idempotency_key="1")
    await world.as_officer(CONTROLLERS[0]).post("/v1/control", PROPOSE_QUOTA, Proposal, idempotency_key="1")

    counts = [
        len((await client.get("/v1/proposals", ProposalPage)).proposals)
        for client in (world.as_home(1), world.as_home(2), world.client("home:0", CENTRAL_BANK))
    ]

    assert counts == [1, 0, 2]


async def test_who_may_not_do_it_is_told_so(world: OfficeWorld) -> None:
    await world.open()
    home, officer = world.as_home(1), world.as_officer(ISSUERS[0])
    proposal = await home.post("/v1/issuance", wanted(5), Proposal, idempotency_key="1")
    redeem = redemption([spend(5, owner=ALICE)], expiry_ms=world.ledger.clock.now_ms())
    approve = f"/v1/proposals/{proposal.proposal_id}/approvals"
    attempts = [
        officer.post("/v1/issuance", wanted(5), Proposal, idempotency_key="2"),
        officer.post("/v1/redemption", redeem, Proposal, idempotency_key="3"),
        home.post("/v1/control", PROPOSE_QUOTA, Proposal, idempotency_key="4"),
        home.post(approve, approval(proposal, ISSUERS[0]), Proposal, idempotency_key="5"),
        world.as_officer(999).get("/v1/proposals", ProposalPage),
        world.client("home:1", 12).get("/v1/proposals", ProposalPage),
        world.client(f"officer:{public_key(ISSUERS[0]).key.hex().upper()}", ISSUERS[0]).get(
            "/v1/proposals", ProposalPage
        ),
        world.client("officer:" + "z" * 64, ISSUERS[0]).get("/v1/proposals", ProposalPage),
        world.client("home:01", 11).get("/v1/proposals", ProposalPage),
    ]

    codes = []
    for attempt in attempts:
        with pytest.raises(RequestError) as refused:
            await attempt
        codes.append(refused.value.code)

    expected = [*["FORBIDDEN"] * 4, "UNAUTHENTICATED", "SIGNATURE_INVALID", *["UNAUTHENTICATED"] * 3]
    assert codes == expected


async def test_a_home_may_sign_with_its_substitute_key(world: OfficeWorld) -> None:
    await world.open()
    await hand_in(world.centre, [control(SubstituteKey(1, public_key(71)))], home=0)
    await world.ledger.clock.advance(3_000)

    page = await world.client("home:1", 71).get("/v1/proposals", ProposalPage)

    assert page.proposals == []


@pytest.mark.parametrize(
    ("path", "code", "field"),
    [
        ("/v1/proposals/xyz", "INVALID_FIELD", "proposal_id"),
        (f"/v1/proposals/{'0' * 32}", "NOT_FOUND", "proposal_id"),
        ("/v1/proposals?limit=101", "INVALID_FIELD", "limit"),
        ("/v1/proposals?state=waiting", "INVALID_FIELD", "state"),
        ("/v1/proposals?after=x", "INVALID_FIELD", "after"),
    ],
)
async def test_parameters_that_cannot_be_are_named(world: OfficeWorld, path: str, code: str, field: str) -> None:
    await world.open()

    with pytest.raises(RequestError) as refused:
        await world.as_officer(ISSUERS[0]).get(path, ProposalPage)

    assert (refused.value.code, refused.value.field) == (code, field)


async def test_it_says_whether_it_works(world: OfficeWorld) -> None:
    office = await world.open()
    app = world.network.apps[OFFICE]

    ready = await deliver(app, "GET", f"{OFFICE}/readyz", headers={}, body=b"")
    await office.stop()
    stopped = await deliver(app, "GET", f"{OFFICE}/readyz", headers={}, body=b"")

    assert (ready.status, stopped.status) == (200, 503)
