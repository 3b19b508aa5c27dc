"""The people of the simulated currency: holders of wallets, and the staff that sits at the desks of its offices.

A person outlives the wallet's process: what is wanted is wanted again, in the same words, until it is done or refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from tongbao.coin import Address, Approval, PublicKey, Transaction, approve_digest
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import BusyError, InvariantError, NetworkError, RequestError, WorldError
from tongbao.protocol.banking import BankOperation, BankOperationState, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.issuance import ApprovalRequest, Proposal
from tongbao.protocol.wallet import Deposit, DepositRequest
from tongbao.simulation.boots import TELLER
from tongbao.simulation.charter import CENTRE, OFFICE, Charter, bank_of, url_of
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.incarnation import LIVING, Incarnation
from tongbao.simulation.ports import Ports
from tongbao.simulation.world import World
from tongbao.wallets import CentreKeys, HomeAddress, Wallet, WalletKeys, WalletSetting, prepare_store
from tongbao.wallets import Ports as WalletPorts

__all__ = ["GivenUpError", "Person", "Staff", "persist"]

T = TypeVar("T")

ATTEMPTS_MAX: Final = 60
"""With a pause of a second at most: no role is away for a minute."""

PAUSE_S: Final = 0.25
PAUSE_S_MAX: Final = 2.0
LOOKS_MAX: Final = 1_200
"""Five minutes, where all that an operation waits for is away for seconds."""

PATIENCE: Final = Patience(timeout_s=1.5, attempts_max=3)
"""Less than a program's, so that people meet more of what goes wrong."""

_ENDED: Final = frozenset({BankOperationState.SETTLED, BankOperationState.REFUSED, BankOperationState.EXPIRED})
_FOR_NOW: Final = frozenset({"IDEMPOTENCY_KEY_IN_USE"})


class GivenUpError(InvariantError):
    """Nobody is away for that long: something hangs."""


async def persist(wish: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Ask for it until it is done or refused; crashes and silence on the way are all the same."""
    last: BaseException | None = None
    for attempt in range(ATTEMPTS_MAX):
        try:
            return await wish()
        except (CrashedError, WorldError, BusyError) as error:
            last = error
        except RequestError as error:
            if error.code not in _FOR_NOW:
                raise
            last = error
        await asyncio.sleep(min(PAUSE_S * (attempt + 1), PAUSE_S_MAX))
    raise GivenUpError(f"{what}: no end after {ATTEMPTS_MAX} attempts, the last: {last!r}")


class Person:
    """Somebody with a wallet, which is a role of its own and may die at any moment.

    Attributes:
        name: of the person and the role.
        home: where the wallet is.
        role: the process.
        address: where to pay the person.
        wallet_id: of the wallet.
    """

    def __init__(self, world: World, charter: Charter, name: str, home: int) -> None:
        keys = WalletKeys(charter.wallet_seed(name), charter.domain)
        self.name = name
        self.home = home
        self.dice = world.dice_of(f"person/{name}")
        self.role = world.role(name, self._boot)
        self.address = str(Address(home, keys.wallet_id, charter.genesis.test_network))
        self.wallet_id = keys.wallet_id
        self._keys = keys
        self._charter = charter
        self._wallet: Wallet | None = None
        self._life: Incarnation | None = None

    async def wish(self, action: Callable[[Wallet], Awaitable[T]], *, what: str) -> T:
        """Do something with the wallet until it is done or refused."""

        async def once() -> T:
            async def act() -> T:
                if self._wallet is None or self._life is not LIVING.get():
                    raise NetworkError("the wallet is starting")
                return await action(self._wallet)

            return await self.role.perform(act(), name=f"{self.name}: {what}")

        return await persist(once, what=f"{self.name}: {what}")

    async def _boot(self, ports: Ports) -> None:
        await prepare_store(ports.store)
        wallet = self._made(ports)
        await wallet.start()
        self._wallet, self._life = wallet, LIVING.get()

    def _made(self, ports: Ports) -> Wallet:
        genesis = self._charter.genesis
        setting = WalletSetting(
            genesis=genesis,
            home=HomeAddress(self.home, url_of(bank_of(self.home))),
            centre_keys=CentreKeys(self._charter.domain, genesis.receipt_keys),
            centre_url=url_of(CENTRE),
            patience=PATIENCE,
        )
        return Wallet(
            self._keys,
            setting,
            WalletPorts(clock=ports.clock, entropy=ports.entropy, network=ports.network, store=ports.store),
        )


class Staff:
    """Tellers and officers, on machines that never fail."""

    def __init__(self, world: World, charter: Charter) -> None:
        self._charter = charter
        self._ports: Ports | None = None
        self._keys_used = 0
        self.role = world.role("staff", self._boot)

    async def _boot(self, ports: Ports) -> None:
        self._ports = ports

    def _client(self, role: str, key_id: str, key: SigningKey) -> SignedClient:
        if self._ports is None:
            raise InvariantError("the staff has not come yet")
        return SignedClient(
            network=self._ports.network,
            clock=self._ports.clock,
            base_url=url_of(role),
            key_id=key_id,
            sign=key.sign,
            patience=PATIENCE,
        )

    def _teller(self, home: int) -> SignedClient:
        return self._client(bank_of(home), TELLER, self._charter.key(f"{bank_of(home)}/{TELLER}"))

    def _new_key(self, what: str) -> str:
        self._keys_used += 1
        return f"{what}-{self._keys_used}"

    async def deposit(self, person: Person, amount_fen: int) -> None:
        """Take cash for somebody's deposit account."""
        request = DepositRequest(wallet_id=person.wallet_id, amount_fen=amount_fen)
        teller, key = self._teller(person.home), self._new_key("deposit")
        await persist(
            lambda: teller.post("/v1/deposits", request, Deposit, idempotency_key=key), what=f"deposit of {person.name}"
        )

    async def report(self, home: int) -> BankReport:
        """An institution's books."""
        teller = self._teller(home)
        return await persist(lambda: teller.get("/v1/bank/report", BankReport), what=f"report of home {home}")

    async def issue(self, home: int, amount_fen: int) -> BankOperation:
        """Bring money into a vault."""
        return await self._operate(home, "issuance", RequestIssuance(amount_fen=amount_fen, coins=2))

    async def redeem(self, home: int, amount_fen: int) -> BankOperation:
        """Give money from a vault back."""
        return await self._operate(home, "redemption", RequestRedemption(amount_fen=amount_fen))

    async def _operate(self, home: int, kind: str, request: RequestIssuance | RequestRedemption) -> BankOperation:
        """Ask for it, let officers approve it once it is proposed, and wait for its end."""
        teller, key, what = self._teller(home), self._new_key(kind), f"{kind} of home {home}"
        operation = await persist(
            lambda: teller.post(f"/v1/bank/{kind}", request, BankOperation, idempotency_key=key), what=what
        )
        path = f"/v1/bank/operations/{operation.operation_id.hex()}"
        approved = False
        for _ in range(LOOKS_MAX):
            if operation.state in _ENDED:
                return operation
            if operation.proposal_id and not approved:
                await self._approve(operation.proposal_id)
                approved = True
            await asyncio.sleep(PAUSE_S)
            operation = await persist(lambda: teller.get(path, BankOperation), what=what)
        raise GivenUpError(f"{what} is {operation.state} for ever")

    async def _approve(self, proposal_id: str) -> None:
        for officer in self._charter.officers():
            await persist(partial(self._approve_as, officer, proposal_id), what="an approval")

    async def _approve_as(self, officer: SigningKey, proposal_id: str) -> Proposal:
        domain = self._charter.domain
        desk = self._client(OFFICE, f"officer:{officer.public_key.hex()}", officer)
        proposal = await desk.get(f"/v1/proposals/{proposal_id}", Proposal)
        digest = approve_digest(Transaction.decode(proposal.transaction).id(domain), domain)
        approval = Approval(PublicKey.ed25519(officer.public_key), officer.sign(digest))
        key = f"approval-{proposal_id}-{officer.public_key.hex()[:16]}"
        path, request = f"/v1/proposals/{proposal_id}/approvals", ApprovalRequest(approval=approval.encode())
        return await desk.post(path, request, Proposal, idempotency_key=key)
