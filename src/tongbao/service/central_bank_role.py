"""The central bank's office as a running role: its ports opened, its application served, everything closed in order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.migration import upgrade
from tongbao.adapters.network import HttpNetwork
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.centres.central_bank import migrations
from tongbao.centres.central_bank.office import CentralBankOffice, OfficeSettings
from tongbao.centres.central_bank.ports import Ports
from tongbao.errors import InvariantError, TongbaoError
from tongbao.service.authentication import OwnNames
from tongbao.service.central_bank.app import create_central_bank_app
from tongbao.service.configuration import CentralBankConfiguration
from tongbao.service.key_file import read_key
from tongbao.service.role import Role
from tongbao.service.store_metrics import StoreMetrics

__all__ = ["central_bank_role"]


@asynccontextmanager
async def central_bank_role(configuration: CentralBankConfiguration) -> AsyncIterator[Role]:
    """The office of this configuration, started; stopped and closed at the end."""
    settings = OfficeSettings(operator_key=read_key(configuration.key), registration_url=configuration.registration)
    async with AsyncExitStack() as stack:
        store = SqlStore.open(configuration.database)
        stack.push_async_callback(store.close)
        upgrade(store.engine, migrations)
        network = HttpNetwork()
        stack.push_async_callback(network.close)
        spawn = TaskSpawn()
        stack.push_async_callback(spawn.close)
        ports = Ports(clock=SystemClock(), network=network, store=store, spawn=spawn)
        office = CentralBankOffice(ports, settings)
        stack.push_async_callback(office.stop)
        await office.start()
        registry = CollectorRegistry()
        StoreMetrics(store, configuration.database).register(registry)
        app = create_central_bank_app(
            office,
            clock=ports.clock,
            registry=registry,
            rate_limits=configuration.rate_limits,
            own_names=OwnNames.of(configuration.names),
        )
        yield Role("central-bank", configuration.listen, app, lambda: _failure_of(spawn))


async def _failure_of(spawn: TaskSpawn) -> TongbaoError | None:
    """Why a task of the office failed, once one has."""
    await spawn.wait_for_failure()
    name, error = spawn.failures[0]
    return error if isinstance(error, TongbaoError) else InvariantError(f"{name} failed: {type(error).__name__}")
