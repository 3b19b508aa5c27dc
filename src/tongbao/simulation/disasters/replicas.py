"""Replicas of the registration centre on one medium: one writes, the others follow and take over."""

from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from tongbao.adapters.digest_files import DigestFiles
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.followed_journal import FollowedJournal
from tongbao.adapters.journal_directory import LOCK_NAME
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.centres.registration.centre import RegistrationCentre, RegistrationPorts, RegistrationSettings
from tongbao.centres.registration.following import Follower, FollowerPorts, follow_until_writer
from tongbao.centres.registration.journal import Journal, JournalLockedError
from tongbao.centres.registration.opening import OpenedLedger
from tongbao.kernel import Kernel, ReferenceKernel
from tongbao.service.registration.app import create_registration_app
from tongbao.simulation.boots import JOURNAL, open_journal
from tongbao.simulation.charter import CENTRE, Charter
from tongbao.simulation.disasters.operator import Operator
from tongbao.simulation.incarnation import LIVING
from tongbao.simulation.ports import Ports
from tongbao.simulation.world import World

__all__ = ["SEGMENT_BYTES", "Replica"]

SEGMENT_BYTES: Final = 24 * 1024
"""So small that a currency of some minutes has several segments."""

INSTANCE_BYTES: Final = 4
LOOK_S: Final = 0.7
"""Between two looks of a follower."""


@dataclass(slots=True)
class Replica:
    """One replica, over all its lives.

    Attributes:
        name: of its role.
        follower: of the present life.
        centre: of the present life once it writes, else None.
        takeovers: how often it began to write.
    """

    name: str
    world: World
    charter: Charter
    operator: Operator | None = None
    follower: Follower | None = None
    centre: RegistrationCentre | None = None
    takeovers: int = 0

    async def boot(self, ports: Ports) -> ASGIApp | None:
        """Begin to follow; once the journal can be had, begin to write and to answer."""
        self.centre = None
        self.follower = self._follow(ports)
        _ = ports.spawn.task(self._live(ports, self.follower), name=f"life of {self.name}")
        return None

    def _follow(self, ports: Ports) -> Follower:
        network_id = self.charter.domain.network_id
        return Follower(
            FollowerPorts(
                journal=FollowedJournal(ports.disk, JOURNAL, network_id=network_id),
                snapshots=SnapshotFiles(ports.disk, JOURNAL, network_id=network_id, reads_only=True),
                digests=DigestFiles(ports.disk, JOURNAL),
                store=ports.store,
            ),
            kernel_class=ReferenceKernel,
            receipt_key=self.charter.key(CENTRE),
        )

    async def _open_journal(self, ports: Ports) -> FileJournal:
        await ports.disk.make_directory(JOURNAL)
        lock = await ports.disk.lock(f"{JOURNAL}/{LOCK_NAME}")
        if lock is None:
            raise JournalLockedError("another replica writes")
        await lock.release()
        snapshots = SnapshotFiles(ports.disk, JOURNAL, network_id=self.charter.domain.network_id, reads_only=True)
        return await open_journal(self.charter, ports, snapshots, segment_bytes_max=SEGMENT_BYTES)

    async def _live(self, ports: Ports, follower: Follower) -> None:
        journal, opened = await follow_until_writer(
            follower, lambda: self._open_journal(ports), ports.clock, look_s=LOOK_S
        )
        if journal.last_sequence < 0:
            await journal.append(0, [self.charter.genesis.encode()])
        await self._write(ports, journal, opened)

    async def _write(self, ports: Ports, journal: Journal, opened: OpenedLedger | None) -> None:
        self.takeovers += 1
        self.world.trace.record("takes-over", self.name, journal.last_sequence)
        registry = CollectorRegistry()
        settings = RegistrationSettings(
            receipt_key=self.charter.key(CENTRE), kernel_class=ReferenceKernel, directory=JOURNAL, follows_wall=True
        )
        centre = RegistrationCentre(self._centre_ports(ports, journal), settings, registry=registry)
        await centre.start(opened)
        self.centre = centre
        app = create_registration_app(
            centre, clock=ports.clock, registry=registry, instance=ports.entropy.bytes(INSTANCE_BYTES).hex()
        )
        living = LIVING.get()
        if living is not None:
            self.world.network.listen(f"{CENTRE}:80", living, app)
        if self.operator is not None:
            self.operator.writer = self.name
        error = await centre.failed()
        if error is not None:
            raise error

    def _centre_ports(self, ports: Ports, journal: Journal) -> RegistrationPorts:
        return RegistrationPorts(
            journal=journal,
            snapshots=SnapshotFiles(ports.disk, JOURNAL, network_id=self.charter.domain.network_id),
            store=ports.store,
            disk=ports.disk,
            clock=ports.clock,
            spawn=ports.spawn,
            digests=DigestFiles(ports.disk, JOURNAL),
        )

    @property
    def reached(self) -> Kernel | None:
        """The kernel as it is now, whichever part the replica plays; None before it has one."""
        if self.centre is not None:
            return self.centre.kernel
        return None if self.follower is None else self.follower.kernel
