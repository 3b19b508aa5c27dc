"""Do the records of a journal form one history? Each batch must name its predecessor, and the first one genesis."""

from tongbao.coin import Batch, Domain, Genesis
from tongbao.errors import DamageError, RequestError

__all__ = ["ChainCheck"]


class ChainCheck:
    """Called with each record in order; raises `DamageError` at the first that does not belong there."""

    def __init__(self) -> None:
        self._domain: Domain | None = None
        self._chain_head = b""

    def __call__(self, sequence: int, record: bytes) -> None:
        """Check record `sequence`."""
        try:
            if self._domain is None:
                self._domain = Genesis.decode(record).domain()
                self._chain_head = self._domain.network_id
            else:
                self._check_batch(sequence, Batch.decode(record), self._domain)
        except RequestError as error:
            raise DamageError(f"it cannot be read: {error}") from None

    def _check_batch(self, sequence: int, batch: Batch, domain: Domain) -> None:
        header = batch.header
        if header.network_id != domain.network_id:
            raise DamageError("it is of another network")
        if header.sequence != sequence:
            raise DamageError(f"it calls itself batch {header.sequence}")
        if header.previous != self._chain_head:
            raise DamageError("it does not name the batch before it")
        if header.body_hash != Batch.body_hash(batch.submissions, domain):
            raise DamageError("its submissions are not those that its header names")
        self._chain_head = header.chain_head(domain)
