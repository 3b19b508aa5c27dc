"""A wallet's parts know each other's wallet and home, and the centre only where there is one to ask."""

import dataclasses

from tests.builders import DOMAIN, GENESIS
from tests.wallet_people import People
from tests.wallet_world import CENTRE_URL, QuickClock
from tongbao.adapters.entropy import SeededEntropy
from tongbao.coin import Address
from tongbao.wallets import CentreKeys, HomeAddress, Ports, WalletKeys, WalletSetting
from tongbao.wallets.parts import assemble


async def test_parts_are_of_one_wallet_at_one_home(people: People) -> None:
    keys = WalletKeys(bytes(64), DOMAIN)
    ports = Ports(clock=QuickClock(), entropy=SeededEntropy("parts"), network=people.world, store=people.store)
    home, centre_keys = HomeAddress(2, "http://home2"), CentreKeys(DOMAIN, GENESIS.receipt_keys)
    setting = WalletSetting(genesis=GENESIS, home=home, centre_keys=centre_keys)

    parts = assemble(keys, setting, ports)
    with_centre = assemble(keys, dataclasses.replace(setting, centre_url=CENTRE_URL), ports)

    assert parts.address == Address(2, keys.wallet_id, test_network=True)
    assert parts.home.number == 2
    assert (parts.centre is None, with_centre.centre is None) == (True, False)
