"""What the auditor remembers of the money: unspent coins, what was counted, and what control has set."""

from dataclasses import dataclass, field

from tongbao.coin import CURRENCY, Genesis, Limits
from tongbao.coin.control import AuthorityKind, FreezeTarget, Officers

__all__ = ["CENTRAL_BANK", "Asset", "Counted", "Institution", "Memory", "Moment"]

CENTRAL_BANK = 0
"""The home of the central bank, at which no coin is."""


@dataclass(slots=True)
class Counted:
    """What was ever counted for an asset at a home, in the asset's smallest unit."""

    issued: int = 0
    redeemed: int = 0
    inflow: int = 0
    outflow: int = 0


@dataclass(slots=True)
class Institution:
    """A home; keys are encoded."""

    key: bytes
    suspended: bool = False
    successor: int | None = None
    substitute: bytes = b""


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset that control has admitted."""

    active: bool
    code: str


@dataclass(slots=True)
class Memory:
    """Everything that can change an outcome.

    Attributes:
        unspent: asset, home and value of each coin by its id.
        counted: by asset and home.
        institutions: by home; the central bank is home 0.
        quotas: by asset and home.
        authorities: the officers by authority.
        assets: by number.
        frozen: ledger time of the freeze, by target and id.
        serials: the last settled, by authority and subject.
        receipt_keys: encoded.
        rules: the version in force.
        expired_before_ms: what had expired before this time stays expired.
    """

    institutions: dict[int, Institution]
    authorities: dict[AuthorityKind, Officers]
    rules: int
    unspent: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    counted: dict[tuple[int, int], Counted] = field(default_factory=dict)
    quotas: dict[tuple[int, int], int] = field(default_factory=dict)
    assets: dict[int, Asset] = field(default_factory=dict)
    frozen: dict[tuple[FreezeTarget, bytes], int] = field(default_factory=dict)
    serials: dict[tuple[int, bytes], int] = field(default_factory=dict)
    receipt_keys: set[bytes] = field(default_factory=set)
    expired_before_ms: int = 0

    @staticmethod
    def of(genesis: Genesis) -> "Memory":
        """What genesis sets."""
        institutions = {each.home: Institution(each.key.encode()) for each in genesis.institutions}
        return Memory(
            institutions={CENTRAL_BANK: Institution(genesis.central_bank_key.encode()), **institutions},
            authorities={officers.authority: officers for officers in genesis.authorities},
            rules=genesis.rules,
            quotas={(CURRENCY, each.home): each.quota for each in genesis.institutions},
            assets={CURRENCY: Asset(active=True, code=genesis.asset_code)},
            receipt_keys={key.encode() for key in genesis.receipt_keys},
        )

    def serving(self, home: int) -> int:
        """The home that serves the coins of `home`: the end of its line of successors."""
        institution = self.institutions.get(home)
        while institution is not None and institution.successor is not None:
            home = institution.successor
            institution = self.institutions.get(home)
        return home

    def line_of(self, home: int) -> list[int]:
        """The home, its successor, that one's successor, and so on."""
        line = [home]
        while (institution := self.institutions.get(line[-1])) is not None and institution.successor is not None:
            line.append(institution.successor)
        return line

    def is_active(self, home: int) -> bool:
        """Whether coins may be made at the home."""
        serving = self.institutions.get(self.serving(home))
        return home != CENTRAL_BANK and serving is not None and not serving.suspended

    def count(self, asset: int, home: int) -> Counted:
        """The figures of an asset at a home, begun with zeros."""
        return self.counted.setdefault((asset, home), Counted())

    def net_issued(self, asset: int, home: int) -> int:
        """Issued less redeemed at the home and at those that it serves in place of."""
        return sum(
            counted.issued - counted.redeemed
            for (each, place), counted in self.counted.items()
            if each == asset and self.serving(place) == home
        )

    def speaks_for(self, key: bytes, home: int) -> bool:
        """Whether the key endorses for the home now."""
        institution = self.institutions.get(home)
        return institution is not None and key in {institution.key, institution.substitute}


@dataclass(frozen=True, slots=True)
class Moment:
    """What a transaction is applied by: who endorsed it with which key, at which ledger time, within which limits."""

    home: int
    key: bytes
    time_ms: int
    limits: Limits
