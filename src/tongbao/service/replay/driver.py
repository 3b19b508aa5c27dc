"""The replay itself: round by round, fund, order, pay, refund; the next round is funded while one is paid."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.banking import BankReport
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeBatchAnswer,
    ExchangeBatchRequest,
    ExchangeItem,
    ExchangeState,
)
from tongbao.service.connections import Connections
from tongbao.service.replay.population import Person, Population
from tongbao.service.replay.rounds import RefundBook, Round, rounds
from tongbao.service.replay.rows import Row
from tongbao.service.sandbox import heartbeat
from tongbao.wallets import RefusedForNowError

__all__ = ["Replay", "Tally"]

PAID_AT_ONCE = 256
"""Payments on their way at one time: some whole rounds, since fuller submissions make each payment cheaper."""

Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Tally:
    """What became of the rows.

    Attributes:
        rows: rows that could be read.
        settled: payments.
        refunded: refunds.
        skipped: rows with amount 0.
        unmatched: refunds of what the pair has not paid.
        refused: payments by the limit or status that refused them.
        turnover_fen: worth of the settled payments.
        seconds: from the first round to the end of the last.
    """

    rows: int = 0
    settled: int = 0
    refunded: int = 0
    skipped: int = 0
    unmatched: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    turnover_fen: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Rows that are dealt with."""
        return self.settled + self.refunded + self.skipped + self.unmatched + self.refused.total()


class Replay:
    """Replays rows in a running network whose wallets are open."""

    def __init__(self, connections: Connections, population: Population, *, report: Report) -> None:
        self._connections = connections
        self._people = population
        self._report = report
        self._book = RefundBook()
        self._at_once = asyncio.Semaphore(PAID_AT_ONCE)
        self._time_ms = 0
        self._sequence = 0
        self._exchanges = 0
        # Homes that may not have heard of the newest ledger time; what they prepare could have expired already.
        self._behind: set[int] = set()
        self._paying: dict[str, asyncio.Task[None]] = {}
        self.tally = Tally()

    async def run(self, rows: Sequence[Row], zone: tzinfo) -> Tally:
        """Replay the rows, which ascend by time; days are those of `zone`."""
        self.tally.rows = len(rows)
        started_s = time.perf_counter()
        try:
            for each in rounds(rows, zone):
                await self._run_round(each)
                self._report("replaying", self.tally.done, len(rows))
            await self._paid(list(self._paying))
        finally:
            for payment in self._paying.values():
                payment.cancel()
        self._report("replaying", self.tally.done, len(rows))
        self.tally.seconds = time.perf_counter() - started_s
        return self.tally

    async def _run_round(self, each: Round) -> None:
        self.tally.skipped += len(each.skipped)
        if each.time_ms > self._time_ms and (each.payments or each.refunds):
            # What is still on its way belongs to the day before, by its expiry and by the limits.
            await self._paid(list(self._paying))
            await self._let_time_pass(each.time_ms)
        await self._paid([row.payer for row in each.payments])
        funded = await self._fund(each.payments)
        for home in sorted(self._behind):
            await self._teller(home).get("/v1/bank/report", BankReport, headers=self._newest())
        self._behind.clear()
        for row in funded:
            self._paying[row.payer] = asyncio.create_task(self._pay(row), name=f"payment of line {row.line}")
        if each.refunds:
            await self._paid(list(self._paying))
            await self._refund(each.refunds)

    async def _paid(self, payers: Iterable[str]) -> None:
        """Return once no payment of theirs is on its way."""
        found = [self._paying.pop(payer) for payer in payers if payer in self._paying]
        await asyncio.gather(*found)

    async def _let_time_pass(self, time_ms: int) -> None:
        status = await heartbeat(self._connections, time_ms)
        self._time_ms, self._sequence = time_ms, status.sequence
        self._behind = {place.home for place in self._connections.data.network.institutions}

    def _newest(self) -> Mapping[str, str]:
        return {MINIMUM_SEQUENCE_HEADER: str(self._sequence)}

    def _teller(self, home: int) -> SignedClient:
        return self._connections.as_teller(home)

    # --- funding ------------------------------------------------------------------------------------------------------

    async def _fund(self, rows: Sequence[Row]) -> list[Row]:
        """Give each payer just what the payment needs; return the rows that no limit refuses."""
        lacking: dict[int, list[tuple[Row, ExchangeItem]]] = {}
        ready = []
        for row in rows:
            payer = self._people.payers[row.payer]
            await payer.catch_up()
            lack_fen = row.amount_fen - payer.wallet.balance_fen
            if lack_fen <= 0:
                ready.append(row)
                continue
            item = ExchangeItem(
                wallet_id=payer.wallet.wallet_id, amount_fen=lack_fen, payment_fen=row.amount_fen, deposit_fen=lack_fen
            )
            lacking.setdefault(payer.home, []).append((row, item))
        funded = await asyncio.gather(*(self._fund_at(home, lacking[home]) for home in sorted(lacking)))
        for of_home in funded:
            ready.extend(of_home)
        places = {row.line: place for place, row in enumerate(rows)}
        return sorted(ready, key=lambda row: places[row.line])

    async def _fund_at(self, home: int, wanted: Sequence[tuple[Row, ExchangeItem]]) -> list[Row]:
        self._exchanges += 1
        answer = await self._teller(home).post(
            "/v1/exchanges",
            ExchangeBatchRequest(items=[item for _, item in wanted]),
            ExchangeBatchAnswer,
            idempotency_key=f"replay-{self._exchanges}",
            headers=self._newest(),
        )
        self._behind.discard(home)
        settled = []
        for (row, _), exchange in zip(wanted, answer.exchanges, strict=True):
            if await self._take(row, exchange):
                settled.append(row)
        return settled

    async def _take(self, row: Row, exchange: Exchange) -> bool:
        if exchange.state is not ExchangeState.SETTLED:
            self.tally.refused[exchange.status] += 1
            return False
        payer = self._people.payers[row.payer]
        payer.expected_fen += exchange.amount_fen
        await payer.wallet.receive(exchange)
        return True

    # --- paying -------------------------------------------------------------------------------------------------------

    async def _pay(self, row: Row) -> None:
        payer, payee = self._people.payers[row.payer], self._people.payees[row.payee]
        # The lock is fair, so the orders of a shop are made in the order of the rows.
        async with payee.turn, self._at_once:
            order = await payee.wallet.sales.create_order(row.amount_fen, str(row.line))
        async with self._at_once:
            try:
                await payer.wallet.pay_order(order)
            except RefusedForNowError:
                raise  # it may settle yet; no limit says so after the payment was signed
            except RefusedError as refused:
                self.tally.refused[refused.code] += 1
                return
        payer.expected_fen -= row.amount_fen
        payee.expected_fen += row.amount_fen
        self.tally.settled += 1
        self.tally.turnover_fen += row.amount_fen
        self._book.add(row, order.order_id)

    # --- refunding ----------------------------------------------------------------------------------------------------

    async def _refund(self, rows: Sequence[Row]) -> None:
        for row in rows:
            parts = self._book.take(row)
            if not parts:
                self.tally.unmatched += 1
                continue
            payer, payee = self._people.payers[row.payer], self._people.payees[row.payee]
            await payee.catch_up()
            for order_id, part_fen in parts:
                await self._refund_part(row, order_id, part_fen, payer=payer, payee=payee)
            self.tally.refunded += 1

    async def _refund_part(self, row: Row, order_id: str, part_fen: int, *, payer: Person, payee: Person) -> None:
        try:
            await payee.wallet.refund(order_id, part_fen, request_id=f"row {row.line}")
        except RefusedError as refused:
            raise RequestError(f"the refund in line {row.line} is refused: {refused}", code=refused.code) from None
        payee.expected_fen -= part_fen
        payer.expected_fen += part_fen
