"""Which transactions of a journal settled, found from nothing but the journal: a kernel judges it anew."""

from collections.abc import Sequence

from tongbao.centres.registration.answers import supply_of
from tongbao.coin import Genesis
from tongbao.errors import DamageError, InvariantError, RequestError
from tongbao.kernel import AppliedBatch, Kernel, ReferenceKernel
from tongbao.kernel.applied import VERDICT
from tongbao.protocol.registration import SupplyReport

__all__ = ["JournalReplay"]


class JournalReplay:
    """Given each record in order, it judges every signature and approval and applies every rule.

    Each batch must name the verdicts that the kernel itself comes to, or it is no history. Where the holder knows the
    `genesis` from elsewhere, the journal must begin with it. The reference kernel is slow and the specification.
    """

    def __init__(self, genesis: bytes | None = None, *, kernel_class: type[Kernel] = ReferenceKernel) -> None:
        self._genesis = genesis
        self._kernel_class = kernel_class
        self._kernel: Kernel | None = None
        self._applied: AppliedBatch | None = None

    def follow(self, record: bytes) -> None:
        """Judge and apply the next record; raises `DamageError` where it is not what may follow."""
        try:
            if self._kernel is None:
                self._kernel = self._begin(record)
            else:
                self._applied = self._kernel.apply(record)
        except RequestError as error:
            raise DamageError(str(error)) from None

    def _begin(self, record: bytes) -> Kernel:
        if self._genesis is not None and record != self._genesis:
            raise DamageError("it is another genesis than the one given")
        return self._kernel_class(Genesis.decode(record))

    @property
    def kernel(self) -> Kernel:
        """As it is after the last record; to be read only."""
        if self._kernel is None:
            raise InvariantError("no record was replayed, and so there is no kernel")
        return self._kernel

    @property
    def applied(self) -> AppliedBatch | None:
        """What the last record did; None of genesis."""
        return self._applied

    def verdicts(self, sequence: int) -> Sequence[tuple[bytes, int]]:
        """Ids and statuses of the transactions of the batch with that sequence, the last that was replayed."""
        applied = self._applied
        if applied is None or applied.header.sequence != sequence:
            raise InvariantError(f"batch {sequence} is not the one that was replayed last")
        return list(VERDICT.iter_unpack(applied.verdicts))

    def report(self) -> SupplyReport:
        """The supply as this kernel counts it."""
        return supply_of(self.kernel)
