"""The registration centre as a running role: its ports opened, its application served, everything closed in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.network import HttpNetwork
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.centre import RegistrationCentre, RegistrationPorts, RegistrationSettings
from tongbao.centres.registration.cosigning import Cosigning, CosigningMetrics
from tongbao.centres.registration.index import Index
from tongbao.centres.registration.journal import Journal
from tongbao.centres.registration.log_running import LogRunning, LogSettings
from tongbao.centres.registration.ports import Clock
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.coin import Genesis
from tongbao.coin.ed25519 import SECRET_SEED_BYTES
from tongbao.errors import ConfigurationError, RequestError
from tongbao.kernel import Kernel
from tongbao.service.authentication import OwnNames
from tongbao.service.configuration import ClockChoice, RegistrationConfiguration
from tongbao.service.journal_place import place_of
from tongbao.service.key_file import read_key
from tongbao.service.log_keys import LOG_VKEY, make_log_keys, write_vkeys
from tongbao.service.registration.app import create_registration_app
from tongbao.service.role import Role
from tongbao.service.store_metrics import StoreMetrics
from tongbao.service.witness.opening import read_policy

__all__ = ["registration_role"]

_log = logging.getLogger(__name__)


@asynccontextmanager
async def registration_role(
    configuration: RegistrationConfiguration, kernel_class: type[Kernel]
) -> AsyncIterator[Role]:
    """The centre of this configuration, started; stopped and closed at the end."""
    genesis = _read_genesis(configuration.genesis)
    async with AsyncExitStack() as stack:
        disk = FileDisk()
        stack.callback(disk.close)
        store = SqlStore.open(configuration.index, durable=False)
        stack.push_async_callback(store.close)
        spawn = TaskSpawn(workers=configuration.judge_workers)
        stack.push_async_callback(spawn.close)
        ports = await _open_ports(configuration, genesis, disk, store, spawn)
        registry = CollectorRegistry()
        StoreMetrics(store, configuration.index).register(registry)
        log = _log_settings(configuration, genesis)
        settings = RegistrationSettings(
            receipt_key=read_key(configuration.receipt_key),
            kernel_class=kernel_class,
            directory=str(configuration.journal),
            follows_wall=configuration.clock is ClockChoice.WALL,
            heartbeat_s=configuration.heartbeat_s,
            log=log,
            supply=_supply_settings(configuration, log),
        )
        centre = RegistrationCentre(ports, settings, registry=registry)
        stack.push_async_callback(centre.stop)
        await centre.start()
        app = create_registration_app(
            centre,
            clock=ports.clock,
            registry=registry,
            rate_limits=configuration.rate_limits,
            own_names=OwnNames.of(configuration.names),
        )
        if configuration.witnesses is not None and centre.log is not None:
            await stack.enter_async_context(
                _cosigning(configuration.witnesses, centre.log, clock=ports.clock, spawn=spawn, registry=registry)
            )
        yield Role("registration", configuration.listen, app, centre.failed, centre.release)


@asynccontextmanager
async def _cosigning(
    policy: Path, log: LogRunning, *, clock: Clock, spawn: TaskSpawn, registry: CollectorRegistry
) -> AsyncIterator[None]:
    """While this is open, the witnesses of the policy are asked to cosign the log."""
    believed, network = read_policy(policy), HttpNetwork()
    cosigning = Cosigning(
        believed, log.reading, network=network, clock=clock, spawn=spawn, metrics=CosigningMetrics(registry)
    )
    task = spawn.task(cosigning.run(), name="cosigning")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await network.close()


def _read_genesis(path: Path) -> Genesis:
    try:
        return Genesis.decode(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read the genesis {path}: {error.strerror}") from None
    except RequestError as error:
        raise ConfigurationError(f"{path} is no genesis: {error}") from None


def _log_settings(configuration: RegistrationConfiguration, genesis: Genesis) -> LogSettings | None:
    """How the log is kept; its keys are made at the first start of a network that has none yet."""
    if not configuration.keeps_log:
        _log.warning("no transparency log is kept: nobody outside can see whether history is rewritten")
        return None
    keys = make_log_keys(
        configuration.log_key,
        configuration.log_cosigner_key,
        network_id=genesis.domain().network_id,
        secret=lambda _purpose: SystemEntropy().bytes(SECRET_SEED_BYTES),
    )
    write_vkeys(configuration.genesis.parent / LOG_VKEY, keys)
    return LogSettings(directory=str(configuration.log), keys=keys)


def _supply_settings(configuration: RegistrationConfiguration, log: LogSettings | None) -> SupplySettings | None:
    """Statements of the supply stand in the log and are signed by its key; their trees lie with the snapshots."""
    if log is None:
        return None
    return SupplySettings(key=log.keys.key, public=log.directory, private=str(configuration.journal))


async def _open_ports(
    configuration: RegistrationConfiguration, genesis: Genesis, disk: FileDisk, store: SqlStore, spawn: TaskSpawn
) -> RegistrationPorts:
    directory, domain = str(configuration.journal), genesis.domain()
    snapshots = SnapshotFiles(disk, directory, network_id=domain.network_id)
    # What snapshot and index account for was acknowledged: a journal that ends before it is damaged, not torn.
    newest = await snapshots.newest() if configuration.journal.exists() else None
    indexed = await Index(store, domain).open()
    known = max(indexed.sequence, newest.sequence if newest else 0)
    journal = await _open_journal(configuration, disk, domain.network_id, at_least_sequence=known or -1)
    if journal.last_sequence < 0:
        await journal.append(0, [genesis.encode()])
    return RegistrationPorts(
        journal=journal, snapshots=snapshots, store=store, disk=disk, clock=SystemClock(), spawn=spawn
    )


async def _open_journal(
    configuration: RegistrationConfiguration, disk: FileDisk, network_id: bytes, *, at_least_sequence: int
) -> Journal:
    """The journal at its servers, where there are any, or in its files."""
    if configuration.cluster is None:
        return await FileJournal.open(
            disk,
            str(configuration.journal),
            network_id=network_id,
            entropy=SystemEntropy().bytes,
            at_least_sequence=at_least_sequence,
        )
    # The watch over the disk's room, and the snapshots, want their directory.
    await disk.make_directory(str(configuration.journal))
    return await NatsJournal.open(
        place_of(configuration.cluster),
        network_id=network_id,
        entropy=SystemEntropy().bytes,
        at_least_sequence=at_least_sequence,
    )
