"""What follows from a verdict: coins, balances, orders and books, all in one write, at most once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from tongbao.coin.coin import Input
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import OutgoingKind, OutgoingState, Settlement, write_settlements

__all__ = ["Consequences", "Settling", "VaultNews"]


@dataclass(slots=True)
class VaultNews:
    """What a write changed about the vault, to be told to the vault in memory once it is durable.

    Attributes:
        added: openings and salts of new coins.
        spent: ids of coins that are gone.
        released: holders of reservations that are no longer needed.
        held: holder and coin of new reservations, which last until they are released.
    """

    added: list[tuple[Input, bytes]] = field(default_factory=list)
    spent: list[bytes] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    held: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, other: "VaultNews") -> None:
        """Take in what another part of the same write changed."""
        self.added += other.added
        self.spent += other.spent
        self.released += other.released
        self.held += other.held


class Consequences(Protocol):
    """What settlement, or its proven absence, means for one kind of transaction."""

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Write down what follows from settled transactions."""
        ...

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Undo what was reserved for transactions that never settled."""
        ...


class Settling:
    """Writes verdicts down, with all that follows from them."""

    def __init__(self, premises: Premises, consequences: Mapping[OutgoingKind, Consequences]) -> None:
        self._premises = premises
        self._consequences = consequences

    async def write(self, settlements: Sequence[Settlement]) -> None:
        """Return once everything is durable; what was final before changes nothing."""
        news = await self._premises.ports.store.write(lambda connection: self._write(connection, settlements))
        self.tell_vault(news)

    def _write(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        news = VaultNews()
        by_kind: defaultdict[tuple[OutgoingKind, OutgoingState], list[Settlement]] = defaultdict(list)
        for settlement in write_settlements(connection, settlements):
            by_kind[settlement.outgoing.kind, settlement.state].append(settlement)
        for (kind, state), group in by_kind.items():
            if state == OutgoingState.SETTLED:
                news.add(self._consequences[kind].settled(connection, group))
            elif state == OutgoingState.ABSENT:
                news.add(self._consequences[kind].absent(connection, group))
        return news

    def tell_vault(self, news: VaultNews) -> None:
        """Let the vault in memory follow what the database says."""
        vault = self._premises.vault
        for holder in news.released:
            vault.purse.release(holder)
        vault.spend(news.spent)
        for opening, salt in news.added:
            vault.add(opening, salt)
        for holder, coin_id in news.held:
            vault.hold(holder, [coin_id])
