"""What every part of an institution works with: its settings, its ports, and what it knows of ledger and wallets."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.genesis import Genesis
from tongbao.coin.suites import PublicKey
from tongbao.errors import RefusedError, RequestError, WalletMovedError
from tongbao.institutions.customers.lock_book import LockBook
from tongbao.institutions.policy import Limits, Policy
from tongbao.institutions.ports import Ports
from tongbao.institutions.retention import KEPT, Retention
from tongbao.institutions.secret import InstitutionSecrets
from tongbao.institutions.settlement.ledger import Ledger
from tongbao.institutions.tables import AnyRow, wallets
from tongbao.protocol.outside import Network as OutsideNetwork
from tongbao.protocol.wallet import WalletClass
from tongbao.statements import Among
from tongbao.vaults.bank import BankVault

__all__ = ["PREPARATION_MS", "InstitutionSettings", "Premises", "WalletFacts", "WalletRegister"]

PREPARATION_MS = 120_000
"""How long a signed transaction may take to settle; wallets' default too."""

# Half a kilobyte each: every wallet that is active at one time.
_WALLETS_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionSettings:
    """What an operator decides.

    Attributes:
        home: the institution's number.
        name: for people.
        registration: where the registration centre answers.
        central_bank: where the central bank's office answers.
        peers: where the other institutions answer, by home.
        endorser: signs submissions, acceptances and requests to others.
        vault: owns the institution's coins; what the institution derives follows from it, too.
        teller_key: the public key of its tellers.
        policy: limits of wallets.
        code_gateway: where codes for telephones are sent from; "" for nowhere.
        webhook_networks: where webhooks may go besides addresses that anybody can reach.
        retention: how long what nobody needs for money is kept.
    """

    home: int
    name: str
    registration: str
    central_bank: str
    peers: Mapping[int, str]
    endorser: SigningKey = field(repr=False)
    vault: SigningKey = field(repr=False)
    teller_key: bytes
    policy: Policy
    code_gateway: str = ""
    webhook_networks: tuple[OutsideNetwork, ...] = ()
    retention: Retention = KEPT


@dataclass(frozen=True, slots=True)
class WalletFacts:
    """What hardly ever changes of a wallet; whoever changes it lets the register forget it.

    Attributes:
        closing_ms: since when nobody can pay it any more; None while it is open.
        closed_ms: since when it is closed.
        moved_to: the holder's address at another home, or "".
    """

    wallet_id: bytes
    customer_id: int
    account_id: int
    main_key: PublicKey
    wallet_class: WalletClass
    kind: str
    holder_name: str
    closing_ms: int | None = None
    closed_ms: int | None = None
    moved_to: str = ""

    def demand_payable(self) -> None:
        """Return unless the wallet is closing or closed, and so takes no money.

        Raises:
            RefusedError: WALLET_MOVED with the address that its holder has now, or WALLET_CLOSED.
        """
        if self.closing_ms is None:
            return
        if self.moved_to:
            raise WalletMovedError(
                f"the holder of this wallet has moved to another institution, and is paid at {self.moved_to}",
                moved_to=self.moved_to,
                code="WALLET_MOVED",
                field="address",
                cure=f"pay {self.moved_to}",
            )
        raise RefusedError(
            "the wallet is being closed, and takes no money any more",
            code="WALLET_CLOSED",
            field="wallet_id",
            cure="ask its holder for another address; who holds it can open it again",
        )


_FACTS = Among(
    lambda wallet_ids: sa.select(
        wallets.c.wallet_id,
        wallets.c.customer_id,
        wallets.c.account_id,
        wallets.c.main_key,
        wallets.c.wallet_class,
        wallets.c.kind,
        wallets.c.holder_name,
        wallets.c.closing_ms,
        wallets.c.closed_ms,
        wallets.c.moved_to,
    ).where(wallets.c.wallet_id.in_(wallet_ids))
)


class WalletRegister:
    """Remembers the facts of wallets that were used lately."""

    def __init__(self) -> None:
        self._facts: OrderedDict[bytes, WalletFacts] = OrderedDict()

    def remembered(self, wallet_id: bytes) -> WalletFacts | None:
        """The facts, if they are in memory."""
        return self._facts.get(wallet_id)

    def find_all(self, connection: sa.Connection, wallet_ids: Iterable[bytes]) -> dict[bytes, WalletFacts]:
        """The facts of those wallets that there are."""
        wanted = dict.fromkeys(wallet_ids)
        missing = [wallet_id for wallet_id in wanted if wallet_id not in self._facts]
        for row in _FACTS.all(connection, missing):
            self._remember(row)
        return {wallet_id: self._facts[wallet_id] for wallet_id in wanted if wallet_id in self._facts}

    def find(self, connection: sa.Connection, wallet_id: bytes) -> WalletFacts:
        """The facts of a wallet; raises where there is no such wallet here."""
        found = self._facts.get(wallet_id) or self.find_all(connection, [wallet_id]).get(wallet_id)
        if found is None:
            raise wallet_unknown(wallet_id)
        return found

    def forget(self, wallet_id: bytes) -> None:
        """Read the wallet's facts anew, the next time that somebody asks: they have changed."""
        self._facts.pop(wallet_id, None)

    def _remember(self, row: AnyRow) -> None:
        facts = WalletFacts(
            wallet_id=row.wallet_id,
            customer_id=row.customer_id,
            account_id=row.account_id,
            main_key=PublicKey.decode(row.main_key),
            wallet_class=WalletClass(row.wallet_class),
            kind=row.kind,
            holder_name=row.holder_name,
            closing_ms=row.closing_ms,
            closed_ms=row.closed_ms,
            moved_to=row.moved_to or "",
        )
        self._facts[row.wallet_id] = facts
        if len(self._facts) > _WALLETS_REMEMBERED:
            self._facts.popitem(last=False)


def wallet_unknown(wallet_id: bytes) -> RequestError:
    """There is no such wallet here."""
    return RequestError(
        f"this institution has no wallet {wallet_id.hex()}",
        code="WALLET_UNKNOWN",
        field="wallet_id",
        cure="open the wallet here first, or ask its own home",
    )


def key_reused() -> RequestError:
    """The same Idempotency-Key for something else."""
    return RequestError(
        "this Idempotency-Key came with another request before",
        code="IDEMPOTENCY_KEY_REUSED",
        field="idempotency-key",
        cure="choose a new key for a new change",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Shared by the parts of one institution.

    Attributes:
        settings: what the operator decided.
        genesis: of the network.
        domain: of the network.
        ports: the world.
        ledger: the registration centre.
        secrets: what only the institution can foresee.
        locks: hands locks out.
        wallets: facts of wallets.
        vault: the institution's own coins.
    """

    settings: InstitutionSettings
    genesis: Genesis
    domain: Domain
    ports: Ports
    ledger: Ledger
    secrets: InstitutionSecrets
    locks: LockBook
    wallets: WalletRegister
    vault: BankVault

    def limits_of(self, facts: WalletFacts) -> Limits:
        """The limits of a wallet's class now; refuses where no policy is in force."""
        policy = self.settings.policy
        # The ledger time of a test network may be any, as when a year of the past is replayed.
        if not self.genesis.test_network:
            policy.demand_in_force(self.ledger.time_ms)
        return policy.limits(facts.wallet_class)
