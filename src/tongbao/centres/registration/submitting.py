"""Submissions: judged, looked up, ordered, and answered with a verdict and a receipt per transaction.

A submission is journaled whole or not at all, since its home signed it whole. What of it was settled before is refused
again inside the batch (its inputs are gone, its serial is used) and is answered with its first receipt all the same.

A submission whose transactions spend nothing but unspent coins cannot have settled before, as the kernel knows at once.
Only the others are looked up in the index.
"""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.centres.registration.judging import Judge, Judgement
from tongbao.centres.registration.ledger import Ledger
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.receipts import Span, spans_of
from tongbao.centres.registration.waiting import Line, Pending, Place, Room
from tongbao.coin import Domain, Receipt, Submission
from tongbao.coin.domain import HASH_BYTES
from tongbao.coin.transaction import transaction_id
from tongbao.coin.verdicts import Verdicts
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Judging, Status
from tongbao.protocol.registration import SubmissionAnswer, Verdict

__all__ = ["Settled", "Submitting", "transaction_ids"]

_HOME_AND_COUNT = struct.Struct(">IH")
_HEAD_BYTES = HASH_BYTES + _HOME_AND_COUNT.size
"""Of a submission: its network, its home, and how many transactions follow."""


def transaction_ids(transactions: Sequence[bytes], domain: Domain) -> list[bytes]:
    """The ids of encoded transactions, without looking into their bodies; what is malformed has some id, too."""
    return [transaction_id(each[4 : 4 + int.from_bytes(each[:4], "big")], domain) for each in transactions]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a submission.

    Attributes:
        ids: of its transactions, in order.
        spans: where the verdicts on them stand.
        receipts: of all of them.
    """

    ids: Sequence[bytes]
    spans: Sequence[Span]
    receipts: Verdicts


@dataclass(frozen=True, slots=True)
class _Head:
    """What is read of a submission before it is judged."""

    home: int
    count: int


class Submitting:
    """Takes submissions in."""

    def __init__(self, ledger: Ledger, line: Line, judge: Judge, metrics: RegistrationMetrics) -> None:
        self._ledger = ledger
        self._line = line
        self._judge = judge
        self._metrics = metrics
        self._room = Room()
        # Those that wait for a batch, by the id of each of their transactions.
        self._in_flight: dict[bytes, Pending] = {}

    async def submit(self, data: bytes, *, caller: int) -> Settled:
        """Settle the submission that its home, the caller, has signed.

        Raises:
            RequestError: it is refused whole; nothing of it was written down.
            BusyError: too much waits already.
            WorldError: it is not known what became of it; the same transactions may be sent again.
        """
        now_s = asyncio.get_running_loop().time
        taken_s = now_s()
        try:
            head = self._read_head(data, caller)
            ids, spans = await self._settle(data, head)
        except RequestError as error:
            self._metrics.refused.labels(error.code).inc()
            raise
        settled = await self._settled(ids, spans)
        answered_s = now_s()
        self._metrics.pulse.count_answered(len(ids), latency_s=answered_s - taken_s, now_s=answered_s)
        return settled

    async def answer(self, settled: Settled) -> SubmissionAnswer:
        """The same for those who read JSON."""
        verdicts = []
        for first, count in settled.spans:
            tree = await self._ledger.book.tree(first.sequence)
            verdicts += [_verdict(tree.receipt(first.index + number)) for number in range(count)]
        receipts = settled.receipts
        return SubmissionAnswer(sequence=receipts.sequence, time_ms=receipts.time_ms, verdicts=verdicts)

    def _read_head(self, data: bytes, caller: int) -> _Head:
        if len(data) < _HEAD_BYTES:
            Submission.decode(data)
        kernel, network_id = self._ledger.kernel, data[:HASH_BYTES]
        if network_id != kernel.domain.network_id:
            raise RefusedError(
                f"the submission is of the network {network_id.hex()}",
                code=Status.WRONG_NETWORK.name,
                field="submission.network_id",
                cure=f"sign for this network, {kernel.domain.network_id.hex()}",
            )
        home, count = _HOME_AND_COUNT.unpack_from(data, HASH_BYTES)
        if home != caller:
            raise RequestError(
                f"home {caller} cannot hand in a submission of home {home}",
                code="FORBIDDEN",
                field="submission.home",
                cure="let that home hand it in",
            )
        return _Head(home, count)

    async def _settle(self, data: bytes, head: _Head) -> tuple[Sequence[bytes], Sequence[Span]]:
        """The ids of the submission's transactions, and where the verdicts on them stand."""
        judging = self._ledger.kernel.judging
        self._take_room(head.home, head.count)
        ordered = False
        try:
            try:
                said = await self._judged(data, head, judging)
            except RequestError as refused:
                return await self._settled_all_the_same(data, refused)
            ids = said.ids
            ordered = self._is_new(said)
            if ordered:
                place = await asyncio.shield(self._order(data, head, judging, said).answered)
                return ids, [(place, len(ids))]
            places = await self._ledger.index.places(set(ids))
            missing = [identity for identity in ids if identity not in places]
            ordered = not self._all_in_flight(missing)
            if ordered:
                self._order(data, head, judging, said)
            return ids, spans_of(await self._places(ids, places, missing))
        finally:
            if not ordered:
                self._leave_room(head.home, head.count)

    async def _judged(self, data: bytes, head: _Head, judging: Judging) -> Judgement:
        self._line.expect(head.count)
        try:
            return await self._judge.judge(data, judging, home=head.home, count=head.count)
        finally:
            self._line.expect(-head.count)

    def _is_new(self, said: Judgement) -> bool:
        """Whether none of the transactions was settled before, is on its way, or stands twice in the submission."""
        if not self._in_flight.keys().isdisjoint(said.ids) or len(set(said.ids)) < len(said.ids):
            return False
        return said.judged is not None and self._ledger.kernel.is_fresh(said.judged)

    async def _settled_all_the_same(self, data: bytes, refused: RequestError) -> tuple[Sequence[bytes], Sequence[Span]]:
        """Where the transactions of a submission that is refused were settled before, or are being settled."""
        ids = transaction_ids(Submission.decode(data).transactions, self._ledger.kernel.domain)
        places = await self._ledger.index.places(set(ids))
        missing = [identity for identity in ids if identity not in places]
        if not self._all_in_flight(missing):
            raise refused
        return ids, spans_of(await self._places(ids, places, missing))

    async def _places(self, ids: Sequence[bytes], known: dict[bytes, Place], missing: Sequence[bytes]) -> list[Place]:
        """The place of each transaction; what is missing waits for its first attempt, this one or another."""
        awaited = {identity: self._in_flight[identity] for identity in missing}
        places = dict(known)
        for identity, pending in awaited.items():
            first = await asyncio.shield(pending.answered)
            places[identity] = Place(first.sequence, first.index + pending.ids.index(identity))
        return [places[identity] for identity in ids]

    def _all_in_flight(self, ids: Sequence[bytes]) -> bool:
        return all(identity in self._in_flight for identity in ids)

    def _order(self, data: bytes, head: _Head, judging: Judging, said: Judgement) -> Pending:
        """Let it wait for its batch, and whoever repeats one of its transactions with it."""
        answered: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        pending = Pending(data, head.home, said.ids, said.controls, judging.rules.version, said.judged, answered)
        # Where another has the transaction on its way, that one is its first attempt.
        others = {identity: each for identity in said.ids if (each := self._in_flight.get(identity)) is not None}
        self._in_flight.update(dict.fromkeys(said.ids, pending))
        self._in_flight.update(others)
        answered.add_done_callback(lambda _: self._forget(pending))
        self._line.add(pending)
        return pending

    def _forget(self, pending: Pending) -> None:
        for identity in pending.ids:
            if self._in_flight.get(identity) is pending:
                del self._in_flight[identity]
        self._leave_room(pending.home, len(pending.ids))

    def _take_room(self, home: int, count: int) -> None:
        self._room.take(home, count)
        self._metrics.waiting.set(self._room.taken())

    def _leave_room(self, home: int, count: int) -> None:
        self._room.leave(home, count)
        self._metrics.waiting.set(self._room.taken())

    async def _settled(self, ids: Sequence[bytes], spans: Sequence[Span]) -> Settled:
        book, standing = self._ledger.book, self._ledger.standing
        receipts = await book.receipts(spans, sequence=standing.sequence, time_ms=standing.time_ms)
        if not any(any(stretch.statuses) for stretch in receipts.stretches):
            return Settled(ids, spans, receipts)
        # What this batch refused, because an earlier one had settled it, has its receipt from there.
        places = [Place(first.sequence, first.index + number) for first, count in spans for number in range(count)]
        statuses = [stretch.status(number) for stretch in receipts.stretches for number in range(len(stretch))]
        refused = [identity for identity, status in zip(ids, statuses, strict=True) if status != Status.SETTLED]
        earlier = await self._ledger.index.places(set(refused))
        if earlier:
            spans = spans_of([earlier.get(identity, place) for identity, place in zip(ids, places, strict=True)])
            receipts = await book.receipts(spans, sequence=standing.sequence, time_ms=standing.time_ms)
        return Settled(ids, spans, receipts)


def _verdict(receipt: Receipt) -> Verdict:
    return Verdict(transaction_id=receipt.transaction_id, status=Status(receipt.status).name, receipt=receipt.encode())
