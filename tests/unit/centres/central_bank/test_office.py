"""The office's life, and what homes and officers may see."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import OFFICERS, public_key, signer
from tests.central_bank_world import REGISTRATION, OfficeWorld, approval, approved, asked, wanted
from tests.registration_world import CentreWorld
from tongbao.centres.central_bank.office import CentralBankOffice
from tongbao.coin.control import AuthorityKind, Quota
from tongbao.coin.encoding import u8
from tongbao.errors import BusyError, ConfigurationError, NetworkError, RequestError
from tongbao.protocol.issuance import PROPOSED_KINDS, ControlRequest
from tongbao.service.registration.app import create_registration_app

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE][:2]


async def test_a_home_sees_its_own_proposals_and_officers_see_all(office: CentralBankOffice) -> None:
    own = await office.propose_issuance(wanted(5), home=1, asked=asked("1"))
    other = await office.propose_issuance(wanted(5), home=2, asked=asked("2"))
    quota = Quota(0, 1, 77)
    control = await office.propose_control(
        ControlRequest(operation=u8(quota.NUMBER) + quota.payload()), asked=asked("3")
    )

    seen = await office.proposals(home=1, state="", after="", limit=10)
    everything = await office.proposals(home=None, state="", after="", limit=10)

    assert seen.proposals == [own]
    assert everything.proposals == [control, other, own]
    for hidden in (other, control):
        with pytest.raises(RequestError) as refused:
            await office.proposal(hidden.proposal_id, home=1)
        assert refused.value.code == "NOT_FOUND"
    assert await office.proposal(control.proposal_id, home=None) == control


async def test_a_listing_goes_on_behind_its_cursor_and_knows_states(office: CentralBankOffice) -> None:
    made = [await office.propose_issuance(wanted(5), home=1, asked=asked(str(number))) for number in range(5)]
    settled = await approved(office, made[0], *ISSUERS)

    first = await office.proposals(home=None, state="pending", after="", limit=3)
    second = await office.proposals(home=None, state="pending", after=first.next, limit=3)
    ended = await office.proposals(home=None, state="settled", after="", limit=3)

    assert [each.proposal_id for each in [*first.proposals, *second.proposals]] == [
        each.proposal_id for each in reversed(made[1:])
    ]
    assert second.next == ""
    assert ended.proposals == [settled]


async def test_a_listing_may_ask_for_one_kind_of_proposals(office: CentralBankOffice) -> None:
    issue = await office.propose_issuance(wanted(5), home=1, asked=asked("1"))
    quota = Quota(0, 1, 77)
    control = await office.propose_control(
        ControlRequest(operation=u8(quota.NUMBER) + quota.payload()), asked=asked("2")
    )

    found = {
        kind: (await office.proposals(home=None, state="", kind=kind, after="", limit=9)).proposals
        for kind in PROPOSED_KINDS
    }

    assert found == {"issue": [issue], "redeem": [], "control": [control]}


@pytest.mark.parametrize(("state", "after", "field"), [("waiting", "", "state"), ("", "x", "after")])
async def test_a_listing_that_makes_no_sense_is_refused(
    office: CentralBankOffice, state: str, after: str, field: str
) -> None:
    with pytest.raises(RequestError) as refused:
        await office.proposals(home=None, state=state, after=after, limit=3)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", field)


async def test_a_proposal_that_is_none_is_not_found(office: CentralBankOffice) -> None:
    with pytest.raises(RequestError) as refused:
        await office.proposal("00" * 16, home=None)

    assert refused.value.code == "NOT_FOUND"


async def test_the_first_start_needs_the_registration_centre_and_later_ones_do_not(world: OfficeWorld) -> None:
    world.network.silent.add(REGISTRATION)
    with pytest.raises(NetworkError):
        await world.open()
    world.network.silent.clear()
    office = await world.open()
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())
    await world.close_office()
    world.network.silent.add(REGISTRATION)

    office = await world.open()
    world.network.silent.clear()

    assert (await approved(office, proposal, *ISSUERS)).state == "settled"


async def test_a_database_of_another_network_is_refused(world: OfficeWorld, tmp_path: Path) -> None:
    await world.open()
    await world.close_office()
    (tmp_path / "other").mkdir()
    other = CentreWorld(tmp_path / "other", genesis=replace(world.ledger.genesis, name="another"))
    centre = await other.open()
    world.network.apps[REGISTRATION] = create_registration_app(centre, clock=other.clock)

    with pytest.raises(ConfigurationError, match="another network"):
        await world.open()

    await centre.stop()
    await other.close()


async def test_a_key_that_is_not_the_central_banks_is_refused(world: OfficeWorld) -> None:
    world.operator_key = signer(99)

    with pytest.raises(ConfigurationError, match="home 0"):
        await world.open()


async def test_an_office_that_is_closed_says_so(world: OfficeWorld) -> None:
    office = await world.open()
    await office.demand_ready()
    proposal = await office.propose_issuance(wanted(5), home=1, asked=asked())

    await office.stop()

    with pytest.raises(BusyError):
        await office.demand_ready()
    with pytest.raises(BusyError):
        await office.approve(proposal.proposal_id, approval(proposal, ISSUERS[0]))


async def test_it_knows_officers_and_homes_by_their_keys(office: CentralBankOffice) -> None:
    assert await office.is_officer(public_key(ISSUERS[0]))
    assert not await office.is_officer(public_key(12))
    assert await office.home_keys(2) == (public_key(12),)
    assert await office.home_keys(9) == ()
