"""People who pay each other in a running currency, and what each must have once all that was planned has happened.

Everything follows from a seed: who lives where, who pays whom in which round, and so what every wallet must hold. The
driver, which is killed and started again, and the judge, who holds the end against the plan, both read it from here.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tongbao.adapters.store import SqlStore
from tongbao.protocol.client import Patience
from tongbao.service.configuration import ClockChoice
from tongbao.service.connections import Connections
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.processes import free_ports
from tongbao.wallets import CentreKeys, HomeAddress, PaymentKind, Ports, Wallet, WalletKeys, WalletSetting

PERSONS, SHOPS, HOMES = 6, 4, 2
FUNDED_FEN = 4_000  # per person and round; a round's deeds of one person cost less
FUNDED_IN_COINS = 2
DEEDS_PER_ROUND = 50
ISSUED_FEN, REDEEMED_FEN = 5_000_000, 70
BANK_DEEDS_PER_ROUND = 2
PATIENCE = Patience(timeout_s=10.0, attempts_max=3, pause_s_max=0.5)


@dataclass(frozen=True, slots=True)
class Resident:
    """A person or a shop.

    Attributes:
        name: as "person-3".
        home: the institution that serves the wallet.
        seed: of the wallet's keys.
    """

    name: str
    home: int
    seed: bytes

    @property
    def is_shop(self) -> bool:
        return self.name.startswith("shop")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to be done with money, exactly once, however often it is tried.

    Attributes:
        name: nobody else's.
        kind: who is paid: an order, a person, or the payer's own deposit.
        payer: name of a person.
        payee: name of a shop or a person; the payer for a deposit.
        amount_fen: how much.
        refund_fen: what the shop gives back of an order afterwards.
    """

    name: str
    kind: PaymentKind
    payer: str
    payee: str
    amount_fen: int
    refund_fen: int = 0


def residents_of(seed: int) -> list[Resident]:
    """Persons, then shops, spread over the homes."""
    names = [f"person-{n}" for n in range(PERSONS)] + [f"shop-{n}" for n in range(SHOPS)]
    return [
        Resident(name, place % HOMES + 1, hashlib.sha256(f"town {seed} {name}".encode()).digest())
        for place, name in enumerate(names)
    ]


def deeds_of(seed: int, number: int) -> list[Deed]:
    """What is to happen in a round."""
    dice = Random(f"{seed} {number}")
    return [_deed(dice, f"{number}-{place}") for place in range(DEEDS_PER_ROUND)]


def _deed(dice: Random, name: str) -> Deed:
    payer = f"person-{dice.randrange(PERSONS)}"
    amount_fen = dice.randint(3, 150)
    luck = dice.random()
    if luck < 0.65:
        refund_fen = dice.randint(1, amount_fen) if dice.random() < 0.2 else 0
        return Deed(name, PaymentKind.ORDER, payer, f"shop-{dice.randrange(SHOPS)}", amount_fen, refund_fen)
    if luck < 0.92:
        others = [f"person-{n}" for n in range(PERSONS) if f"person-{n}" != payer]
        return Deed(name, PaymentKind.PERSON, payer, dice.choice(others), amount_fen)
    return Deed(name, PaymentKind.DEPOSIT, payer, payer, amount_fen)


def expected_fen(seed: int, rounds: Sequence[int]) -> Counter[str]:
    """What each resident's wallet holds after these rounds."""
    holds: Counter[str] = Counter()
    for number in rounds:
        for person in range(PERSONS):
            holds[f"person-{person}"] += FUNDED_FEN * FUNDED_IN_COINS
        for deed in deeds_of(seed, number):
            holds[deed.payer] -= deed.amount_fen - deed.refund_fen
            if deed.kind is not PaymentKind.DEPOSIT:
                holds[deed.payee] += deed.amount_fen - deed.refund_fen
    return holds


def found_town(root: Path, seed: int, *, name: str = "Tongbao under fire") -> DataDirectory:
    """A network for the town, not started."""
    plan = NetworkPlan(
        name=name,
        institutions=("First Bank", "Second Bank"),
        test_network=True,
        time_ms=1_767_225_600_000,  # 2026-01-01
        quota_fen=10**12,
        ports=free_ports(HOMES + 2),
        clock=ClockChoice.HEARTBEAT,
        secret=seeded_secret(str(seed)),
    )
    return DataDirectory.make(root, plan)


def wallet_store(data: DataDirectory) -> Path:
    """Where the town's wallets are kept."""
    return data.wallets / "town.sqlite"


def wallets_of(connections: Connections, residents: Sequence[Resident], store: SqlStore) -> dict[str, Wallet]:
    """The residents' wallets by name, not started."""
    genesis = connections.data.genesis()
    domain = genesis.domain()
    ports = Ports(network=connections.network, clock=connections.clock, entropy=connections.entropy, store=store)
    settings = {
        place.home: WalletSetting(
            genesis=genesis,
            home=HomeAddress(place.home, place.url),
            centre_keys=CentreKeys(domain, genesis.receipt_keys),
            centre_url=connections.data.network.registration.url,
            patience=PATIENCE,
        )
        for place in connections.data.network.institutions
    }
    return {each.name: Wallet(WalletKeys(each.seed, domain), settings[each.home], ports) for each in residents}
