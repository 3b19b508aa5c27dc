"""The front of a network that one process runs, made of what its data directory says."""

from collections.abc import Collection

from tongbao.service.data_directory import DataDirectory
from tongbao.service.web.front import Front
from tongbao.service.web.health import Health
from tongbao.service.web.network import FrontNetwork, HomePlace, home_path
from tongbao.service.web.pages import PACKAGED, Pages
from tongbao.service.web.sandbox import Sandbox, create_sandbox_app

__all__ = ["open_front"]


def open_front(data: DataDirectory, *, names: Collection[str] = (), sandbox: Sandbox | None = None) -> Front:
    """The front of the network in the directory, with the pages of this installation; `names` as of `Front`."""
    network = data.network
    described = FrontNetwork(
        name=network.name,
        network_id=network.network_id,
        test_network=network.test_network,
        homes=[HomePlace(home=each.home, title=each.title, path=home_path(each.home)) for each in network.institutions],
        sandbox=sandbox is not None,
        log_keys=data.log_keys(),
    )
    return Front(
        described,
        Pages.read(PACKAGED),
        homes={each.name: each.home for each in network.institutions},
        sandbox=create_sandbox_app(sandbox),
        health=Health(list(data.roles())),
        names=names,
    )
