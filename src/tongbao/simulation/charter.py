"""The simulated network on paper: its genesis, everybody's keys, and where everybody answers; all from the seed."""

from collections.abc import Callable
from typing import Final

from tongbao.coin import Genesis, GenesisInstitution, HashKind, Limits, PublicKey
from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.ed25519 import SigningKey
from tongbao.service.data_directory import seeded_secret
from tongbao.simulation.ports import BEGINNING_MS

__all__ = ["CENTRE", "HOMES", "OFFICE", "OFFICERS_NEEDED", "Charter", "bank_of", "url_of"]

CENTRE: Final = "centre"
OFFICE: Final = "office"
HOMES: Final = (1, 2)
OFFICERS: Final = 3
OFFICERS_NEEDED: Final = 2
QUOTA_FEN: Final = 10_000_000_000


def bank_of(home: int) -> str:
    """The name of the role that is this institution."""
    return f"bank{home}"


def url_of(role: str) -> str:
    """Where a role answers."""
    return f"http://{role}:80"


class Charter:
    """Keys by purpose, and the genesis that names the public ones.

    Attributes:
        genesis: of a test network.
        domain: of the same.
    """

    def __init__(self, seed: str, *, limits: Limits | None = None) -> None:
        self._secret: Callable[[str], bytes] = seeded_secret(f"simulation/{seed}")
        self.genesis = self._genesis(limits or Limits())
        self.domain = self.genesis.domain()

    def key(self, purpose: str) -> SigningKey:
        """The secret key for a purpose, as "bank1/endorser"."""
        return SigningKey(self._secret(purpose))

    def wallet_seed(self, holder: str) -> bytes:
        """What a wallet's keys are derived from."""
        return self._secret(f"wallet/{holder}")

    def officers(self) -> list[SigningKey]:
        """As many issuance officers as must agree."""
        return [self.key(_officer(AuthorityKind.ISSUANCE, number)) for number in range(OFFICERS_NEEDED)]

    def _genesis(self, limits: Limits) -> Genesis:
        authorities = (
            Officers(kind, OFFICERS_NEEDED, tuple(self._public(_officer(kind, number)) for number in range(OFFICERS)))
            for kind in AuthorityKind
        )
        banks = (GenesisInstitution(home, self._public(f"{bank_of(home)}/endorser"), QUOTA_FEN) for home in HOMES)
        return Genesis(
            name="Tongbao simulation",
            hash_kind=HashKind.SHA256,
            test_network=True,
            time_ms=BEGINNING_MS,
            rules=1,
            asset_code="CNY",
            limits=limits,
            authorities=tuple(authorities),
            central_bank_key=self._public(OFFICE),
            institutions=tuple(banks),
            receipt_keys=(self._public(CENTRE),),
        )

    def _public(self, purpose: str) -> PublicKey:
        return PublicKey.ed25519(self.key(purpose).public_key)


def _officer(kind: AuthorityKind, number: int) -> str:
    return f"officer/{kind.name}/{number}"
