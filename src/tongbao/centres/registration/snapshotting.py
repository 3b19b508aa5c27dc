"""State digests and snapshots at the sequences that genesis fixes."""

import asyncio
import logging

from tongbao.centres.registration.journal import Snapshots
from tongbao.centres.registration.ports import Spawn
from tongbao.errors import WorldError
from tongbao.kernel import BegunSnapshot, Kernel

__all__ = ["Snapshotting"]

_log = logging.getLogger(__name__)


class Snapshotting:
    """Takes the state's digest and keeps a snapshot whenever it is called."""

    def __init__(self, kernel: Kernel, snapshots: Snapshots, spawn: Spawn) -> None:
        self._kernel = kernel
        self._snapshots = snapshots
        self._spawn = spawn
        self._saving: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Begin to save the state as it is now, in parts beside everything else, and to take its digest.

        While a snapshot is being saved no other is: the next one due makes up for it.
        """
        if self._saving is not None and not self._saving.done():
            return
        sequence = self._kernel.sequence
        saving = self._save(sequence, self._kernel.begin_snapshot())
        self._saving = self._spawn.task(saving, name=f"snapshot {sequence}")

    async def _save(self, sequence: int, state: BegunSnapshot) -> None:
        try:
            await self._snapshots.save(sequence, state)
        except WorldError as error:
            # The journal is the truth and a start only takes longer.
            _log.warning("no snapshot of batch %d: %s", sequence, error)
            return
        _log.info("batch %d: state digest %s", sequence, state.state_digest.hex())

    async def finish(self) -> None:
        """Wait for what is being saved."""
        if self._saving is not None:
            await self._saving
