"""What a registration centre is made of: the world as it reaches it, and how it works."""

from dataclasses import dataclass

from tongbao.centres.registration.journal import Journal, Snapshots, StateDigests
from tongbao.centres.registration.log_running import LogSettings
from tongbao.centres.registration.ports import Clock, Disk, Spawn, Store
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.coin.ed25519 import SigningKey
from tongbao.kernel import Kernel

__all__ = ["RegistrationPorts", "RegistrationSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPorts:
    """The world, as the registration centre reaches it.

    Attributes:
        journal: open, and nobody else's.
        snapshots: of the same network.
        store: the index; losing it costs a longer start.
        disk: the one that the journal lies on.
        clock: the wall clock.
        spawn: tasks and workers.
        digests: where replicas find the digests of the state; None where there are no replicas.
    """

    journal: Journal
    snapshots: Snapshots
    store: Store
    disk: Disk
    clock: Clock
    spawn: Spawn
    digests: StateDigests | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSettings:
    """How the centre works.

    Attributes:
        receipt_key: signs batch heads and outcomes; genesis or control admits it.
        kernel_class: the kernel that runs.
        directory: where the journal lies.
        follows_wall: whether ledger time follows the wall clock; otherwise, on test networks only, it moves by the
            heartbeats that are asked for and by nothing else.
        heartbeat_s: seconds of quiet after which a heartbeat lets ledger time go on.
        supply: how statements of the supply are made; None where none are.
        log: of the transparency log; None writes none.
    """

    receipt_key: SigningKey
    kernel_class: type[Kernel]
    directory: str
    follows_wall: bool = True
    heartbeat_s: float = 10.0
    supply: SupplySettings | None = None
    log: LogSettings | None = None
