"""With which secrets messages are signed: none is kept, each follows from the institution's own."""

from tongbao.institutions.secret import InstitutionSecrets
from tongbao.institutions.tables import AnyRow

__all__ = ["WebhookSecrets"]

OLD_SECRET_MS = 86_400_000
"""A day, in which the receiver's operators can take over a new secret while the old one signs beside it."""

_GENERATION_BYTES = 4


class WebhookSecrets:
    """Secrets of endpoints, by their generations."""

    def __init__(self, secrets: InstitutionSecrets) -> None:
        self._secrets = secrets

    def newest(self, endpoint: AnyRow) -> bytes:
        """The secret of the endpoint's generation."""
        return self._of(endpoint.endpoint_id, endpoint.generation)

    def signing(self, endpoint: AnyRow, *, now_ms: int) -> list[bytes]:
        """Every secret that counts now, the newest first."""
        found = [self.newest(endpoint)]
        if endpoint.old_secret_until_ms is not None and now_ms < endpoint.old_secret_until_ms:
            found.append(self._of(endpoint.endpoint_id, endpoint.generation - 1))
        return found

    def old_until_ms(self, *, now_ms: int) -> int:
        """Until when the old secret signs beside one that is made now."""
        return now_ms + OLD_SECRET_MS

    def _of(self, endpoint_id: bytes, generation: int) -> bytes:
        return self._secrets.derive("webhook secret", endpoint_id, generation.to_bytes(_GENERATION_BYTES, "big"))
