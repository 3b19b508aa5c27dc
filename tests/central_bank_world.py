"""A central bank's office beside a real registration centre, speaking over HTTP without a server."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from starlette.types import ASGIApp

from tests.builders import (
    ALICE,
    CENTRAL_BANK,
    DOMAIN,
    INSTITUTIONS,
    Spend,
    bytes32,
    key_lock,
    public_key,
    signed,
    signer,
)
from tests.registration_world import CentreWorld
from tongbao.adapters.migration import upgrade
from tongbao.adapters.network import Answer
from tongbao.adapters.spawn import TaskSpawn
from tongbao.adapters.store import SqlStore
from tongbao.centres.central_bank import migrations
from tongbao.centres.central_bank.office import AskedUnder, CentralBankOffice, OfficeSettings
from tongbao.centres.central_bank.ports import Ports
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Approval, approve_digest
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import NetworkError
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.issuance import (
    ApprovalRequest,
    IssuanceRequest,
    Proposal,
    ProposalState,
    RedemptionRequest,
    WantedCoin,
)
from tongbao.protocol.registration import HeartbeatRequest
from tongbao.service.central_bank.app import create_central_bank_app
from tongbao.service.registration.app import create_registration_app
from tongbao.simulation.asgi import deliver
from tongbao.vaults.issuance import redeem_body

REGISTRATION, OFFICE = "http://registration.example", "http://office.example"
IMPATIENT = Patience(attempts_max=1)


@dataclass
class DirectNetwork:
    """The Network port, straight into applications.

    Attributes:
        apps: by base URL.
        silent: base URLs that answer nobody.
    """

    apps: dict[str, ASGIApp] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        del timeout_s
        party = "/".join(url.split("/")[:3])
        if party in self.silent or party not in self.apps:
            raise NetworkError(f"no answer from {party}")
        return await deliver(self.apps[party], method, url, headers=headers, body=body)


@dataclass
class OfficeWorld:
    """Everything around one office.

    Attributes:
        directory: where databases lie.
        ledger: around the registration centre.
        centre: running.
        network: between them.
    """

    directory: Path
    ledger: CentreWorld
    centre: RegistrationCentre
    network: DirectNetwork
    operator_key: SigningKey = field(default_factory=lambda: signer(CENTRAL_BANK))
    _open: list[tuple[CentralBankOffice, SqlStore, TaskSpawn]] = field(default_factory=list)

    @classmethod
    async def make(cls, directory: Path) -> "OfficeWorld":
        ledger = CentreWorld(directory)
        centre = await ledger.open()
        app = create_registration_app(centre, clock=ledger.clock, registry=ledger.registry)
        return cls(directory, ledger, centre, DirectNetwork({REGISTRATION: app}))

    async def open(self) -> CentralBankOffice:
        """A started office; open after close is a restart."""
        store = SqlStore.open(f"sqlite:///{self.directory}/office.sqlite")
        upgrade(store.engine, migrations)
        spawn = TaskSpawn()
        ports = Ports(clock=self.ledger.clock, network=self.network, store=store, spawn=spawn)
        settings = OfficeSettings(operator_key=self.operator_key, registration_url=REGISTRATION, patience=IMPATIENT)
        office = CentralBankOffice(ports, settings)
        self._open.append((office, store, spawn))
        await office.start()
        self.network.apps[OFFICE] = create_central_bank_app(office, clock=self.ledger.clock)
        return office

    async def close_office(self) -> None:
        for office, store, spawn in self._open:
            await office.stop()
            await spawn.close()
            await store.close()
        self._open.clear()

    async def close(self) -> None:
        await self.close_office()
        await self.centre.stop()
        await self.ledger.close()

    def client(self, key_id: str, number: int, *, url: str = OFFICE) -> SignedClient:
        """Speak with a role as whoever has the key of that number."""
        return SignedClient(
            network=self.network,
            clock=self.ledger.clock,
            base_url=url,
            key_id=key_id,
            sign=signer(number).sign,
            patience=IMPATIENT,
        )

    def as_officer(self, number: int) -> SignedClient:
        return self.client(f"officer:{public_key(number).key.hex()}", number)

    def as_home(self, home: int, *, url: str = OFFICE) -> SignedClient:
        return self.client(f"home:{home}", INSTITUTIONS[home], url=url)

    async def ledger_time_passes(self, milliseconds: int) -> None:
        """Ledger time goes on by a heartbeat."""
        await self.ledger.clock.advance(milliseconds)
        await self.centre.heartbeat(HeartbeatRequest(time_ms=self.ledger.clock.now_ms()))


def asked(name: str = "request") -> AskedUnder:
    digest = sha256(name.encode()).digest()
    return AskedUnder(digest, digest)


def wanted(*values: int, owner: int = ALICE) -> IssuanceRequest:
    """Coins of these values; each lock is one that the owner's key opens."""
    locks = [key_lock(owner, salt=salt).id(DOMAIN) for salt in range(len(values))]
    coins = [WantedCoin(lock_id=lock, value=value) for lock, value in zip(locks, values, strict=True)]
    return IssuanceRequest(coins=coins)


def approval(proposal: Proposal, number: int) -> ApprovalRequest:
    """The approval of the officer with that key."""
    digest = approve_digest(proposal.transaction_id, DOMAIN)
    return ApprovalRequest(approval=Approval(public_key(number), signer(number).sign(digest)).encode())


async def approved(office: CentralBankOffice, proposal: Proposal, *officers: int) -> Proposal:
    """The proposal after these officers' approvals, and what the ledger said to them if they were enough."""
    for number in officers:
        await office.approve(proposal.proposal_id, approval(proposal, number))
    after = await office.proposal(proposal.proposal_id, home=None)
    if after.state == ProposalState.APPROVED and after.kind != "redeem":
        return await ended(office, after)
    return after


async def ended(office: CentralBankOffice, proposal: Proposal) -> Proposal:
    """The proposal once it is settled, refused or expired."""
    async with asyncio.timeout(10):
        while True:
            found = await office.proposal(proposal.proposal_id, home=None)
            if found.state not in {ProposalState.PENDING, ProposalState.APPROVED}:
                return found
            await asyncio.sleep(0.01)


def redemption(spends: Sequence[Spend], *, expiry_ms: int, reference: int = 0) -> RedemptionRequest:
    """A redeem transaction that the coins' owner has signed."""
    body = redeem_body([each.input for each in spends], expiry_ms=expiry_ms, reference=bytes32(reference))
    return RedemptionRequest(transaction=signed(body, spends=spends).encode())
