"""What the institution can foresee and nobody else can: references, ids and salts that follow from one secret."""

from tongbao.coin.domain import Domain
from tongbao.coin.encoding import sized_u16

__all__ = ["InstitutionSecrets"]


class InstitutionSecrets:
    """Derives secrets of 32 bytes.

    They depend on nothing but the secret and what they are for, so that a request that is repeated, now or after a
    crash, gives the same transaction, and a seeded network the same money.
    """

    def __init__(self, domain: Domain, secret_seed: bytes) -> None:
        self._domain = domain
        self._secret = domain.hash("tongbao/institution-secret/1", domain.network_id + secret_seed)

    def derive(self, purpose: str, *subjects: bytes) -> bytes:
        """The secret for a purpose and its subjects, 32 bytes."""
        named = b"".join([sized_u16(each) for each in (purpose.encode(), *subjects)])
        return self._domain.hash("tongbao/institution-derived/1", self._secret + named)
