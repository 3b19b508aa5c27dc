"""A data directory: everything that one network keeps on one machine, and where it lies.

```
DATA/network.json                 version, names, where each role answers
DATA/genesis.bin                  the genesis, in its canonical bytes
DATA/policy.json                  limits of wallets, where they are not the packaged ones
DATA/journal/                     the journal and its snapshots: the only truth
DATA/log.vkey, DATA/log.policy     public keys of the transparency log; whom it asks to cosign, and who suffices
DATA/registration/                config.toml, index.sqlite, receipt.key, log.key, log-cosigner.key
DATA/registration/log/            the transparency log, for anybody to read; log-book/ is its writer's own
DATA/central-bank/                config.toml, office.sqlite, operator.key, officers/<authority>-<n>.key
DATA/institution-<home>/          config.toml, institution.sqlite, redo/, endorser.key, vault.key, teller.key
DATA/witness/                     config.toml, witness.key, kept/: a supervisor's witness, where there are witnesses
DATA/sandbox/                     of `tongbao up`'s sandbox: mall/phrase, mall/wallet.sqlite, vault-<home>.json
DATA/wallets/                     wallets of the command line
DATA/logs/                        output of roles that run as processes
```
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tongbao.centres.central_bank.genesis import NetworkDescription, OfficerKeys, new_genesis
from tongbao.coin import Genesis, PublicKey
from tongbao.coin.control import AuthorityKind
from tongbao.errors import ConfigurationError
from tongbao.evidence.log_proof import origin_of
from tongbao.service.configuration import ClockChoice, ClusterSettings
from tongbao.service.key_file import write_key
from tongbao.service.log_keys import LOG_COSIGNER_KEY, LOG_KEY, LOG_VKEY, make_log_keys, read_vkeys, write_vkeys
from tongbao.service.network_witnesses import LOG_POLICY, WITNESS_ROLE, institution_lines, write_witnesses

__all__ = [
    "DATA_VERSION",
    "HOST",
    "REDO_FOLDER",
    "SANDBOX_NETWORK",
    "DataDirectory",
    "InstitutionPlace",
    "NetworkPlan",
    "RolePlace",
]

DATA_VERSION = 2
"""Raised when the layout changes; a directory of a later version is refused, one of an earlier is migrated."""

REDO_FOLDER = "redo"

SANDBOX_NETWORK = "Tongbao sandbox"
"""What `tongbao up` calls the networks that it makes. Genesis keeps the name: these, and no others, are played with."""

HOST = "127.0.0.1"
OFFICERS_PER_AUTHORITY = 3
_NOBODYS = frozenset({"lost+found"})
"""What lies in a directory that is empty for everybody: a new volume has it."""

OFFICERS_NEEDED = 2


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RolePlace(_Record):
    """A role of the network: its name, as "central-bank", and where it answers."""

    name: str
    url: str


class InstitutionPlace(RolePlace):
    """An institution of the network."""

    home: int
    title: str


class _Network(_Record):
    version: int
    name: str
    network_id: str
    test_network: bool
    registration: RolePlace
    central_bank: RolePlace
    institutions: list[InstitutionPlace]
    witness: RolePlace | None = None


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What a new network is to be.

    Attributes:
        name: for people.
        institutions: their names; the first becomes home 1.
        test_network: whether seeds and free heartbeats are allowed.
        time_ms: ledger time of genesis.
        quota_fen: the most that may be issued into each institution, net of redemption.
        ports: one for the registration centre, one for the central bank, one per institution.
        clock: where ledger time comes from.
        secret: draws 32 secret bytes for the named purpose; seeded on test networks only.
        policy: the policy file of every institution; None for the packaged one.
        cluster: the servers that keep the journal; None where it is kept in files.
        witness_port: of a supervisor's witness, which replays; with it each institution is a witness, too.
    """

    name: str
    institutions: Sequence[str]
    test_network: bool
    time_ms: int
    quota_fen: int
    ports: Sequence[int]
    clock: ClockChoice
    secret: Callable[[str], bytes]
    policy: bytes | None = None
    cluster: ClusterSettings | None = None
    witness_port: int | None = None


def seeded_secret(seed: str) -> Callable[[str], bytes]:
    """Secrets that follow from a seed: for test networks, whose money is nobody's."""
    return lambda purpose: hashlib.sha256(f"tongbao test network/{seed}/{purpose}".encode()).digest()


class DataDirectory:
    """An existing data directory.

    Attributes:
        root: its path.
        network: what network.json says.
    """

    def __init__(self, root: Path, network: _Network) -> None:
        self.root = root
        self.network = network

    @property
    def journal(self) -> Path:
        """Where the journal lies."""
        return self.root / "journal"

    @property
    def genesis_file(self) -> Path:
        """Where the genesis lies."""
        return self.root / "genesis.bin"

    @property
    def log_vkey(self) -> Path:
        """Where the public keys of the transparency log lie."""
        return self.root / LOG_VKEY

    def log_keys(self) -> list[str]:
        """The public keys of the transparency log, a line each; none before the first start of an older network."""
        return [key.encode() for key in read_vkeys(self.log_vkey)] if self.log_vkey.exists() else []

    @property
    def logs(self) -> Path:
        """Where the output of role processes goes."""
        return self.root / "logs"

    @property
    def wallets(self) -> Path:
        """Where the command line keeps wallets."""
        return self.root / "wallets"

    def config(self, role: str) -> Path:
        """The configuration file of the role."""
        return self.root / role / "config.toml"

    def roles(self) -> dict[str, tuple[Path, str]]:
        """Configuration and URL of every role by name, in the order in which they must start."""
        network = self.network
        places: list[RolePlace] = [network.registration, network.central_bank, *network.institutions]
        places += [network.witness] if network.witness else []
        return {place.name: (self.config(place.name), place.url) for place in places}

    def institution(self, home: int) -> InstitutionPlace:
        """The institution with that number.

        Raises:
            ConfigurationError: there is none.
        """
        for place in self.network.institutions:
            if place.home == home:
                return place
        known = ", ".join(str(place.home) for place in self.network.institutions)
        raise ConfigurationError(f"this network has no institution {home}; it has {known}")

    def officer_keys(self, authority: AuthorityKind) -> list[Path]:
        """Key files of an authority's officers that were made with the network."""
        folder = self.root / "central-bank" / "officers"
        return [folder / f"{authority.name.lower()}-{n}.key" for n in range(1, OFFICERS_PER_AUTHORITY + 1)]

    def genesis(self) -> Genesis:
        """The genesis of the network."""
        return Genesis.decode(self.genesis_file.read_bytes())

    @staticmethod
    def is_made(root: Path) -> bool:
        """Whether there is a network in the directory."""
        return (root / "network.json").exists()

    @classmethod
    def open(cls, root: Path) -> "DataDirectory":
        """The network in the directory.

        Raises:
            ConfigurationError: there is none, or it is of a version that this software does not read.
        """
        path = root / "network.json"
        try:
            network = _Network.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ConfigurationError(f"{root} holds no network ({error.strerror}): make one with tongbao up") from None
        except ValidationError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.errors()[0]['msg']}") from None
        if network.version < DATA_VERSION:
            raise ConfigurationError(
                f"{root} is of version {network.version}, this software works with version {DATA_VERSION}: "
                f"stop its roles and run tongbao migrate --data {root}"
            )
        if network.version > DATA_VERSION:
            raise ConfigurationError(
                f"{root} is of version {network.version}, this software works with version {DATA_VERSION}: "
                "install a newer one"
            )
        return cls(root, network)

    @classmethod
    def make(cls, root: Path, plan: NetworkPlan) -> "DataDirectory":
        """Make a new network in the directory, which must be empty or not there yet.

        Raises:
            ConfigurationError: it is not, or it cannot be written.
        """
        if cls.is_made(root):
            raise ConfigurationError(f"{root} holds a network already: choose another directory")
        if root.is_dir() and any(path.name not in _NOBODYS for path in root.iterdir()):
            raise ConfigurationError(f"{root} is not empty and holds no network: choose an empty or a new directory")
        try:
            root.mkdir(parents=True, exist_ok=True)
            network, genesis = _make_roles(root, plan)
            (root / "genesis.bin").write_bytes(genesis.encode())
            _make_log_keys(root, plan, genesis, network)
            if plan.policy is not None:
                (root / "policy.json").write_bytes(plan.policy)
            (root / "wallets").mkdir(exist_ok=True)
            # Last, because a directory counts as made once this file is there.
            (root / "network.json").write_text(
                json.dumps(network.model_dump(exclude_none=True), indent=2) + "\n", encoding="utf-8"
            )
        except OSError as error:
            raise ConfigurationError(f"cannot make a network in {root}: {error.strerror}") from None
        return cls(root, network)


def _make_roles(root: Path, plan: NetworkPlan) -> tuple[_Network, Genesis]:
    registration = RolePlace(name="registration", url=f"http://{HOST}:{plan.ports[0]}")
    central_bank = RolePlace(name="central-bank", url=f"http://{HOST}:{plan.ports[1]}")
    institutions = [
        InstitutionPlace(
            name=f"institution-{home}", url=f"http://{HOST}:{plan.ports[home + 1]}", home=home, title=title
        )
        for home, title in enumerate(plan.institutions, 1)
    ]
    genesis = _genesis(root, plan)
    network = _Network(
        version=DATA_VERSION,
        name=plan.name,
        network_id=genesis.domain().network_id.hex(),
        test_network=plan.test_network,
        registration=registration,
        central_bank=central_bank,
        institutions=institutions,
        witness=RolePlace(name=WITNESS_ROLE, url=f"http://{HOST}:{plan.witness_port}") if plan.witness_port else None,
    )
    _write_registration(root, plan)
    _write_central_bank(root, plan, registration)
    for place in institutions:
        _write_institution(root, plan, place, network)
    return network, genesis


def _make_log_keys(root: Path, plan: NetworkPlan, genesis: Genesis, network: _Network) -> None:
    folder = root / "registration"
    keys = make_log_keys(
        folder / LOG_KEY, folder / LOG_COSIGNER_KEY, network_id=genesis.domain().network_id, secret=plan.secret
    )
    write_vkeys(root / LOG_VKEY, keys)
    if network.witness is not None:
        urls = {each.name: each.url for each in (*network.institutions, network.witness)}
        write_witnesses(root, keys.key.verifier_key, network.registration.url, urls=urls, secret=plan.secret)


def _key(root: Path, plan: NetworkPlan, place: str) -> PublicKey:
    key = write_key(root / f"{place}.key", plan.secret(place))
    return PublicKey.ed25519(key.public_key)


def _genesis(root: Path, plan: NetworkPlan) -> Genesis:
    officers = {}
    for authority in AuthorityKind:
        places = [f"central-bank/officers/{authority.name.lower()}-{n}" for n in range(1, OFFICERS_PER_AUTHORITY + 1)]
        officers[authority] = OfficerKeys([_key(root, plan, place) for place in places], OFFICERS_NEEDED)
    endorsers = []
    for home in range(1, len(plan.institutions) + 1):
        endorsers.append(_key(root, plan, f"institution-{home}/endorser"))
        _key(root, plan, f"institution-{home}/vault")
        _key(root, plan, f"institution-{home}/teller")
    return new_genesis(
        NetworkDescription(
            name=plan.name,
            time_ms=plan.time_ms,
            test_network=plan.test_network,
            officers=officers,
            central_bank_key=_key(root, plan, "central-bank/operator"),
            institutions=endorsers,
            quota_fen=plan.quota_fen,
            receipt_keys=[_key(root, plan, "registration/receipt")],
        )
    )


def _write(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=True)


def _write_registration(root: Path, plan: NetworkPlan) -> None:
    _write(
        root / "registration" / "config.toml",
        [
            'role = "registration"',
            f'listen = {{ host = "{HOST}", port = {plan.ports[0]} }}',
            'genesis = "../genesis.bin"',
            'journal = "../journal"',
            'index = "sqlite:///index.sqlite"',
            'receipt_key = "receipt.key"',
            f'clock = "{plan.clock}"',
            *([f'witnesses = "../{LOG_POLICY}"'] if plan.witness_port else []),
            *(_cluster(plan.cluster) if plan.cluster else []),
        ],
    )


def _cluster(settings: ClusterSettings) -> list[str]:
    named = {"servers": settings.servers, "key": settings.key, "authorities": settings.authorities}
    return ["[cluster]", *(f"{name} = {_quoted(str(value))}" for name, value in named.items() if value is not None)]


def _write_central_bank(root: Path, plan: NetworkPlan, registration: RolePlace) -> None:
    _write(
        root / "central-bank" / "config.toml",
        [
            'role = "central-bank"',
            f'listen = {{ host = "{HOST}", port = {plan.ports[1]} }}',
            'database = "sqlite:///office.sqlite"',
            'key = "operator.key"',
            f"registration = {_quoted(registration.url)}",
        ],
    )


def _write_institution(root: Path, plan: NetworkPlan, place: InstitutionPlace, network: _Network) -> None:
    others = [peer for peer in network.institutions if peer.home != place.home]
    peers = [f"  {{ home = {peer.home}, url = {_quoted(peer.url)} }}," for peer in others]
    port = place.url.rpartition(":")[2]
    _write(
        root / place.name / "config.toml",
        [
            'role = "institution"',
            f"home = {place.home}",
            f"name = {_quoted(place.title)}",
            f'listen = {{ host = "{HOST}", port = {port} }}',
            'database = "sqlite:///institution.sqlite"',
            f'redo_log = "{REDO_FOLDER}"',
            'endorser_key = "endorser.key"',
            'vault_key = "vault.key"',
            'teller_key = "teller.key"',
            f"registration = {_quoted(network.registration.url)}",
            f"central_bank = {_quoted(network.central_bank.url)}",
            *(['policy = "../policy.json"'] if plan.policy else []),
            # Shops on this machine can be told, too: everything else of a network of one machine is here as well.
            'webhook_networks = ["127.0.0.0/8", "::1/128"]',
            "peers = [",
            *peers,
            "]",
            *(institution_lines(origin_of(bytes.fromhex(network.network_id)), place.name) if network.witness else []),
        ],
    )
