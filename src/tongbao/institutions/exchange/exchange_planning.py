"""The one transaction that makes the coins of accepted exchanges; inside one write of the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY, Coin
from tongbao.errors import BusyError, TongbaoError
from tongbao.institutions.books.bank_ledger import Account, Entry, book
from tongbao.institutions.customers.limits import expect
from tongbao.institutions.exchange.exchange_judging import ACCEPTED, ExchangeDesk, exchange_holder
from tongbao.institutions.premises import PREPARATION_MS, Premises, key_reused
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, load_one, record
from tongbao.institutions.tables import exchange_requests, exchanges, wallets
from tongbao.protocol.wallet import ExchangeItem
from tongbao.statements import Statement
from tongbao.vaults.purse import Reservation

__all__ = ["CHANGE_SALT", "ExchangeLine", "ExchangeOrder", "ExchangePlan", "ExchangePlanning"]

CHANGE_SALT = "vault change"
"""The purpose of the salts of the vault's change; the subject is the first coin that the transaction spends."""


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

    @property
    def name(self) -> tuple[bytes, bytes]:
        """What two repeats of one request have in common, and no other request has."""
        return self.request_id, self.request_hash


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


@dataclass(slots=True)
class ExchangePlan:
    """What is to be done; each request that was planned stands in one of the three.

    Attributes:
        lines: of requests that are new, by their ids.
        repeated: of requests that were performed before, the transaction where it is on its way still.
        refused: of requests of which nothing was done, why not, by `ExchangeOrder.name`.
        outgoing: the recorded transaction; None where nothing was accepted.
    """

    lines: dict[bytes, list[ExchangeLine]] = field(default_factory=dict)
    repeated: dict[bytes, Outgoing | None] = field(default_factory=dict)
    refused: dict[tuple[bytes, bytes], TongbaoError] = field(default_factory=dict)
    outgoing: Outgoing | None = None


_KNOWN = Statement(
    sa.select(exchange_requests.c.request_hash, exchange_requests.c.transaction_id).where(
        exchange_requests.c.request_id == sa.bindparam("request")
    )
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
        plan = ExchangePlan()
        fresh = self._sort(connection, orders, plan)
        if not fresh:
            return plan
        desk = ExchangeDesk.of(connection, self._premises, [item.wallet_id for each in fresh for item in each.items])
        judged = self._judge(fresh, desk, plan)
        items = [item for order, statuses in judged for item in _accepted(order, statuses)]
        salts: list[bytes | None] = []
        if items:
            subject = judged[0][0].request_id
            salts, plan.outgoing = self._make(connection, items, desk, reserved=reserved, subject=subject)
        placed = iter(enumerate(salts))
        for order, statuses in judged:
            plan.lines[order.request_id] = _lines(order, statuses, placed)
        self._write(connection, [order for order, _ in judged], plan)
        return plan

    def _sort(
        self, connection: sa.Connection, orders: Sequence[ExchangeOrder], plan: ExchangePlan
    ) -> list[ExchangeOrder]:
        """The requests that are new, each once; the others are planned by that."""
        fresh: dict[bytes, ExchangeOrder] = {}
        for order in orders:
            row = _KNOWN.first(connection, {"request": order.request_id})
            first = fresh.setdefault(order.request_id, order) if row is None else row
            if first.request_hash != order.request_hash:
                plan.refused[order.name] = key_reused()
            elif row is not None:
                plan.repeated[order.request_id] = self._open_one(connection, row.transaction_id)
        return list(fresh.values())

    def _open_one(self, connection: sa.Connection, identity: bytes | None) -> Outgoing | None:
        return None if identity is None else load_one(connection, identity, self._premises.domain)

    @staticmethod
    def _judge(
        fresh: Sequence[ExchangeOrder], desk: ExchangeDesk, plan: ExchangePlan
    ) -> list[tuple[ExchangeOrder, list[str]]]:
        """The requests that can be performed now, with the status of each item; the others hold up none of them."""
        judged = []
        for order in fresh:
            try:
                judged.append((order, desk.judge(order.items)))
            except BusyError as error:
                plan.refused[order.name] = error
        return judged

    # --- making -------------------------------------------------------------------------------------------------------

    def _make(
        self,
        connection: sa.Connection,
        items: Sequence[ExchangeItem],
        desk: ExchangeDesk,
        *,
        reserved: list[str],
        subject: bytes,
    ) -> tuple[list[bytes | None], Outgoing]:
        """The salt of each item's output, and the transaction, recorded together with what it costs."""
        premises = self._premises
        now_ms = premises.ledger.time_ms
        expiry_ms = now_ms + PREPARATION_MS
        total = sum(item.amount_fen for item in items)
        # Named after the first request that is new: the holder of one that is repeated may hold its coins still.
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
        return salts, outgoing

    def _outputs(
        self, connection: sa.Connection, items: Sequence[ExchangeItem], desk: ExchangeDesk, reservation: Reservation
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

    def _entries(self, items: Sequence[ExchangeItem], desk: ExchangeDesk, subject: bytes) -> list[Entry]:
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
        desk: ExchangeDesk,
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

    def _write(self, connection: sa.Connection, orders: Sequence[ExchangeOrder], plan: ExchangePlan) -> None:
        identity = None if plan.outgoing is None else plan.outgoing.transaction_id
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
                for order in orders
                for line in plan.lines[order.request_id]
            ],
        )


def _accepted(order: ExchangeOrder, statuses: Sequence[str]) -> list[ExchangeItem]:
    return [item for item, status in zip(order.items, statuses, strict=True) if status == ACCEPTED]


def _lines(
    order: ExchangeOrder, statuses: Sequence[str], placed: Iterator[tuple[int, bytes | None]]
) -> list[ExchangeLine]:
    """The parts of a request; those that are accepted take the next places among the outputs."""
    lines = []
    for number, (item, status) in enumerate(zip(order.items, statuses, strict=True)):
        index, salt = next(placed) if status == ACCEPTED else (None, None)
        named = (order.request_id, number, item.wallet_id, item.amount_fen, status)
        lines.append(ExchangeLine(*named, output_index=index, salt=salt))
    return lines
