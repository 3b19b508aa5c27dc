"""Which exchanges are accepted: each item after those before it, and each request whole or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.errors import BusyError
from tongbao.institutions.books.bank_ledger import balances
from tongbao.institutions.customers.limits import Used, on_the_way, used_before
from tongbao.institutions.policy import LimitCode, Limits, Periods
from tongbao.institutions.premises import Premises, WalletFacts
from tongbao.institutions.tables import wallets
from tongbao.protocol.wallet import ExchangeItem
from tongbao.statements import Among

__all__ = ["ACCEPTED", "ExchangeDesk", "exchange_holder"]

ACCEPTED = "ACCEPTED"
"""The status of an exchange that has a transaction, whose own status says the rest."""

_HOLDER = "exchange "

_WALLETS = Among(
    lambda wallet_ids: sa.select(
        wallets.c.wallet_id, wallets.c.balance_fen, wallets.c.locks_given, wallets.c.locks_stocked
    ).where(wallets.c.wallet_id.in_(wallet_ids))
)


def exchange_holder(subject: bytes) -> str:
    """By what name an exchange holds coins of the vault."""
    return f"{_HOLDER}{subject.hex()}"


@dataclass(slots=True)
class _Vault:
    """What the vault can give.

    Attributes:
        free_fen: what nobody holds, less what was accepted.
        payable_fen: what one transaction can spend of it, less what was accepted.
        exchanging_fen: what exchanges on their way hold; most of it comes back as change.
    """

    free_fen: int
    payable_fen: int
    exchanging_fen: int

    def refusal(self, amount_fen: int, *, others_fen: int) -> str:
        """Why the vault does not give it, or ""; `others_fen` is what other requests have of this transaction.

        Raises:
            BusyError: it may, as soon as these or those on their way have settled.
        """
        if amount_fen <= self.payable_fen:
            return ""
        if amount_fen <= self.free_fen and amount_fen <= self.payable_fen + others_fen:
            raise BusyError("the exchange does not fit into this transaction; ask again for the next one")
        # What an exchange holds comes back as change within seconds; what a redemption holds does not.
        if self.exchanging_fen and amount_fen <= self.free_fen + self.exchanging_fen:
            raise BusyError("the vault's coins are on their way; ask again when they have settled")
        return "COINS_TOO_SMALL" if amount_fen <= self.free_fen else "VAULT_INSUFFICIENT"


@dataclass(slots=True)
class ExchangeDesk:
    """What is known of the wallets of one plan, and what its accepted items have used of it.

    Attributes:
        facts: of the wallets that there are.
        limits: theirs.
        stocks: of each wallet, how many locks were given, and how many there are.
    """

    facts: dict[bytes, WalletFacts]
    limits: dict[bytes, Limits]
    stocks: dict[bytes, list[int]]
    _vault: _Vault
    _periods: Periods
    _deposits: dict[int, int]
    _held: dict[bytes, int]
    _used: Used
    _paying: defaultdict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    _given_fen: int = 0

    @classmethod
    def of(cls, connection: sa.Connection, premises: Premises, wallet_ids: Iterable[bytes]) -> "ExchangeDesk":
        """What there is to know before anything is accepted."""
        facts = premises.wallets.find_all(connection, wallet_ids)
        limits = {wallet_id: premises.limits_of(each) for wallet_id, each in facts.items()}
        periods = premises.settings.policy.periods(premises.ledger.time_ms)
        rows = _WALLETS.all(connection, list(facts))
        limited = [wallet_id for wallet_id, each in limits.items() if each.balance_fen is not None]
        coming = on_the_way(connection, limited, seen_ms=premises.ledger.seen_ms)
        counted = [wallet_id for wallet_id, each in limits.items() if each.counts_periods]
        return cls(
            facts=facts,
            limits=limits,
            stocks={row.wallet_id: [row.locks_given, row.locks_stocked] for row in rows},
            _vault=_vault(premises),
            _periods=periods,
            _deposits=balances(connection, [each.account_id for each in facts.values()]),
            _held={row.wallet_id: row.balance_fen + coming.get(row.wallet_id, 0) for row in rows},
            _used=used_before(connection, counted, periods),
        )

    def judge(self, items: Sequence[ExchangeItem]) -> list[str]:
        """ACCEPTED, or the first reason why not, of each item of one request.

        Raises:
            BusyError: the request must be asked again; nothing of it counts against those that follow.
        """
        others_fen, taken = self._given_fen, list[ExchangeItem]()
        statuses = []
        try:
            for item in items:
                statuses.append(self._refusal(item, others_fen=others_fen) or ACCEPTED)
                if statuses[-1] == ACCEPTED:
                    self._count(item, 1)
                    taken.append(item)
        except BusyError:
            for item in taken:
                self._count(item, -1)
            raise
        return statuses

    def _refusal(self, item: ExchangeItem, *, others_fen: int) -> str:
        facts = self.facts.get(item.wallet_id)
        if facts is None:
            return "WALLET_UNKNOWN"
        # Whoever empties a closing wallet may turn his deposit into coins, and nobody pays anything in.
        if facts.closing_ms is not None and (facts.closed_ms is not None or item.deposit_fen):
            return "WALLET_CLOSED"
        refused = self._limit_refusal(item)
        if refused:
            return refused
        if self._deposits[facts.account_id] + item.deposit_fen < item.amount_fen:
            return "DEPOSIT_TOO_SMALL"
        if self.limits[item.wallet_id].balance_refusal(self._held[item.wallet_id] + item.amount_fen):
            return LimitCode.BALANCE
        return self._vault.refusal(item.amount_fen, others_fen=others_fen)

    def _limit_refusal(self, item: ExchangeItem) -> str:
        if not item.payment_fen:
            return ""
        wallet_id, paying = item.wallet_id, self._paying[item.wallet_id]
        return self.limits[wallet_id].payment_refusal(
            item.payment_fen,
            day_used_fen=self._used.get((wallet_id, self._periods.day), 0) + paying,
            year_used_fen=self._used.get((wallet_id, self._periods.year), 0) + paying,
        )

    def _count(self, item: ExchangeItem, sign: int) -> None:
        """Let what is accepted count against what follows, or (-1) no longer."""
        amount_fen = sign * item.amount_fen
        self._vault.free_fen -= amount_fen
        self._vault.payable_fen -= amount_fen
        self._given_fen += amount_fen
        self._held[item.wallet_id] += amount_fen
        self._deposits[self.facts[item.wallet_id].account_id] += sign * item.deposit_fen - amount_fen
        self._paying[item.wallet_id] += sign * item.payment_fen


def _vault(premises: Premises) -> _Vault:
    purse, now_ms = premises.vault.purse, premises.ledger.time_ms
    exchanging = [each.value for each in purse.reservations if each.holder.startswith(_HOLDER)]
    return _Vault(
        free_fen=purse.free_value(now_ms=now_ms),
        payable_fen=purse.payable_value(now_ms=now_ms),
        exchanging_fen=sum(exchanging),
    )
