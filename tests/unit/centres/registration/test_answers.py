"""What the ledger says of itself."""

from tests.builders import (
    CENTRAL_BANK,
    CENTRE,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    OFFICERS,
    control,
    public_key,
)
from tests.kernel_builders import KERNEL
from tests.registration_world import hand_in
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin.control import (
    AuthorityKind,
    ControlOperation,
    SubstituteKey,
    SuspendInstitution,
)

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


async def test_the_status_names_network_place_and_kernel(centre: RegistrationCentre) -> None:
    status = await centre.status()

    assert (status.network_id, status.name, status.test_network) == (DOMAIN.network_id, "sample", True)
    assert (status.sequence, status.time_ms, status.kernel) == (1, GENESIS_TIME_MS + 1_000, KERNEL.name)
    assert (await centre.genesis()).genesis == GENESIS.encode()


async def test_the_directory_follows_control(centre: RegistrationCentre) -> None:
    operations: list[ControlOperation] = [SuspendInstitution(1, suspended=True), SubstituteKey(2, public_key(77))]
    await hand_in(centre, [control(each) for each in operations], home=0)

    directory = await centre.directory()

    homes = {entry.home: entry for entry in directory.institutions}
    assert sorted(homes) == [0, 1, 2]
    assert homes[0].keys == [public_key(CENTRAL_BANK).encode()]
    assert homes[1].suspended
    assert homes[2].keys == [public_key(12).encode(), public_key(77).encode()]
    assert directory.receipt_keys == [public_key(CENTRE).encode()]
    issuance = directory.authorities[0]
    assert (issuance.authority, issuance.threshold) == (AuthorityKind.ISSUANCE, 2)
    assert issuance.keys == [public_key(number).encode() for number in OFFICERS[AuthorityKind.ISSUANCE]]
    assert await centre.endorser_keys(2) == (public_key(12), public_key(77))
    assert await centre.endorser_keys(9) == ()
