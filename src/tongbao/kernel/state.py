"""What the kernel remembers: unspent coins, totals per asset and home, and what control has set."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tongbao.coin.coin import CURRENCY
from tongbao.coin.control import AuthorityKind, FreezeTarget, Officers
from tongbao.coin.genesis import Genesis
from tongbao.coin.suites import PublicKey

__all__ = ["CENTRAL_BANK", "ControlState", "Institution", "State", "Totals"]

CENTRAL_BANK = 0
"""The home of the central bank: it endorses issue and control, institutions endorse transfer and redeem."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A home.

    Attributes:
        key: its endorser key.
        suspended: whether control has stopped it.
        successor: the home that serves in its place, or None.
        substitute: a second endorser key set by the offices, or None.
    """

    key: PublicKey
    suspended: bool = False
    successor: int | None = None
    substitute: PublicKey | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """One asset at one home, in the asset's smallest unit, since genesis.

    Attributes:
        issued: made by issue transactions.
        redeemed: ended by redeem transactions.
        inflow: came from other homes.
        outflow: went to other homes.
    """

    issued: int = 0
    redeemed: int = 0
    inflow: int = 0
    outflow: int = 0

    @property
    def unspent(self) -> int:
        """What must be unspent at the home."""
        return self.issued - self.redeemed + self.inflow - self.outflow


@dataclass(slots=True)
class ControlState:
    """What control has set; only `tongbao.kernel` changes it.

    Attributes:
        institutions: by home.
        quotas: the most that may be issued net of redemption, by asset and home.
        authorities: officers by authority.
        assets: whether active, and code, by asset.
        frozen: ledger time of the freeze, by target kind and id.
        serials: the last serial, by authority and subject.
        receipt_keys: keys of the registration centre that count.
        rules: the rules version in force.
        expired_before_ms: after the clock was set back, what would have expired before this stays expired.
    """

    institutions: dict[int, Institution] = field(default_factory=dict)
    quotas: dict[tuple[int, int], int] = field(default_factory=dict)
    authorities: dict[AuthorityKind, Officers] = field(default_factory=dict)
    assets: dict[int, tuple[bool, str]] = field(default_factory=dict)
    frozen: dict[tuple[FreezeTarget, bytes], int] = field(default_factory=dict)
    serials: dict[tuple[AuthorityKind, bytes], int] = field(default_factory=dict)
    receipt_keys: set[PublicKey] = field(default_factory=set)
    rules: int = 1
    expired_before_ms: int = 0

    def serving(self, home: int) -> int:
        """The home that serves the coins of `home`: itself or, through successors, another."""
        institution = self.institutions.get(home)
        while institution is not None and institution.successor is not None:
            home = institution.successor
            institution = self.institutions.get(home)
        return home

    def succession(self, home: int) -> Iterator[int]:
        """The home, its successor, the successor's, and so on. They are acyclic."""
        following: int | None = home
        while following is not None:
            yield following
            institution = self.institutions.get(following)
            following = None if institution is None else institution.successor

    def is_active(self, home: int) -> bool:
        """Whether an institution that may receive serves `home`. The central bank holds no coins."""
        institution = self.institutions.get(self.serving(home))
        return home != CENTRAL_BANK and institution is not None and not institution.suspended

    def is_current(self, key: PublicKey, *, home: int) -> bool:
        """Whether `key` speaks for `home` now."""
        institution = self.institutions.get(home)
        return institution is not None and key in (institution.key, institution.substitute)

    def frozen_since_ms(self, *, coin_id: bytes, lock_id: bytes) -> int | None:
        """Ledger time since when the coin cannot move, or None."""
        since = [
            self.frozen[named]
            for named in ((FreezeTarget.COIN, coin_id), (FreezeTarget.LOCK, lock_id))
            if named in self.frozen
        ]
        return min(since) if since else None


@dataclass(slots=True)
class State(ControlState):
    """All that the reference kernel remembers; only `tongbao.kernel` changes it.

    Attributes:
        unspent: asset, home and value of every unspent coin, by coin id.
        totals: by asset and home.
    """

    unspent: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    totals: dict[tuple[int, int], Totals] = field(default_factory=dict)

    @staticmethod
    def of(genesis: Genesis) -> "State":
        """The state at sequence 0."""
        state = State(rules=genesis.rules, receipt_keys=set(genesis.receipt_keys))
        state.assets[CURRENCY] = (True, genesis.asset_code)
        state.institutions[CENTRAL_BANK] = Institution(genesis.central_bank_key)
        state.authorities = {officers.authority: officers for officers in genesis.authorities}
        for institution in genesis.institutions:
            state.institutions[institution.home] = Institution(institution.key)
            state.quotas[CURRENCY, institution.home] = institution.quota
        return state

    def add(self, more: Totals, *, asset: int, home: int) -> None:
        """Add to the totals of an asset at a home."""
        before = self.totals.get((asset, home), Totals())
        self.totals[asset, home] = Totals(
            before.issued + more.issued,
            before.redeemed + more.redeemed,
            before.inflow + more.inflow,
            before.outflow + more.outflow,
        )

    def unspent_by_asset_and_home(self) -> dict[tuple[int, int], int]:
        """Value of the unspent coins, counted from the coins themselves."""
        counted: dict[tuple[int, int], int] = {}
        for asset, home, value in self.unspent.values():
            counted[asset, home] = counted.get((asset, home), 0) + value
        return counted

    def net_issued(self, *, asset: int, home: int) -> int:
        """Issued less redeemed of the asset at all homes that `home` serves; negative where more was redeemed."""
        served = [each for each in self.institutions if self.serving(each) == home]
        totals = [self.totals.get((asset, each), Totals()) for each in served]
        return sum(each.issued - each.redeemed for each in totals)
