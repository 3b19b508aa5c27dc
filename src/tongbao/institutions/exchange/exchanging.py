"""Exchange of deposits for coins, 1:1: many wallets in one transaction of the vault, one transaction after another.

A teller's batch is a transaction of its own. Single exchanges that arrive while one is settling share the next one.
Deposits are taken and the signed bytes stored in one write; the coins come with settlement. Between the two the money
stands in transit, and whatever crashes, the stored bytes decide.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.errors import BusyError, NetworkError
from tongbao.institutions.exchange.exchange_answers import exchange_message, load_answers
from tongbao.institutions.exchange.exchange_planning import ExchangeOrder, ExchangePlan, ExchangePlanning
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.settlement.outgoing import Settlement
from tongbao.institutions.settlement.submitter import Submitter
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


@dataclass(frozen=True, slots=True)
class _Performed:
    """What was done for some requests, and what became of their transaction."""

    plan: ExchangePlan
    settlement: Settlement | None


class Exchanging:
    """Performs exchanges in turn; whoever asked may go, and what was begun for him goes on."""

    def __init__(self, premises: Premises, planning: ExchangePlanning, submitter: Submitter) -> None:
        self._premises = premises
        self._planning = planning
        self._submitter = submitter
        self._turn = asyncio.Lock()
        self._batches = 0
        self._singles: deque[tuple[ExchangeOrder, asyncio.Future[_Performed]]] = deque()
        self._serving_singles = False

    async def exchange_many(
        self, request: ExchangeBatchRequest, *, request_id: bytes, request_hash: bytes
    ) -> ExchangeBatchAnswer:
        """Exchange for many wallets at once; each is judged by itself, and those refused are left out."""
        order = ExchangeOrder(request_id, request_hash, tuple(request.items))
        self._demand_place()
        self._batches += 1
        spawn = self._premises.ports.spawn
        performed = await carried_through(lambda: self._perform_batch(order), spawn=spawn, name="exchange of many")
        return ExchangeBatchAnswer.model_construct(exchanges=await self._answer(order, performed))

    async def exchange(
        self, wallet_id: bytes, request: ExchangeRequest, *, request_id: bytes, request_hash: bytes
    ) -> Exchange:
        """Exchange for one wallet, together with others that ask at the same time."""
        item = ExchangeItem.model_construct(
            wallet_id=wallet_id, amount_fen=request.amount_fen, payment_fen=request.payment_fen, deposit_fen=0
        )
        order = ExchangeOrder(request_id, request_hash, (item,))
        self._demand_place()
        performed: asyncio.Future[_Performed] = asyncio.get_running_loop().create_future()
        self._singles.append((order, performed))
        if not self._serving_singles:
            self._serving_singles = True
            self._premises.ports.spawn.task(self._perform_singles(), name="exchanges")
        return (await self._answer(order, await performed))[0]

    def _demand_place(self) -> None:
        if self._batches + len(self._singles) >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} exchanges wait for their turn already")

    # --- in turn ------------------------------------------------------------------------------------------------------

    async def _perform_batch(self, order: ExchangeOrder) -> _Performed:
        try:
            async with self._turn:
                return await self._perform([order])
        finally:
            self._batches -= 1

    async def _perform_singles(self) -> None:
        """Perform all that wait, and those that come meanwhile; a task of its own."""
        try:
            while self._singles:
                async with self._turn:
                    await self._perform_shared()
        finally:
            self._serving_singles = False

    async def _perform_shared(self) -> None:
        taken = [self._singles.popleft() for _ in range(min(len(self._singles), SHARED_MAX))]
        # Whoever has gone before anything was done for him asks again, or does not want it any more.
        shared = [(order, answered) for order, answered in taken if not answered.done()]
        try:
            performed = await self._perform([order for order, _ in shared])
        except BaseException as error:
            told = error if isinstance(error, Exception) else NetworkError("the exchange was interrupted; ask again")
            for _, answered in shared:
                if not answered.done():
                    answered.set_exception(told)
            if not isinstance(error, Exception):
                raise
        else:
            for _, answered in shared:
                if not answered.done():
                    answered.set_result(performed)

    async def _perform(self, orders: Sequence[ExchangeOrder]) -> _Performed:
        self._submitter.demand_room()
        plan = await self._record(orders)
        return _Performed(plan, None if plan.outgoing is None else await self._submitter.settle(plan.outgoing))

    async def _record(self, orders: Sequence[ExchangeOrder]) -> ExchangePlan:
        reserved: list[str] = []
        store, purse = self._premises.ports.store, self._premises.vault.purse
        try:
            return await store.write(lambda connection: self._planning.plan(connection, orders, reserved=reserved))
        except Exception:
            # Nothing was written. Of a cancellation that cannot be said: what is being written goes on without us.
            for holder in reserved:
                purse.release(holder)
            raise

    # --- answering ----------------------------------------------------------------------------------------------------

    async def _answer(self, order: ExchangeOrder, performed: _Performed) -> list[Exchange]:
        """The answer to one request, whatever the others' are."""
        plan = performed.plan
        refused = plan.refused.get(order.name)
        if refused is not None:
            raise refused
        lines = plan.lines.get(order.request_id)
        if lines is not None:
            return [exchange_message(line, performed.settlement, self._premises) for line in lines]
        return await self._repeated(order, plan)

    async def _repeated(self, order: ExchangeOrder, plan: ExchangePlan) -> list[Exchange]:
        """The answer to a request that was performed before; if its transaction is on its way still, see it settled."""
        outgoing = plan.repeated[order.request_id]
        if outgoing is not None:
            await self._submitter.settle(outgoing)
        return await self._premises.ports.store.read(
            lambda connection: load_answers(connection, order.request_id, self._premises)
        )
