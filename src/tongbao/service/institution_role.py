"""An operating institution as a running role: its ports opened, its application served, everything closed in order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.guarded_network import GuardedNetwork
from tongbao.adapters.migration import upgrade
from tongbao.adapters.network import HttpNetwork
from tongbao.adapters.redo import keep_redo
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.errors import ConfigurationError
from tongbao.institutions import migrations
from tongbao.institutions.institution import Institution
from tongbao.institutions.policy import Policy, load_policy, packaged_policy
from tongbao.institutions.ports import Ports
from tongbao.institutions.premises import InstitutionSettings
from tongbao.institutions.retention import Retention
from tongbao.service.authentication import OwnNames
from tongbao.service.configuration import InstitutionConfiguration
from tongbao.service.institution.app import create_institution_app
from tongbao.service.key_file import read_key
from tongbao.service.role import Role
from tongbao.service.store_metrics import StoreMetrics
from tongbao.service.web.home_path import UnderHomePath
from tongbao.service.web.network import home_path
from tongbao.service.witness.app import add_witness
from tongbao.service.witness.opening import opened_witness

__all__ = ["institution_role"]


@asynccontextmanager
async def institution_role(configuration: InstitutionConfiguration) -> AsyncIterator[Role]:
    """The institution of this configuration, started; stopped and closed at the end."""
    settings = InstitutionSettings(
        home=configuration.home,
        name=configuration.name,
        registration=configuration.registration,
        central_bank=configuration.central_bank,
        peers={peer.home: peer.url for peer in configuration.peers},
        endorser=read_key(configuration.endorser_key),
        vault=read_key(configuration.vault_key),
        teller_key=read_key(configuration.teller_key).public_key,
        policy=_policy(configuration.policy),
        code_gateway=configuration.code_gateway or "",
        webhook_networks=tuple(configuration.webhook_networks),
        retention=Retention(**configuration.retention.model_dump()),
    )
    async with AsyncExitStack() as stack:
        store = SqlStore.open(configuration.database)
        stack.push_async_callback(store.close)
        if configuration.redo_log is None:
            upgrade(store.engine, migrations)
        else:
            store.write_down(keep_redo(store.engine, migrations, configuration.redo_log, entropy=SystemEntropy().bytes))
        network, outside = HttpNetwork(), GuardedNetwork(allowed=settings.webhook_networks)
        stack.push_async_callback(network.close)
        stack.push_async_callback(outside.close)
        spawn = TaskSpawn()
        stack.push_async_callback(spawn.close)
        ports = Ports(
            clock=SystemClock(), entropy=SystemEntropy(), network=network, outside=outside, store=store, spawn=spawn
        )
        institution = await Institution.open(settings, ports)
        stack.push_async_callback(institution.stop)
        await institution.start()
        name, registry = f"institution-{configuration.home}", CollectorRegistry()
        institution.measure(registry)
        StoreMetrics(store, configuration.database, configuration.redo_log).register(registry)
        app = create_institution_app(
            institution,
            clock=ports.clock,
            registry=registry,
            instance=name,
            rate_limits=configuration.rate_limits,
            own_names=_own_names(configuration),
        )
        if configuration.witness is not None:
            witness = await stack.enter_async_context(opened_witness(configuration.witness, registry=registry))
            add_witness(app, witness)
        answering = UnderHomePath(app, configuration.home)
        yield Role(name, configuration.listen, answering, institution.failed, institution.release)


def _own_names(configuration: InstitutionConfiguration) -> OwnNames:
    return OwnNames.of(configuration.names, path=f"{home_path(configuration.home)}/")


def _policy(path: Path | None) -> Policy:
    if path is None:
        return packaged_policy()
    try:
        return load_policy(str(path), path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read the policy {path}: {error.strerror}") from None
