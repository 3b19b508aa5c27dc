"""Two institutions at work: a real registration centre, a real office, real databases, and a network without sockets.

    world = await InstitutionWorld.open(tmp_path)
    await world.fill_vault(home=1, amount_fen=100_000)
    world.network.lose_answers = 1          # the next request happens, and its answer is lost

Ledger time moves by `world.pass_time` alone.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

from starlette.types import ASGIApp

from tests.builders import CENTRAL_BANK, GENESIS, GENESIS_TIME_MS, INSTITUTIONS, OFFICERS, public_key, signer
from tests.institution_database import make_fresh
from tests.registration_world import CentreWorld, HandClock, settle_down
from tests.webhook_receiver import Receiver
from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.migration import upgrade
from tongbao.adapters.network import Answer
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.centres.central_bank import migrations as office_migrations
from tongbao.centres.central_bank.office import CentralBankOffice, OfficeSettings
from tongbao.centres.central_bank.ports import Ports as OfficePorts
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Approval, Genesis, Transaction, approve_digest
from tongbao.coin.control import AuthorityKind
from tongbao.errors import NetworkError
from tongbao.institutions import migrations
from tongbao.institutions.institution import Institution
from tongbao.institutions.policy import Policy, packaged_policy
from tongbao.institutions.ports import Ports
from tongbao.institutions.premises import InstitutionSettings
from tongbao.protocol.banking import BankOperation, BankOperationState, BankReport, RequestIssuance
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.issuance import ApprovalRequest, Proposal
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER, HeartbeatRequest
from tongbao.protocol.wire import Message
from tongbao.service.central_bank.app import create_central_bank_app
from tongbao.service.institution.app import create_institution_app
from tongbao.service.registration.app import create_registration_app
from tongbao.simulation.asgi import deliver

T = TypeVar("T")

CENTRE_URL = "http://centre"
OFFICE_URL = "http://office"
TELLER = 15
VAULTS = {1: 13, 2: 14}  # home: number of its vault key
GOING_ON = {BankOperationState.REQUESTED, BankOperationState.PROPOSED, BankOperationState.APPROVED}


def home_url(home: int) -> str:
    return f"http://home{home}"


@dataclass
class AsgiNetwork:
    """The Network port: applications by host, and the troubles of a network.

    Attributes:
        apps: who answers.
        lose_requests: how many of the next requests to `troubled` never arrive.
        lose_answers: how many of the next answers from there are lost.
        troubled: the part of a URL that has these troubles.
        before: called before each request that arrives.
        asked: method and URL of each request that arrived.
    """

    apps: dict[str, ASGIApp] = field(default_factory=dict)
    lose_requests: int = 0
    lose_answers: int = 0
    troubled: str = ""
    before: Callable[[str], None] = lambda _url: None
    asked: list[str] = field(default_factory=list)

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Deliver, or lose."""
        del timeout_s
        if self.troubled in url and self.lose_requests:
            self.lose_requests -= 1
            await asyncio.sleep(0)
            raise NetworkError("the request was lost")
        app = self.apps.get(url.split("/")[2])
        if app is None:
            raise NetworkError(f"nobody answers at {url}")
        self.asked.append(f"{method} {url}")
        self.before(url)
        answer = await deliver(app, method, url, headers=headers, body=body)
        if self.troubled in url and self.lose_answers:
            self.lose_answers -= 1
            raise NetworkError("the answer was lost")
        return answer


class SlowDisk:
    """A disk whose next flush lasts until `go_on`: in its thread, as that of a disk that is known to be slow."""

    def __init__(self, store: SqlStore) -> None:
        self._writing, self._released = threading.Event(), threading.Event()
        self._commit = store._writer.commit
        store._commit_s = 1.0
        store._writer.commit = self._wait_and_commit  # type: ignore[method-assign]

    def _wait_and_commit(self) -> None:
        self._writing.set()
        assert self._released.wait(timeout=10)
        self._commit()

    def is_writing(self) -> bool:
        """Whether a commit waits."""
        return self._writing.is_set()

    def go_on(self) -> None:
        """Be a fast disk again."""
        self._released.set()


@dataclass
class InstitutionWorld:
    """Everything around two institutions.

    Attributes:
        directory: where the databases lie.
        centre_world: what is around the centre.
        centre: the registration centre.
        network: between all of them.
        outside: the one server outside that merchants name.
        homes: institutions that run.
        policy: of both.
        genesis: of the network.
        code_gateway: where institutions that start from now on send codes from; "" for nowhere.
    """

    directory: Path
    centre_world: CentreWorld
    centre: RegistrationCentre
    network: AsgiNetwork
    genesis: Genesis = GENESIS
    policy: Policy = field(default_factory=packaged_policy)
    clock: HandClock = field(default_factory=lambda: HandClock(GENESIS_TIME_MS))
    outside: Receiver = field(init=False)
    homes: dict[int, Institution] = field(default_factory=dict)
    stores: dict[int, SqlStore] = field(default_factory=dict)
    _spawns: dict[int, TaskSpawn] = field(default_factory=dict)
    code_gateway: str = ""
    _keys: int = 0
    _lives: int = 0

    def __post_init__(self) -> None:
        self.outside = Receiver(self.clock)

    @classmethod
    async def open(cls, directory: Path, *, policy: Policy | None = None, genesis: Genesis = GENESIS) -> Self:
        """A network with its centre and both institutions running."""
        centre_world = CentreWorld(directory, genesis=genesis, follows_wall=False)
        centre = await centre_world.open()
        network = AsgiNetwork()
        world = cls(directory, centre_world, centre, network, genesis=genesis)
        world.policy = policy or world.policy
        world.centre_world.clock = world.clock
        network.apps["centre"] = create_registration_app(centre, clock=world.clock)
        await world._open_office()
        for home in INSTITUTIONS:
            await world.start(home)
        return world

    async def _open_office(self) -> None:
        store = SqlStore.open(f"sqlite:///{self.directory}/office.sqlite", durable=False)
        upgrade(store.engine, office_migrations)
        spawn = TaskSpawn()
        ports = OfficePorts(clock=self.clock, network=self.network, store=store, spawn=spawn)
        office = CentralBankOffice(
            ports, OfficeSettings(operator_key=signer(CENTRAL_BANK), registration_url=CENTRE_URL)
        )
        await office.start()
        self.stores[0], self._spawns[0] = store, spawn
        self.network.apps["office"] = create_central_bank_app(office, clock=self.clock)

    def settings(self, home: int) -> InstitutionSettings:
        return InstitutionSettings(
            home=home,
            name=f"Bank {home}",
            registration=CENTRE_URL,
            central_bank=OFFICE_URL,
            peers={other: home_url(other) for other in INSTITUTIONS if other != home},
            endorser=signer(INSTITUTIONS[home]),
            vault=signer(VAULTS[home]),
            teller_key=signer(TELLER).public_key,
            policy=self.policy,
            code_gateway=self.code_gateway,
        )

    async def start(self, home: int) -> Institution:
        """Start an institution on its database; again after `kill`."""
        self._lives += 1
        path = Path(self.directory, f"home{home}.sqlite")
        make_fresh(path)
        store = SqlStore.open(f"sqlite:///{path}", durable=False)
        upgrade(store.engine, migrations)
        spawn = TaskSpawn()
        ports = Ports(
            clock=self.clock,
            entropy=SeededEntropy(f"home {home} life {self._lives}"),
            network=self.network,
            outside=self.outside,
            store=store,
            spawn=spawn,
        )
        institution = await Institution.open(self.settings(home), ports)
        await institution.start()
        self.stores[home], self._spawns[home], self.homes[home] = store, spawn, institution
        self.network.apps[f"home{home}"] = create_institution_app(institution, clock=self.clock)
        return institution

    async def kill(self, home: int) -> None:
        """End an institution where it stands; its database stays."""
        del self.network.apps[f"home{home}"]
        await self._spawns.pop(home).close()
        await self.stores.pop(home).close()
        del self.homes[home]

    async def close(self) -> None:
        """End everything."""
        for home in list(self.homes):
            await self.kill(home)
        await self._spawns.pop(0).close()
        await self.stores.pop(0).close()
        await self.centre.stop()
        await self.centre_world.close()

    # --- asking -------------------------------------------------------------------------------------------------------

    def client(self, url: str, key_id: str, key: int, *, attempts_max: int = 1) -> SignedClient:
        """A party that asks at `url`."""
        return SignedClient(
            network=self.network,
            clock=self.clock,
            base_url=url,
            key_id=key_id,
            sign=signer(key).sign,
            patience=Patience(attempts_max=attempts_max),
        )

    def teller(self, home: int = 1) -> SignedClient:
        return self.client(home_url(home), "teller", TELLER)

    def new_key(self) -> str:
        """An Idempotency-Key that was never used."""
        self._keys += 1
        return f"key-{self._keys}"

    async def report(self, home: int = 1) -> BankReport:
        """The books, read after everything that has settled."""
        status = await self.centre.status()
        headers = {MINIMUM_SEQUENCE_HEADER: str(status.sequence)}
        return await self.teller(home).get("/v1/bank/report", BankReport, headers=headers)

    # --- time and money -----------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Ledger time."""
        return self.centre._running().ledger.kernel.time_ms

    async def pass_time(self, milliseconds: int) -> None:
        """Let ledger time go on, and every home know."""
        await self.centre.heartbeat(HeartbeatRequest(time_ms=self.now_ms + milliseconds))
        await self.catch_up()

    async def catch_up(self) -> None:
        """Let every home know of everything that has settled."""
        sequence = (await self.centre.status()).sequence
        for institution in self.homes.values():
            await institution.reach(sequence, with_coins=True)
        await settle_down()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens by itself; pauses of a second or more do not pass."""
        for _ in range(500):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    async def eventually(self, ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
        """What is answered once it is as it must become."""
        for _ in range(500):
            answer = await ask()
            if holds(answer):
                return answer
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    def slow_disk(self, home: int = 1) -> "SlowDisk":
        """Let the next commit of a home's database wait."""
        return SlowDisk(self.stores[home])

    async def until_settled(self, home: int) -> None:
        """Wait until no transaction of the home is without a final outcome."""
        for _ in range(500):
            if not (await self.report(home)).in_flight:
                return
            await self.clock.advance(1_000)
            await asyncio.sleep(0.01)
        raise AssertionError("a transaction has no outcome still")

    async def approve(self, proposal_id: str) -> None:
        """Let two officers approve."""
        for number in OFFICERS[AuthorityKind.ISSUANCE][:2]:
            officer = self.client(OFFICE_URL, f"officer:{signer(number).public_key.hex()}", number)
            proposal = await officer.get(f"/v1/proposals/{proposal_id}", Proposal)
            domain = self.genesis.domain()
            digest = approve_digest(Transaction.decode(proposal.transaction).id(domain), domain)
            approval = Approval(public_key(number), signer(number).sign(digest)).encode()
            path, request = f"/v1/proposals/{proposal_id}/approvals", ApprovalRequest(approval=approval)
            await officer.post(path, request, Proposal, idempotency_key=self.new_key())

    async def bank_operation(self, kind: str, request: Message, *, home: int = 1) -> BankOperation:
        """Ask for an issuance or a redemption, let officers approve it, and wait until it has ended."""
        teller = self.teller(home)
        path = f"/v1/bank/{kind}"
        operation = await teller.post(path, request, BankOperation, idempotency_key=self.new_key())
        await self.approve(operation.proposal_id)
        for _ in range(200):
            operation = await self.operation(operation.operation_id, home=home)
            if operation.state not in GOING_ON:
                return operation
            await asyncio.sleep(0.02)
        raise AssertionError(f"the operation is {operation.state} still")

    async def operation(self, operation_id: bytes, *, home: int = 1) -> BankOperation:
        headers = {MINIMUM_SEQUENCE_HEADER: str((await self.centre.status()).sequence)}
        return await self.teller(home).get(f"/v1/bank/operations/{operation_id.hex()}", BankOperation, headers=headers)

    async def fill_vault(self, amount_fen: int = 10_000_000, *, home: int = 1, coins: int = 1) -> BankOperation:
        """Issue money into the vault of a home."""
        return await self.bank_operation("issuance", RequestIssuance(amount_fen=amount_fen, coins=coins), home=home)
