"""The people of a replay: a wallet for each payer and a merchant for each payee, spread over the institutions."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tongbao.adapters.store import SqlStore
from tongbao.coin import Genesis
from tongbao.errors import InvariantError
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.service.connections import Connections
from tongbao.service.replay.rows import Row
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting

__all__ = ["Person", "Population", "open_population"]

OPENED_AT_ONCE = 16
SPARE_LOCKS = 4
STOCK_FIRST_MAX = 512
ASKED_MAX = 1_000  # some seconds; news of a payment at the other home takes a tenth of one

Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Person:
    """A holder and what the replay knows of their wallet.

    Attributes:
        name: as the file names them.
        home: the institution that serves the wallet.
        wallet: the wallet.
        expected_fen: what the wallet must hold after everything that settled.
        turn: orders of one merchant are made one after another, in the order of the rows.
    """

    name: str
    home: int
    wallet: Wallet
    expected_fen: int
    turn: asyncio.Lock

    async def catch_up(self) -> None:
        """Hear of every coin that has come, so that what is chosen next does not depend on when it came.

        Raises:
            InvariantError: the wallet does not come to hold what the replay has counted.
        """
        for _ in range(ASKED_MAX):
            if self.wallet.balance_fen == self.expected_fen:
                return
            await self.wallet.sync()
        raise InvariantError(f"{self.name} holds {self.wallet.balance_fen} fen and should hold {self.expected_fen}")


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, by name.

    Attributes:
        payers: who pays.
        payees: who is paid.
    """

    payers: Mapping[str, Person]
    payees: Mapping[str, Person]


async def open_population(
    connections: Connections,
    rows: Sequence[Row],
    *,
    wallet_class: WalletClass,
    seed: str,
    store: SqlStore,
    report: Report,
) -> Population:
    """Open every wallet with as many locks as its rows will need; who comes first in the file gets the first home."""
    paying = Counter(row.payer for row in rows)
    paid = Counter(row.payee for row in rows)
    opening = _Opening(connections, seed=seed, store=store, report=report, total=len(paying) + len(paid))
    payers = [
        opening.person("payer", place, name, rows=count, wallet_class=wallet_class)
        for place, (name, count) in enumerate(paying.items())
    ]
    # A shop is a company: class I, whose figures have no upper limit.
    payees = [
        opening.person("payee", place, name, rows=count, wallet_class=WalletClass.I)
        for place, (name, count) in enumerate(paid.items())
    ]
    opened = await asyncio.gather(*payers, *payees)
    return Population(
        {person.name: person for person in opened[: len(paying)]},
        {person.name: person for person in opened[len(paying) :]},
    )


class _Opening:
    def __init__(self, connections: Connections, *, seed: str, store: SqlStore, report: Report, total: int) -> None:
        self._genesis: Genesis = connections.data.genesis()
        self._domain = self._genesis.domain()
        self._seed = seed
        self._ports = Ports(
            network=connections.network, clock=connections.clock, entropy=connections.entropy, store=store
        )
        centre_keys = CentreKeys(self._domain, self._genesis.receipt_keys)
        self._settings = [
            WalletSetting(genesis=self._genesis, home=HomeAddress(place.home, place.url), centre_keys=centre_keys)
            for place in connections.data.network.institutions
        ]
        self._at_once = asyncio.Semaphore(OPENED_AT_ONCE)
        self._report = report
        self._total = total
        self._done = 0

    async def person(self, role: str, place: int, name: str, *, rows: int, wallet_class: WalletClass) -> Person:
        """Open one wallet; its keys follow from the seed, the role and the name."""
        setting = self._settings[place % len(self._settings)]
        secret = hashlib.sha256(f"tongbao replay/{self._seed}/{role}/{name}".encode()).digest()
        wallet = Wallet(WalletKeys(secret, self._domain), setting, self._ports)
        locks = rows + SPARE_LOCKS
        kind = WalletKind.CORPORATE if role == "payee" else WalletKind.PERSONAL
        async with self._at_once:
            await wallet.open(holder_name=name, wallet_class=wallet_class, kind=kind, stock=min(locks, STOCK_FIRST_MAX))
            if locks > STOCK_FIRST_MAX:
                await wallet.add_locks(locks - STOCK_FIRST_MAX)
            if role == "payee":
                await wallet.sales.register(name)
        self._done += 1
        self._report("opening wallets", self._done, self._total)
        return Person(name, setting.home.home, wallet, 0, asyncio.Lock())
