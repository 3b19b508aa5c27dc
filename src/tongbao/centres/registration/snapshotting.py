"""State digests and snapshots at the sequences that genesis fixes, and supply statements of the same moments."""

import asyncio
import logging
from collections.abc import Iterable, Iterator

from tongbao.centres.registration.journal import Snapshots, StateDigests
from tongbao.centres.registration.ports import Clock, Spawn
from tongbao.centres.registration.supply_counting import Moment
from tongbao.centres.registration.supply_stating import SupplyStating
from tongbao.errors import WorldError
from tongbao.kernel import BegunSnapshot, Kernel

__all__ = ["Snapshotting"]

_log = logging.getLogger(__name__)


FIRST_STATEMENT_S = 2.0  # after the start: what waits to be settled comes before it


class Snapshotting:
    """Takes the state's digest, keeps a snapshot whenever it is called, and tells replicas the digest.

    Where the centre makes statements of the supply, one is made of the same moment, as often as `stating` has it.
    """

    def __init__(
        self,
        kernel: Kernel,
        snapshots: Snapshots,
        spawn: Spawn,
        *,
        stating: SupplyStating | None = None,
        digests: StateDigests | None = None,
    ) -> None:
        self._kernel = kernel
        self._snapshots = snapshots
        self._digests = digests
        self._spawn = spawn
        self._stating = stating
        self._saving: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Begin to save the state as it is now, in parts beside everything else, and to take its digest.

        While a snapshot is being saved no other is: the next one due makes up for it.
        """
        self._begin(is_stated=self._stating is not None and self._stating.is_due)

    def _begin(self, *, is_stated: bool) -> None:
        if self._saving is not None and not self._saving.done():
            return
        sequence = self._kernel.sequence
        moment = self._stating.begin() if self._stating is not None and is_stated else None
        saving = self._save(sequence, self._kernel.begin_snapshot(), moment)
        self._saving = self._spawn.task(saving, name=f"snapshot {sequence}")

    async def _save(self, sequence: int, state: BegunSnapshot, moment: Moment | None) -> None:
        parts = _Kept(state)
        try:
            await self._snapshots.save(sequence, state if moment is None else parts)
            if self._digests is not None:
                await self._digests.publish(sequence, state.state_digest)
        except WorldError as error:
            # The journal is the truth and a start only takes longer.
            _log.warning("no snapshot of batch %d: %s", sequence, error)
            return
        _log.info("batch %d: state digest %s", sequence, state.state_digest.hex())
        if moment is not None and self._stating is not None:
            try:
                await self._stating.make(moment, parts.joined(), state.state_digest)
            except WorldError as error:
                _log.warning("no supply statement of batch %d: %s", sequence, error)

    async def state_now(self) -> None:
        """Make a supply statement of the state as it is now, and return once it is published or has failed.

        Where nothing has happened since the last one, there is nothing to state.
        """
        await self.finish()
        if self._stating is not None and self._stating.has_news:
            self._begin(is_stated=True)
            await self.finish()

    async def state_every(self, every_s: float, clock: Clock) -> None:
        """Make a statement soon, and then after each so many seconds in which something happened, for ever."""
        await clock.sleep(FIRST_STATEMENT_S)
        while True:
            await self.state_now()
            await clock.sleep(every_s)

    async def finish(self) -> None:
        """Wait for what is being saved."""
        if self._saving is not None:
            await self._saving


class _Kept:
    """The parts of a snapshot, kept while they are written."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self._seen: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._seen.append(part)
            yield part

    def joined(self) -> bytes:
        """All of them, which are let go of: a state of many coins is kept once."""
        seen, self._seen = self._seen, []
        return b"".join(seen)
