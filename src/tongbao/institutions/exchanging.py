"""Exchange of deposits for coins, 1:1: many wallets in one transaction of the vault, one transaction after another.

A teller's batch is a transaction of its own. Single exchanges that arrive while one is settling share the next one.
Deposits are taken and the signed bytes stored in one write; the coins come with settlement. Between the two the money
stands in transit, and whatever crashes, the stored bytes decide.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from tongbao.errors import BusyError, NetworkError
from tongbao.institutions.exchange_answers import exchange_message, load_answers
from tongbao.institutions.exchange_planning import ExchangeOrder, ExchangePlan, ExchangePlanning
from tongbao.institutions.premises import Premises
from tongbao.institutions.submitter import Submitter
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeBatchAnswer,
    ExchangeBatchRequest,
    ExchangeItem,
    ExchangeRequest,
)

__all__ = ["Exchanging"]

WAITING_MAX = 1_024
"""Requests that wait for their turn; the last of them waits for seconds."""

SHARED_MAX = 256
"""Single exchanges in one transaction."""


class Exchanging:
    """Performs exchanges in turn."""

    def __init__(self, premises: Premises, planning: ExchangePlanning, submitter: Submitter) -> None:
        self._premises = premises
        self._planning = planning
        self._submitter = submitter
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._singles: deque[tuple[ExchangeOrder, asyncio.Future[list[Exchange]]]] = deque()

    async def exchange_many(
        self, request: ExchangeBatchRequest, *, request_id: bytes, request_hash: bytes
    ) -> ExchangeBatchAnswer:
        """Exchange for many wallets at once; each is judged by itself, and those refused are left out."""
        order = ExchangeOrder(request_id, request_hash, tuple(request.items))
        self._enter()
        try:
            async with self._turn:
                answers = await self._perform([order])
        finally:
            self._waiting -= 1
        return ExchangeBatchAnswer.model_construct(exchanges=answers[0])

    async def exchange(
        self, wallet_id: bytes, request: ExchangeRequest, *, request_id: bytes, request_hash: bytes
    ) -> Exchange:
        """Exchange for one wallet, together with others that ask at the same time."""
        item = ExchangeItem.model_construct(
            wallet_id=wallet_id, amount_fen=request.amount_fen, payment_fen=request.payment_fen, deposit_fen=0
        )
        future: asyncio.Future[list[Exchange]] = asyncio.get_running_loop().create_future()
        self._enter()
        self._singles.append((ExchangeOrder(request_id, request_hash, (item,)), future))
        try:
            async with self._turn:
                if not future.done():
                    await self._perform_singles()
        finally:
            self._waiting -= 1
        return (await future)[0]

    def _enter(self) -> None:
        if self._waiting >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} exchanges wait for their turn already")
        self._waiting += 1

    async def _perform_singles(self) -> None:
        """Perform all that wait; whoever has the turn does it for the others."""
        shared = [self._singles.popleft() for _ in range(min(len(self._singles), SHARED_MAX))]
        try:
            answers = await self._perform([order for order, _ in shared])
        except BaseException as error:
            told = error if isinstance(error, Exception) else NetworkError("the exchange was interrupted; ask again")
            for _, future in shared:
                if not future.done():
                    future.set_exception(told)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), answer in zip(shared, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    async def _perform(self, orders: Sequence[ExchangeOrder]) -> list[list[Exchange]]:
        self._submitter.demand_room()
        reserved: list[str] = []
        store, purse = self._premises.ports.store, self._premises.vault.purse
        try:
            plan = await store.write(lambda connection: self._planning.plan(connection, orders, reserved=reserved))
        except BaseException:
            for holder in reserved:
                purse.release(holder)
            raise
        settlement = None if plan.outgoing is None else await self._submitter.settle(plan.outgoing)
        fresh = {
            order.request_id: [exchange_message(line, settlement, self._premises) for line in lines]
            for order, lines in plan.lines
        }
        return [fresh.get(order.request_id) or await self._repeated(order, plan) for order in orders]

    async def _repeated(self, order: ExchangeOrder, plan: ExchangePlan) -> list[Exchange]:
        """The answer to a request that was performed before; if its transaction is on its way still, see it settled."""
        outgoing = plan.repeated.get(order.request_id)
        if outgoing is not None:
            await self._submitter.settle(outgoing)
        return await self._premises.ports.store.read(
            lambda connection: load_answers(connection, order.request_id, self._premises)
        )
