"""What every control operation offers, and who may approve it."""

import enum
from typing import Protocol

from tongbao.coin.encoding import Reader

__all__ = ["AuthorityKind", "ControlOperation", "read_authority"]


class AuthorityKind(enum.IntEnum):
    """Who may approve what. Each is k of n keys, set by genesis and changed by control."""

    ISSUANCE = 1
    """Issue, redeem, quota."""
    CONTROL = 2
    """Institutions, successors, officers, assets, rules, clock, receipt keys."""
    OFFICES = 3
    """Freezing, ordered moves, substitute keys."""


class ControlOperation(Protocol):
    """What every operation of a control transaction offers."""

    NUMBER: int
    AUTHORITY: AuthorityKind

    def subject(self) -> bytes:
        """What the serial counts within: the operation's family and the thing it changes."""
        ...

    def payload(self) -> bytes:
        """The operation's own bytes."""
        ...


def read_authority(reader: Reader) -> AuthorityKind:
    """The authority whose number starts at the reader's place."""
    number = reader.u8()
    if number not in set(AuthorityKind):
        raise reader.error(f"authority {number} is unknown")
    return AuthorityKind(number)
