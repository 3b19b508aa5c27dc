"""Which exchanges are accepted, and the one transaction that makes their coins; inside one write of the store."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY, Coin
from tongbao.errors import BusyError
from tongbao.institutions.bank_ledger import Account, Entry, balances, book
from tongbao.institutions.limits import Used, expect, on_the_way, used_before
from tongbao.institutions.outgoing import Outgoing, OutgoingKind, load_one, record
from tongbao.institutions.policy import LimitCode, Limits, Periods
from tongbao.institutions.premises import PREPARATION_MS, Premises, WalletFacts, key_reused
from tongbao.institutions.statements import Statement
from tongbao.institutions.tables import exchange_requests, exchanges, wallets
from tongbao.protocol.wallet import ExchangeItem
from tongbao.vaults.purse import Reservation

__all__ = [
    "ACCEPTED",
    "CHANGE_SALT",
    "ExchangeLine",
    "ExchangeOrder",
    "ExchangePlan",
    "ExchangePlanning",
    "exchange_holder",
]

ACCEPTED = "ACCEPTED"
"""The status of an exchange that has a transaction, whose own status says the rest."""

CHANGE_SALT = "vault change"
"""The purpose of the salts of the vault's change; the subject is the first coin that the transaction spends."""


_HOLDER = "exchange "


def exchange_holder(subject: bytes) -> str:
    """By what name an exchange holds coins of the vault."""
    return f"{_HOLDER}{subject.hex()}"


def is_exchange(holder: str) -> bool:
    """Whether the name is an exchange's."""
    return holder.startswith(_HOLDER)


@dataclass(frozen=True, slots=True)
class ExchangeOrder:
    """A request to exchange.

    Attributes:
        request_id: 32 bytes; the same for a repeat.
        request_hash: what a repeat must have in common.
        items: one per wallet.
    """

    request_id: bytes
    request_hash: bytes
    items: tuple[ExchangeItem, ...]


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """One wallet's part.

    Attributes:
        request_id: of its request.
        item: its place in the request.
        wallet_id: the wallet.
        amount_fen: how much.
        status: ACCEPTED, or why not.
        output_index: of the transaction's outputs, its own; None where it was refused.
        salt: of its lock, where the home made it.
    """

    request_id: bytes
    item: int
    wallet_id: bytes
    amount_fen: int
    status: str
    output_index: int | None = None
    salt: bytes | None = None


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    """What is to be done.

    Attributes:
        outgoing: the recorded transaction; None where nothing was accepted.
        lines: of each request that is new.
        repeated: of requests that were performed before, the transaction where it is on its way still.
    """

    outgoing: Outgoing | None
    lines: tuple[tuple[ExchangeOrder, list[ExchangeLine]], ...]
    repeated: dict[bytes, Outgoing | None]


@dataclass(slots=True)
class _Desk:
    """What is known of the wallets of one plan, and what its accepted items have used of it."""

    facts: dict[bytes, WalletFacts]
    periods: Periods
    limits: dict[bytes, Limits]
    deposits: dict[int, int]
    held: dict[bytes, int]
    used: Used
    stocks: dict[bytes, list[int]]
    free_fen: int
    exchanging_fen: int
    paying: defaultdict[bytes, int] = field(default_factory=lambda: defaultdict(int))


_KNOWN = sa.select(exchange_requests.c.request_hash, exchange_requests.c.transaction_id).where(
    exchange_requests.c.request_id == sa.bindparam("request")
)
_WALLETS = sa.select(wallets.c.wallet_id, wallets.c.balance_fen, wallets.c.locks_given, wallets.c.locks_stocked).where(
    wallets.c.wallet_id.in_(sa.bindparam("wallets", expanding=True))
)
_GIVE = Statement(
    sa.update(wallets).where(wallets.c.wallet_id == sa.bindparam("wallet")).values(locks_given=sa.bindparam("given"))
)
_INSERT_REQUEST = Statement(sa.insert(exchange_requests))
_INSERT_LINE = Statement(sa.insert(exchanges))


class ExchangePlanning:
    """Makes plans, in turn."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def plan(self, connection: sa.Connection, orders: Sequence[ExchangeOrder], *, reserved: list[str]) -> ExchangePlan:
        """Accept what may be, reserve coins of the vault, and record the signed transaction.

        Whoever holds coins for this plan is added to `reserved`, to be released if the plan does not come to be.
        """
        repeated: dict[bytes, Outgoing | None] = {}
        fresh: list[ExchangeOrder] = []
        for order in orders:
            known = self._known(connection, order, repeated)
            if not known and order.request_id not in {each.request_id for each in fresh}:
                fresh.append(order)
        asked = [(order, place, item) for order in fresh for place, item in enumerate(order.items)]
        if not asked:
            return ExchangePlan(None, (), repeated)
        desk = self._desk(connection, [item for _, _, item in asked])
        statuses = [self._judge(item, desk) for _, _, item in asked]
        accepted = [item for (_, _, item), status in zip(asked, statuses, strict=True) if status == ACCEPTED]
        placed, outgoing = self._make(connection, accepted, desk, reserved=reserved, subject=fresh[0].request_id)
        outputs = iter(placed)
        lines = []
        for (order, place, item), status in zip(asked, statuses, strict=True):
            output, salt = next(outputs) if status == ACCEPTED else (None, None)
            named = (order.request_id, place, item.wallet_id, item.amount_fen, status)
            lines.append(ExchangeLine(*named, output_index=output, salt=salt))
        self._write(connection, fresh, lines, outgoing)
        by_order = tuple((order, [line for line in lines if line.request_id == order.request_id]) for order in fresh)
        return ExchangePlan(outgoing, by_order, repeated)

    def _known(self, connection: sa.Connection, order: ExchangeOrder, repeated: dict[bytes, Outgoing | None]) -> bool:
        row = connection.execute(_KNOWN, {"request": order.request_id}).one_or_none()
        if row is None:
            return False
        if row.request_hash != order.request_hash:
            raise key_reused()
        open_one = (
            None if row.transaction_id is None else load_one(connection, row.transaction_id, self._premises.domain)
        )
        repeated[order.request_id] = open_one
        return True

    # --- judging ------------------------------------------------------------------------------------------------------

    def _desk(self, connection: sa.Connection, items: Sequence[ExchangeItem]) -> _Desk:
        premises = self._premises
        facts = premises.wallets.find_all(connection, [item.wallet_id for item in items])
        limits = {wallet_id: premises.limits_of(each) for wallet_id, each in facts.items()}
        periods = premises.settings.policy.periods(premises.ledger.time_ms)
        rows = connection.execute(_WALLETS, {"wallets": list(facts)}).all() if facts else []
        limited = [wallet_id for wallet_id, each in limits.items() if each.balance_fen is not None]
        coming = on_the_way(connection, limited, seen_ms=premises.ledger.seen_ms)
        counted = [wallet_id for wallet_id, each in limits.items() if each.counts_periods]
        purse, now_ms = premises.vault.purse, premises.ledger.time_ms
        free_fen = purse.free_value(now_ms=now_ms)
        return _Desk(
            facts=facts,
            periods=periods,
            limits=limits,
            deposits=balances(connection, [each.account_id for each in facts.values()]) if facts else {},
            held={row.wallet_id: row.balance_fen + coming.get(row.wallet_id, 0) for row in rows},
            used=used_before(connection, counted, periods),
            stocks={row.wallet_id: [row.locks_given, row.locks_stocked] for row in rows},
            free_fen=free_fen,
            exchanging_fen=sum(each.value for each in purse.reservations if is_exchange(each.holder)),
        )

    def _judge(self, item: ExchangeItem, desk: _Desk) -> str:
        """ACCEPTED, or the first reason why not; what is accepted counts against the items that follow."""
        facts = desk.facts.get(item.wallet_id)
        if facts is None:
            return "WALLET_UNKNOWN"
        refused = self._limit_refusal(item, desk)
        if refused:
            return refused
        if desk.deposits[facts.account_id] + item.deposit_fen < item.amount_fen:
            return "DEPOSIT_TOO_SMALL"
        held = desk.held[item.wallet_id] + item.amount_fen
        if desk.limits[item.wallet_id].balance_refusal(held):
            return LimitCode.BALANCE
        if item.amount_fen > desk.free_fen:
            # What an exchange holds comes back as change within seconds; what a redemption holds does not.
            if item.amount_fen <= desk.free_fen + desk.exchanging_fen:
                raise BusyError("the vault's coins are on their way; ask again when they have settled")
            return "VAULT_INSUFFICIENT"
        desk.free_fen -= item.amount_fen
        desk.held[item.wallet_id] = held
        desk.deposits[facts.account_id] += item.deposit_fen - item.amount_fen
        desk.paying[item.wallet_id] += item.payment_fen
        return ACCEPTED

    @staticmethod
    def _limit_refusal(item: ExchangeItem, desk: _Desk) -> str:
        if not item.payment_fen:
            return ""
        wallet_id, paying = item.wallet_id, desk.paying[item.wallet_id]
        return desk.limits[wallet_id].payment_refusal(
            item.payment_fen,
            day_used_fen=desk.used.get((wallet_id, desk.periods.day), 0) + paying,
            year_used_fen=desk.used.get((wallet_id, desk.periods.year), 0) + paying,
        )

    # --- making -------------------------------------------------------------------------------------------------------

    def _make(
        self,
        connection: sa.Connection,
        items: Sequence[ExchangeItem],
        desk: _Desk,
        *,
        reserved: list[str],
        subject: bytes,
    ) -> tuple[list[tuple[int, bytes | None]], Outgoing | None]:
        """Place and salt of each item's output, and the transaction, recorded together with what it costs."""
        if not items:
            return [], None
        premises = self._premises
        now_ms = premises.ledger.time_ms
        expiry_ms = now_ms + PREPARATION_MS
        total = sum(item.amount_fen for item in items)
        # Named after the first order that is new: the holder of one that is repeated may hold its coins still.
        holder = exchange_holder(subject)
        reservation = premises.vault.purse.reserve(holder, total, now_ms=now_ms, until_ms=expiry_ms)
        reserved.append(holder)
        outputs, salts = self._outputs(connection, items, desk, reservation)
        first = reservation.coins[0].coin_id
        body = premises.vault.transfer(
            reservation.coins,
            outputs,
            change_salt=premises.secrets.derive(CHANGE_SALT, first),
            expiry_ms=expiry_ms,
            reference=premises.secrets.derive("exchange reference", first),
        )
        outgoing = Outgoing.of(
            premises.vault.sign(body),
            premises.domain,
            kind=OutgoingKind.EXCHANGE,
            subject=subject,
            recorded_ms=now_ms,
        )
        record(connection, outgoing)
        book(connection, self._entries(items, desk, subject))
        self._expect(connection, items, outputs, desk, expiry_ms=expiry_ms)
        return list(enumerate(salts)), outgoing

    def _outputs(
        self, connection: sa.Connection, items: Sequence[ExchangeItem], desk: _Desk, reservation: Reservation
    ) -> tuple[list[Coin], list[bytes | None]]:
        """A coin for each item, on the next lock of its wallet."""
        premises, first = self._premises, reservation.coins[0].coin_id
        outputs: list[Coin] = []
        salts: list[bytes | None] = []
        given: dict[bytes, int] = {}
        for place, item in enumerate(items):
            stock = desk.stocks[item.wallet_id]
            position = stock[0] if stock[0] < stock[1] else None
            if position is not None:
                stock[0] = given[item.wallet_id] = position + 1
            lock = premises.locks.choose(
                connection,
                item.wallet_id,
                desk.facts[item.wallet_id].main_key,
                position=position,
                context=(b"exchange", first, place.to_bytes(2, "big")),
            )
            outputs.append(Coin(CURRENCY, item.amount_fen, premises.settings.home, lock.lock_id))
            salts.append(lock.salt)
        _GIVE.run_many(connection, [{"wallet": wallet_id, "given": count} for wallet_id, count in given.items()])
        return outputs, salts

    def _entries(self, items: Sequence[ExchangeItem], desk: _Desk, subject: bytes) -> list[Entry]:
        now_ms = self._premises.ledger.time_ms
        accounts = [desk.facts[item.wallet_id].account_id for item in items]
        paid_in = [
            (account, item.deposit_fen) for account, item in zip(accounts, items, strict=True) if item.deposit_fen
        ]
        taken = [(account, -item.amount_fen) for account, item in zip(accounts, items, strict=True)]
        entries = []
        if paid_in:
            cash = (Account.CASH, -sum(amount for _, amount in paid_in))
            entries.append(Entry("cash deposit", subject, now_ms, (cash, *paid_in)))
        transit = (Account.EXCHANGE_IN_TRANSIT, -sum(amount for _, amount in taken))
        entries.append(Entry("exchange begun", subject, now_ms, (*taken, transit)))
        return entries

    def _expect(
        self,
        connection: sa.Connection,
        items: Sequence[ExchangeItem],
        outputs: Sequence[Coin],
        desk: _Desk,
        *,
        expiry_ms: int,
    ) -> None:
        """Count what is on its way to wallets whose balance is limited."""
        rows = [
            (coin.lock_id, item.wallet_id, item.amount_fen, expiry_ms)
            for item, coin in zip(items, outputs, strict=True)
            if desk.limits[item.wallet_id].balance_fen is not None
        ]
        if rows:
            expect(connection, rows)

    def _write(
        self,
        connection: sa.Connection,
        orders: Sequence[ExchangeOrder],
        lines: Sequence[ExchangeLine],
        outgoing: Outgoing | None,
    ) -> None:
        identity = None if outgoing is None else outgoing.transaction_id
        _INSERT_REQUEST.run_many(
            connection,
            [
                {"request_id": order.request_id, "request_hash": order.request_hash, "transaction_id": identity}
                for order in orders
            ],
        )
        _INSERT_LINE.run_many(
            connection,
            [
                {
                    "request_id": line.request_id,
                    "item": line.item,
                    "wallet_id": line.wallet_id,
                    "amount_fen": line.amount_fen,
                    "status": line.status,
                    "transaction_id": identity if line.status == ACCEPTED else None,
                    "output_index": line.output_index,
                    "salt": line.salt,
                }
                for line in lines
            ],
        )
