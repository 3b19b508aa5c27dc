"""A registration centre on a simulated disk, with a clock that a test moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from tests.builders import (
    ALICE,
    CENTRE,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    coin,
    issue,
    signer,
    spend_of,
    submission,
    transfer,
)
from tests.kernel_builders import KERNEL
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.centre import RegistrationCentre, RegistrationPorts, RegistrationSettings
from tongbao.centres.registration.log_running import LogSettings
from tongbao.centres.registration.log_writer import LogKeys
from tongbao.centres.registration.supply_stating import SupplySettings
from tongbao.coin import Batch, Domain, Genesis, Receipt, Submission, Transaction
from tongbao.coin.ed25519 import SigningKey
from tongbao.kernel import Kernel, Status
from tongbao.kernel.applied import VERDICT
from tongbao.protocol.registration import SubmissionAnswer, SubmissionRequest
from tongbao.simulation.disk import Platter

JOURNAL = "data/journal"
SNAPSHOTS = "data/snapshots"
LOG = "data/log"
SHORT_S = 1.0  # pauses below this are slept, longer ones last until a test moves the clock


class HandClock:
    """The Clock port, moved by a test."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._sleeping: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        if seconds < SHORT_S:
            await asyncio.sleep(seconds)
            return
        woken = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now_ms + round(seconds * 1000), woken))
        await woken

    async def advance(self, milliseconds: int) -> None:
        """Move on, and let those who have slept enough do their work."""
        self._now_ms += milliseconds
        due = [woken for until_ms, woken in self._sleeping if until_ms <= self._now_ms]
        self._sleeping = [each for each in self._sleeping if each[0] > self._now_ms]
        for woken in due:
            if not woken.done():
                woken.set_result(None)
        await settle_down()


async def settle_down() -> None:
    """Let every task go on until it waits for something else; a thread that commits gets a moment, too."""
    for _ in range(100):
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    for _ in range(100):
        await asyncio.sleep(0)


@dataclass
class CentreWorld:
    """Everything around one centre; `open` after `open` is a restart.

    Attributes:
        directory: where the index lies.
        genesis: of the network.
        platter: the disk of journal and snapshots.
        clock: the wall clock.
        follows_wall: where ledger time comes from.
        supply: how statements of the supply are made; None where none are.
        log_keys: sign its transparency log; None keeps none.
    """

    directory: Path
    genesis: Genesis = GENESIS
    platter: Platter = field(default_factory=lambda: Platter(seed=0))
    clock: HandClock = field(default_factory=lambda: HandClock(GENESIS_TIME_MS + 1_000))
    follows_wall: bool = True
    journal_class: type[FileJournal] = FileJournal
    kernel_class: type[Kernel] = KERNEL
    store_class: type[SqlStore] = SqlStore
    receipt_key: SigningKey = field(default_factory=lambda: signer(CENTRE))
    supply: SupplySettings | None = None
    log_keys: LogKeys | None = None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _stores: list[SqlStore] = field(default_factory=list)
    _spawns: list[TaskSpawn] = field(default_factory=list)

    @property
    def domain(self) -> Domain:
        return self.genesis.domain()

    async def open_journal(self) -> FileJournal:
        return await self.journal_class.open(
            self.platter.mount(), JOURNAL, network_id=self.domain.network_id, entropy=Random(0).randbytes
        )

    async def build(self, *, genesis_written: bool = True) -> RegistrationCentre:
        """A centre that has not started, on a journal that has its genesis."""
        journal = await self.open_journal()
        if journal.last_sequence < 0 and genesis_written:
            await journal.append(0, [self.genesis.encode()])
        store = self.store_class.open(f"sqlite:///{self.directory}/index.sqlite", durable=False)
        spawn = TaskSpawn()
        self._stores.append(store)
        self._spawns.append(spawn)
        self.registry = CollectorRegistry()
        disk = self.platter.mount()
        ports = RegistrationPorts(
            journal=journal,
            snapshots=SnapshotFiles(disk, SNAPSHOTS, network_id=self.domain.network_id),
            store=store,
            disk=disk,
            clock=self.clock,
            spawn=spawn,
        )
        settings = RegistrationSettings(
            receipt_key=self.receipt_key,
            kernel_class=self.kernel_class,
            directory=JOURNAL,
            follows_wall=self.follows_wall,
            supply=self.supply,
            log=None if self.log_keys is None else LogSettings(directory=LOG, keys=self.log_keys),
        )
        return RegistrationCentre(ports, settings, registry=self.registry)

    async def open(self) -> RegistrationCentre:
        centre = await self.build()
        await centre.start()
        await settle_down()
        return centre

    async def kill(self) -> None:
        """End the process without letting it tidy up: its disk goes first."""
        self.platter.kill()
        await self.close()

    async def close(self) -> None:
        """Let go of what the centres left behind."""
        for spawn in self._spawns:
            await spawn.close()
        for store in self._stores:
            await store.close()
        self._spawns.clear()
        self._stores.clear()

    async def batches(self) -> list[Batch]:
        """The journal's batches, read by somebody else once the centre is stopped."""
        journal = await self.open_journal()
        found = [Batch.decode(record) async for _, record in journal.read(1)]
        await journal.close()
        return found

    def lose_index(self) -> None:
        """Delete the index's files."""
        for path in self.directory.glob("index.sqlite*"):
            path.unlink()

    def count(self, table: str) -> int:
        """How many rows a table of the index has, or those of it that a condition names."""
        engine = sa.create_engine(f"sqlite:///{self.directory}/index.sqlite")
        with engine.connect() as connection:
            rows = int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608
        engine.dispose()
        return rows

    def outcomes(self) -> int:
        """How many transactions the index knows to have settled."""
        engine = sa.create_engine(f"sqlite:///{self.directory}/index.sqlite")
        with engine.connect() as connection:
            verdicts = connection.exec_driver_sql("SELECT verdicts FROM batches").scalars().all()
        engine.dispose()
        return sum(status == Status.SETTLED for each in verdicts for _, status in VERDICT.iter_unpack(each))


async def hand_in(
    centre: RegistrationCentre,
    transactions: Sequence[Transaction] | Submission,
    *,
    home: int = 1,
    domain: Domain = DOMAIN,
) -> SubmissionAnswer:
    """Let a home hand in transactions, or a submission that exists already."""
    endorsed = (
        transactions if isinstance(transactions, Submission) else submission(transactions, home=home, domain=domain)
    )
    return await centre.submit(SubmissionRequest(submission=endorsed.encode()), caller=home)


def statuses(answer: SubmissionAnswer) -> list[str]:
    return [verdict.status for verdict in answer.verdicts]


def proofs(answer: SubmissionAnswer) -> list[Receipt]:
    return [Receipt.decode(verdict.receipt) for verdict in answer.verdicts]


async def issued(centre: RegistrationCentre, count: int, *, value: int = 10, home: int = 1) -> Transaction:
    """Coins of Alice's at the home, as many as `count`; the same ones each time."""
    made = issue([coin(value, owner=ALICE, salt=salt, home=home) for salt in range(count)])
    assert statuses(await hand_in(centre, [made], home=0)) == ["SETTLED"]
    return made


def payment(source: Transaction, index: int, *, to: int, reference: int = 0) -> Transaction:
    """Alice's coin, output `index` of what `issued` made, to somebody at the same home."""
    before = source.body.outputs[index]
    paid = coin(before.value, owner=to, salt=5_000 + index, home=before.home)
    return transfer([spend_of(source, index, owner=ALICE, salt=index)], [paid], reference=reference)
