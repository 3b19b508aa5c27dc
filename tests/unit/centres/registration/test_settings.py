"""What a registration centre is made of."""

from tests.builders import CENTRE, signer
from tests.kernel_builders import KERNEL
from tongbao.centres.registration.settings import RegistrationSettings


def test_a_centre_keeps_no_log_and_states_no_supply_unless_it_is_told_to() -> None:
    settings = RegistrationSettings(receipt_key=signer(CENTRE), kernel_class=KERNEL, directory="data/journal")

    assert (settings.log, settings.supply, settings.follows_wall) == (None, None, True)
