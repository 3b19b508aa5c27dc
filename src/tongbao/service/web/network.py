"""What the pages learn of the network that they belong to, at `/network.json`."""

from collections.abc import Sequence
from typing import Final

import msgspec

__all__ = ["HOMES_PATH", "FrontNetwork", "HomePlace", "home_path"]

HOMES_PATH: Final = "/homes/"
"""Behind it follows a home's number, and then the path that its institution knows."""


class HomePlace(msgspec.Struct, frozen=True, kw_only=True):
    """An institution that can be asked through the front.

    Attributes:
        home: its number.
        title: its name, for people.
        path: where it answers on this origin.
    """

    home: int
    title: str
    path: str


class FrontNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A network as its pages see it.

    Attributes:
        name: for people.
        network_id: in hex.
        test_network: whether its money buys nothing.
        homes: its institutions.
        centre_path: where the registration centre answers on this origin; "" is the origin itself.
        sandbox: whether there are identities to play with under `/sandbox`.
        log_keys: the public keys of the transparency log at `/log`, as C2SP writes verifier keys.
    """

    name: str
    network_id: str
    test_network: bool
    homes: Sequence[HomePlace]
    centre_path: str = ""
    sandbox: bool = False
    log_keys: Sequence[str] = ()

    def encode(self) -> bytes:
        """The network as JSON."""
        return msgspec.json.encode(self)


def home_path(home: int) -> str:
    """Where the institution with that number answers on the front's origin."""
    return f"{HOMES_PATH}{home}"
