"""The submitter: endorses recorded transactions in batches, and repeats the same bytes until their outcome is known.

Whatever happens to the answer (lost, wrong, too late), the same transactions are sent again; whatever happens to this
process, they are found in the database and sent again. A refusal is final only once the centre has signed, past the
transaction's expiry, that it never settled.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tongbao.coin.submission import SUBMISSION_BYTES_MAX
from tongbao.errors import BusyError, InvariantError, PeerError, RequestError, TongbaoError
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingState, Settlement
from tongbao.institutions.settlement.settling import Settling
from tongbao.kernel.status import Status
from tongbao.protocol.registration import Verdict

__all__ = ["Submitter"]

SUBMITTED_MAX = 256
"""Transactions of one submission: large enough to share a signature and a flush, small enough to answer in time."""

WAITING_MAX = 4_096
"""Ten seconds of work; whoever would wait longer is told to come back."""

SETTLE_WAIT_S = 8.0
"""How long a request waits for its settlement before it is answered that it is on its way."""

_BYTES_MAX = SUBMISSION_BYTES_MAX - 64 * 1024  # leaves room for lengths, key and signature
_PAUSE_S_FIRST = 0.05
_PAUSE_S_MAX = 5.0
ABSENT_STATUS = "ABSENT_PROVEN"

_log = logging.getLogger(__name__)


class Submitter:
    """Sees recorded transactions settled."""

    def __init__(self, premises: Premises, settling: Settling) -> None:
        self._premises = premises
        self._settling = settling
        self._queue: deque[Outgoing] = deque()
        self._queued = asyncio.Event()
        # Every transaction that is on its way, and who waits for it.
        self._waiting: dict[bytes, asyncio.Future[Settlement]] = {}
        # What was refused and may still settle, with the latest verdict.
        self._refused: dict[bytes, Settlement] = {}

    @property
    def in_flight(self) -> int:
        """How many transactions have no final outcome."""
        return len(self._waiting) + len(self._refused)

    @property
    def queued(self) -> int:
        """How many wait to be sent."""
        return len(self._queue)

    def demand_room(self) -> None:
        """Return if another transaction may be recorded."""
        if len(self._queue) >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} transactions wait to be settled already")

    def knows(self, transaction_id: bytes) -> bool:
        """Whether the transaction is on its way, or was refused for now."""
        return transaction_id in self._waiting or transaction_id in self._refused

    def resume(self, found: Iterable[Outgoing]) -> None:
        """Take up what an earlier process left open."""
        for outgoing in found:
            self._enqueue(outgoing)

    def send(self, outgoing: Outgoing) -> None:
        """See a recorded transaction settled, whether or not anybody waits for that."""
        if outgoing.transaction_id not in self._waiting:
            self._enqueue(outgoing)

    async def settle(self, outgoing: Outgoing) -> Settlement:
        """See a recorded transaction settled, or say after a while that it is on its way."""
        self.send(outgoing)
        try:
            async with asyncio.timeout(SETTLE_WAIT_S):
                return await asyncio.shield(self._waiting[outgoing.transaction_id])
        except TimeoutError:
            ledger = self._premises.ledger
            return Settlement(outgoing, OutgoingState.ENDORSED, "", None, ledger.sequence, ledger.time_ms)

    def _enqueue(self, outgoing: Outgoing) -> None:
        self._refused.pop(outgoing.transaction_id, None)
        self._waiting[outgoing.transaction_id] = asyncio.get_running_loop().create_future()
        self._queue.append(outgoing)
        self._queued.set()

    # --- sending ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what is queued, for ever; a task of its own."""
        failures = 0
        while True:
            await self._queued.wait()
            batch = self._take()
            try:
                await self._send(batch)
                failures = 0
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("%d transactions wait: %s", len(batch), error)
                self._queue.extendleft(reversed([each for each in batch if each.transaction_id in self._waiting]))
                failures += 1
                await self._premises.ports.clock.sleep(min(_PAUSE_S_FIRST * 2 ** min(failures, 10), _PAUSE_S_MAX))
            if not self._queue:
                self._queued.clear()

    def _take(self) -> list[Outgoing]:
        batch: list[Outgoing] = []
        size = 0
        while self._queue and len(batch) < SUBMITTED_MAX and size + len(self._queue[0].content) < _BYTES_MAX:
            batch.append(self._queue.popleft())
            size += len(batch[-1].content)
        return batch

    async def _send(self, batch: Sequence[Outgoing]) -> None:
        ledger = self._premises.ledger
        try:
            answer = await ledger.submit([each.content for each in batch])
        except RequestError as error:
            await self._refused_whole(batch, error)
            return
        await self._learn_keys(answer.verdicts)
        settlements = [
            self._settlement(outgoing, verdict) for outgoing, verdict in zip(batch, answer.verdicts, strict=True)
        ]
        await self._conclude(settlements)

    async def _refused_whole(self, batch: Sequence[Outgoing], error: RequestError) -> None:
        """One of them is not what this home judged it to be; find out which, and hold up nobody else."""
        status = Status.__members__.get(error.code)
        if status is None or not (status.is_judged and status >= Status.MALFORMED):
            raise error
        if len(batch) > 1:
            for outgoing in batch:
                await self._send([outgoing])
            return
        ledger = self._premises.ledger
        refused = Settlement(batch[0], OutgoingState.REFUSED, status.name, None, ledger.sequence, ledger.time_ms)
        await self._conclude([refused])

    async def _learn_keys(self, verdicts: Sequence[Verdict]) -> None:
        """The centre may have a new receipt key since its directory was read."""
        ledger = self._premises.ledger
        if not all(ledger.receipts.knows_key_of(verdict.receipt) for verdict in verdicts[:1]):
            await ledger.refresh_directory()

    def _settlement(self, outgoing: Outgoing, verdict: Verdict) -> Settlement:
        if verdict.transaction_id != outgoing.transaction_id or verdict.status not in Status.__members__:
            raise PeerError("the centre answered about another transaction, or with a status that nobody knows")
        status = Status[verdict.status]
        receipt = self._premises.ledger.receipts.check(
            verdict.receipt, transaction_id=outgoing.transaction_id, status=status
        )
        state = OutgoingState.SETTLED if status == Status.SETTLED else OutgoingState.REFUSED
        head = receipt.signed_head.head
        return Settlement(outgoing, state, status.name, verdict.receipt, head.sequence, head.time_ms)

    async def _conclude(self, settlements: Sequence[Settlement]) -> None:
        """Write the verdicts down, then answer whoever waits."""
        await self._settling.write(settlements)
        for settlement in settlements:
            identity = settlement.outgoing.transaction_id
            self._refused.pop(identity, None)
            if not settlement.state.is_final:
                self._refused[identity] = settlement
                self._premises.ledger.wake()
            future = self._waiting.pop(identity, None)
            if future is not None and not future.done():
                future.set_result(settlement)

    # --- finishing ----------------------------------------------------------------------------------------------------

    async def finish(self) -> None:
        """Ask for the outcome of what was refused, once it has expired; a task of its own."""
        ledger = self._premises.ledger
        while True:
            movement = ledger.movement
            due = [each for each in self._refused.values() if each.outgoing.expiry_ms < ledger.time_ms]
            try:
                for settlement in due:
                    await self._ask(settlement)
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("%d outcomes are not known yet: %s", len(due), error)
                await self._premises.ports.clock.sleep(_PAUSE_S_MAX)
                continue
            await movement.wait()

    async def _ask(self, settlement: Settlement) -> None:
        outgoing = settlement.outgoing
        outcome, receipt = await self._premises.ledger.outcome(outgoing.transaction_id)
        if outcome.settled:
            if receipt is not None:
                self._premises.ledger.receipts.check(
                    receipt, transaction_id=outgoing.transaction_id, status=Status.SETTLED
                )
            state, status = OutgoingState.SETTLED, Status.SETTLED.name
        elif outcome.proves_absence(expiry_ms=outgoing.expiry_ms):
            state, status, receipt = OutgoingState.ABSENT, settlement.status or ABSENT_STATUS, settlement.receipt
        else:
            return
        found = replace(settlement, state=state, status=status, receipt=receipt)
        await self._conclude([replace(found, sequence=outcome.sequence, time_ms=outcome.time_ms)])
