"""How each role of the currency starts on virtual ports: as `tongbao serve` starts it on real ones."""

from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from tongbao.adapters.file_journal import SEGMENT_BYTES_MAX, FileJournal
from tongbao.adapters.migration import upgrade
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.centres.central_bank import migrations as office_migrations
from tongbao.centres.central_bank.office import CentralBankOffice, OfficeSettings
from tongbao.centres.central_bank.ports import Ports as OfficePorts
from tongbao.centres.registration.centre import RegistrationCentre, RegistrationPorts, RegistrationSettings
from tongbao.centres.registration.index import Index
from tongbao.errors import TongbaoError
from tongbao.institutions import migrations
from tongbao.institutions.institution import Institution
from tongbao.institutions.policy import packaged_policy
from tongbao.institutions.ports import Ports as InstitutionPorts
from tongbao.institutions.premises import InstitutionSettings
from tongbao.kernel import ReferenceKernel
from tongbao.service.central_bank.app import create_central_bank_app
from tongbao.service.institution.app import create_institution_app
from tongbao.service.registration.app import create_registration_app
from tongbao.simulation.charter import CENTRE, HOMES, OFFICE, Charter, bank_of, url_of
from tongbao.simulation.ports import Ports
from tongbao.simulation.world import Boot

__all__ = ["JOURNAL", "TELLER", "boot_centre", "boot_institution", "boot_office", "open_journal"]

JOURNAL: Final = "data/journal"
TELLER: Final = "teller"
INSTANCE_BYTES: Final = 4


def boot_centre(charter: Charter) -> Boot:
    """Starts the registration centre; ledger time follows its clock."""

    async def boot(ports: Ports) -> ASGIApp:
        registry = CollectorRegistry()
        settings = RegistrationSettings(
            receipt_key=charter.key(CENTRE), kernel_class=ReferenceKernel, directory=JOURNAL, follows_wall=True
        )
        centre = RegistrationCentre(await _centre_ports(charter, ports), settings, registry=registry)
        await centre.start()
        _ = ports.spawn.task(_stand_by(centre.failed), name="failure of the centre")
        return create_registration_app(centre, clock=ports.clock, registry=registry, instance=_instance(ports))

    return boot


async def _centre_ports(charter: Charter, ports: Ports) -> RegistrationPorts:
    network_id = charter.domain.network_id
    await ports.disk.make_directory(JOURNAL)
    snapshots = SnapshotFiles(ports.disk, JOURNAL, network_id=network_id)
    journal = await open_journal(charter, ports, snapshots)
    if journal.last_sequence < 0:
        await journal.append(0, [charter.genesis.encode()])
    return RegistrationPorts(
        journal=journal,
        snapshots=snapshots,
        store=ports.store,
        disk=ports.disk,
        clock=ports.clock,
        spawn=ports.spawn,
    )


async def open_journal(
    charter: Charter, ports: Ports, snapshots: SnapshotFiles, *, segment_bytes_max: int = SEGMENT_BYTES_MAX
) -> FileJournal:
    """Open the centre's journal, which must reach as far as snapshot and index account for it."""
    newest = await snapshots.newest()
    indexed = await Index(ports.store, charter.domain).open()
    known = max(indexed.sequence, newest.sequence if newest else 0)
    return await FileJournal.open(
        ports.disk,
        JOURNAL,
        network_id=charter.domain.network_id,
        entropy=ports.entropy.bytes,
        at_least_sequence=known or -1,
        segment_bytes_max=segment_bytes_max,
    )


def boot_office(charter: Charter) -> Boot:
    """Starts the central bank's office."""

    async def boot(ports: Ports) -> ASGIApp:
        upgrade(ports.store.engine, office_migrations)
        office = CentralBankOffice(
            OfficePorts(clock=ports.clock, network=ports.network, store=ports.store, spawn=ports.spawn),
            OfficeSettings(operator_key=charter.key(OFFICE), registration_url=url_of(CENTRE)),
        )
        await office.start()
        return create_central_bank_app(
            office, clock=ports.clock, registry=CollectorRegistry(), instance=_instance(ports)
        )

    return boot


def boot_institution(charter: Charter, home: int) -> Boot:
    """Starts an operating institution under the packaged policy."""
    name = bank_of(home)
    settings = InstitutionSettings(
        home=home,
        name=f"Bank {home}",
        registration=url_of(CENTRE),
        central_bank=url_of(OFFICE),
        peers={other: url_of(bank_of(other)) for other in HOMES if other != home},
        endorser=charter.key(f"{name}/endorser"),
        vault=charter.key(f"{name}/vault"),
        teller_key=charter.key(f"{name}/{TELLER}").public_key,
        policy=packaged_policy(),
    )

    async def boot(ports: Ports) -> ASGIApp:
        upgrade(ports.store.engine, migrations)
        institution = await Institution.open(
            settings,
            InstitutionPorts(
                clock=ports.clock,
                entropy=ports.entropy,
                network=ports.network,
                outside=ports.network,
                store=ports.store,
                spawn=ports.spawn,
            ),
        )
        await institution.start()
        _ = ports.spawn.task(_stand_by(institution.failed), name=f"failure of {name}")
        return create_institution_app(
            institution, clock=ports.clock, registry=CollectorRegistry(), instance=_instance(ports)
        )

    return boot


def _instance(ports: Ports) -> str:
    return ports.entropy.bytes(INSTANCE_BYTES).hex()


async def _stand_by(failed: Callable[[], Awaitable[TongbaoError | None]]) -> None:
    """Fail when the role steps down, so that the world notices."""
    error = await failed()
    if error is not None:
        raise error
