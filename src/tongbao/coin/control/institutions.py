"""Control of institutions: who is a home, with which key, and who serves in its place."""

from dataclasses import dataclass

from tongbao.coin.control.operation import AuthorityKind
from tongbao.coin.encoding import demand_unsigned, u8, u32
from tongbao.coin.suites import PublicKey

__all__ = ["RegisterInstitution", "RekeyInstitution", "SetSuccessor", "SubstituteKey", "SuspendInstitution"]


@dataclass(frozen=True, slots=True)
class RegisterInstitution:
    """Admit an operating institution as a home.

    Attributes:
        home: its number, from 1.
        key: its endorser key.
    """

    home: int
    key: PublicKey
    NUMBER = 1
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)

    def subject(self) -> bytes:
        """The institution."""
        return b"institution" + u32(self.home)

    def payload(self) -> bytes:
        """Home, key."""
        return u32(self.home) + self.key.encode()


@dataclass(frozen=True, slots=True)
class SuspendInstitution:
    """Stop or resume what a home endorses and receives.

    Attributes:
        home: its number.
        suspended: True stops it, False lets it resume.
    """

    home: int
    suspended: bool
    NUMBER = 2
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)

    def subject(self) -> bytes:
        """The institution."""
        return b"institution" + u32(self.home)

    def payload(self) -> bytes:
        """Home, flag."""
        return u32(self.home) + u8(self.suspended)


@dataclass(frozen=True, slots=True)
class RekeyInstitution:
    """Give a home a new endorser key; the old one counts no more, and a substitute key ends.

    Attributes:
        home: its number.
        key: the new endorser key.
    """

    home: int
    key: PublicKey
    NUMBER = 3
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)

    def subject(self) -> bytes:
        """The institution."""
        return b"institution" + u32(self.home)

    def payload(self) -> bytes:
        """Home, key."""
        return u32(self.home) + self.key.encode()


@dataclass(frozen=True, slots=True)
class SetSuccessor:
    """Let another home serve the coins of one that failed or refuses; no coin is touched.

    Attributes:
        home: the home that ends.
        successor: the active home that reads in its place.
    """

    home: int
    successor: int
    NUMBER = 4
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)
        demand_unsigned("successor", self.successor, bits=32)

    def subject(self) -> bytes:
        """The institution."""
        return b"institution" + u32(self.home)

    def payload(self) -> bytes:
        """Home, successor."""
        return u32(self.home) + u32(self.successor)


@dataclass(frozen=True, slots=True)
class SubstituteKey:
    """Let a second key endorse for a home that failed or refuses, by k of n offices.

    Attributes:
        home: the home.
        key: the substitute endorser key.
    """

    home: int
    key: PublicKey
    NUMBER = 14
    AUTHORITY = AuthorityKind.OFFICES

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)

    def subject(self) -> bytes:
        """The substitute of the institution."""
        return b"substitute" + u32(self.home)

    def payload(self) -> bytes:
        """Home, key."""
        return u32(self.home) + self.key.encode()
