"""Where a network's journal is, in files or at servers, and reading the whole of it from there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_verify import verify_journal
from tongbao.adapters.nats_place import NatsPlace, parse_servers
from tongbao.adapters.nats_verify import verify_nats_journal
from tongbao.centres.registration.journal import JournalReport
from tongbao.service.configuration import ClusterSettings, RegistrationConfiguration, load_configuration
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key

__all__ = ["ClusterJournal", "JournalPlace", "journal_of", "place_of", "verify"]


@dataclass(frozen=True, slots=True)
class ClusterJournal:
    """A network's journal at servers.

    Attributes:
        place: the servers.
        network_id: 32 bytes.
    """

    place: NatsPlace
    network_id: bytes

    def __str__(self) -> str:
        return str(self.place)


JournalPlace = Path | ClusterJournal
"""A directory of segment files, or servers."""


def place_of(cluster: ClusterSettings) -> NatsPlace:
    """The servers, with the key that this process shows them.

    Raises:
        ConfigurationError: the key file cannot be read.
    """
    key = None if cluster.key is None else read_key(cluster.key)
    return NatsPlace(servers=parse_servers(cluster.servers), key=key, authorities=cluster.authorities)


def journal_of(data: DataDirectory) -> JournalPlace:
    """Where the registration centre of the data directory keeps its journal.

    Raises:
        ConfigurationError: its configuration cannot be read.
    """
    path = data.config("registration")
    configuration = load_configuration(path) if path.exists() else None
    if not isinstance(configuration, RegistrationConfiguration) or configuration.cluster is None:
        return data.journal
    return ClusterJournal(place_of(configuration.cluster), bytes.fromhex(data.network.network_id))


async def verify(place: JournalPlace, check: Callable[[int, bytes], None]) -> JournalReport:
    """Read every record and report what was found; `check` is called with each and may refuse it.

    Raises:
        ConfigurationError: there is no journal.
        NetworkError: too few of its servers answer.
    """
    if isinstance(place, ClusterJournal):
        return await verify_nats_journal(place.place, network_id=place.network_id, check=check)
    disk = FileDisk()
    try:
        return await verify_journal(disk, str(place), check=check)
    finally:
        disk.close()
