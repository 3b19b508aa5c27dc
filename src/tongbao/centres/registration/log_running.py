"""The transparency log beside the centre's other work: a round about once a second, and a last one at the end."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Protocol

from tongbao.centres.registration.index import Index
from tongbao.centres.registration.ledger import Ledger, SettledBatch
from tongbao.centres.registration.log_opening import LogPlaces, open_log
from tongbao.centres.registration.log_reading import LogReading
from tongbao.centres.registration.log_writer import LogKeys, LogWriter
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.ports import Clock, Disk
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.coin import Domain
from tongbao.errors import WorldError
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement

__all__ = ["LogRunning", "LogSettings", "open_log_beside", "stated_in"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How the log is written.

    Attributes:
        directory: of the files that everybody reads; the writer's own lie beside it, in `<directory>-book`.
        keys: what checkpoints are signed with.
        every_s: seconds from one round to the next: a checkpoint covers whatever came meanwhile.
    """

    directory: str
    keys: LogKeys
    every_s: float = 1.0


class LogRunning:
    """Writer and reader of one log.

    Attributes:
        writer: what takes statements of the supply.
        reading: proofs and files.
    """

    def __init__(
        self, writer: LogWriter, places: LogPlaces, settings: LogSettings, clock: Clock, metrics: RegistrationMetrics
    ) -> None:
        self.writer = writer
        self.reading = LogReading(places.files, places.book, writer)
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._closed = False

    @staticmethod
    async def open(
        settings: LogSettings, index: Index, domain: Domain, *, disk: Disk, clock: Clock, metrics: RegistrationMetrics
    ) -> "LogRunning":
        """The log, brought to where the index is, with a published checkpoint.

        Raises:
            ConfigurationError: the last checkpoint was signed by another key.
            DamageError: what was signed does not come out again.
            WorldError: it cannot be written.
        """
        places = LogPlaces(disk, settings.directory)
        writer = await open_log(places, index, domain, settings.keys, clock)
        running = LogRunning(writer, places, settings, clock, metrics)
        await running.write()
        return running

    def take(self, batch: SettledBatch) -> None:
        """Take in a batch that answers account for."""
        self.writer.take(batch.applied.header.sequence, batch.applied.verdicts, batch.tree.levels[0])

    def standing(self) -> LogStanding | None:
        """How long the log is by its last checkpoint."""
        head = self.writer.standing.head()
        return LogStanding(head.size, head.root) if head else None

    async def take_statement(self, statement: SupplyStatement) -> None:
        """Let a statement of the supply stand in the log; one that does already changes nothing."""
        entry = statement.entry()
        if not self.writer.has_statement(entry):
            self.writer.take_statement(entry)

    async def write(self) -> None:
        """One round."""
        async with self._turn:
            if self._closed:
                return
            now_s = asyncio.get_running_loop().time
            started_s = now_s()
            if await self.writer.write():
                self._metrics.log_round_seconds.observe(now_s() - started_s)
            head = self.writer.standing.head()
            self._metrics.log_entries.set(head.size if head else 0)

    async def run(self) -> None:
        """A round whenever the time has gone by, for ever."""
        while True:
            await self._clock.sleep(self._settings.every_s)
            await self._write_or_warn("stays behind")

    async def _write_or_warn(self, what: str) -> None:
        try:
            await self.write()
        except WorldError as error:
            self._metrics.log_failures.inc()
            _log.warning("the transparency log %s: %s", what, error)

    async def stop(self) -> None:
        """A last round, so that the log ends where the journal ends, and nothing after it."""
        await self._write_or_warn("ends before the journal")
        async with self._turn:
            self._closed = True
            await self.writer.close()


class _Ports(Protocol):
    @property
    def disk(self) -> Disk: ...
    @property
    def clock(self) -> Clock: ...


async def open_log_beside(
    ledger: Ledger, settings: LogSettings | None, ports: _Ports, metrics: RegistrationMetrics
) -> LogRunning | None:
    """The log of what the ledger settles, from the first verdict on; None where none is kept."""
    if settings is None:
        return None
    log = await LogRunning.open(
        settings, ledger.index, ledger.kernel.domain, disk=ports.disk, clock=ports.clock, metrics=metrics
    )
    ledger.when_indexed = log.take
    return log


def stated_in(log: LogRunning | None, settings: SupplySettings | None) -> SupplySettings | None:
    """The settings of statements of the supply, which go into the log where there is one."""
    if settings is None or log is None:
        return settings
    return replace(settings, log_standing=log.standing, log=log.take_statement)
