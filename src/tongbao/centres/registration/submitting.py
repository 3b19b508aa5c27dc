"""Submissions: asked after first, judged, ordered, and answered with a verdict and a receipt per transaction.

A submission is journaled whole or not at all, since its home signed it whole. What of it was settled before is refused
again inside the batch (its inputs are gone, its serial is used) and is answered with its first receipt all the same.
"""

import asyncio
from collections.abc import Sequence

from tongbao.centres.registration.judging import Judge
from tongbao.centres.registration.ledger import Ledger
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.waiting import Line, Pending, Place, Room
from tongbao.coin import Domain, Receipt, Submission
from tongbao.coin.transaction import transaction_id
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Status
from tongbao.protocol.registration import SubmissionAnswer, Verdict

__all__ = ["Submitting", "transaction_ids"]


def transaction_ids(transactions: Sequence[bytes], domain: Domain) -> tuple[bytes, ...]:
    """The ids of encoded transactions, without looking into their bodies; what is malformed has some id, too."""
    return tuple([transaction_id(each[4 : 4 + int.from_bytes(each[:4], "big")], domain) for each in transactions])


class Submitting:
    """Takes submissions in."""

    def __init__(self, ledger: Ledger, line: Line, judge: Judge, metrics: RegistrationMetrics) -> None:
        self._ledger = ledger
        self._line = line
        self._judge = judge
        self._metrics = metrics
        self._room = Room()
        # Those that wait for a batch, by the id of each of their transactions, and the transaction's place in them.
        self._in_flight: dict[bytes, tuple[Pending, int]] = {}

    async def submit(self, data: bytes, *, caller: int) -> SubmissionAnswer:
        """Settle the submission that its home, the caller, has signed.

        Raises:
            RequestError: it is refused whole; nothing of it was written down.
            BusyError: too much waits already.
            WorldError: it is not known what became of it; the same transactions may be sent again.
        """
        try:
            submission = self._read(data, caller)
            ids = transaction_ids(submission.transactions, self._ledger.kernel.domain)
            places = await self._ledger.index.places(set(ids))
            missing = [identity for identity in ids if identity not in places]
            if missing:
                places |= await self._settle(data, submission, ids, missing)
        except RequestError as error:
            self._metrics.refused.labels(error.code).inc()
            raise
        return await self._answer(ids, places)

    def _read(self, data: bytes, caller: int) -> Submission:
        submission = Submission.decode(data)
        kernel = self._ledger.kernel
        if submission.network_id != kernel.domain.network_id:
            raise RefusedError(
                f"the submission is of the network {submission.network_id.hex()}",
                code=Status.WRONG_NETWORK.name,
                field="submission.network_id",
                cure=f"sign for this network, {kernel.domain.network_id.hex()}",
            )
        if submission.home != caller:
            raise RequestError(
                f"home {caller} cannot hand in a submission of home {submission.home}",
                code="FORBIDDEN",
                field="submission.home",
                cure="let that home hand it in",
            )
        return submission

    async def _settle(
        self, data: bytes, submission: Submission, ids: tuple[bytes, ...], missing: Sequence[bytes]
    ) -> dict[bytes, Place]:
        """Where the verdicts on the missing transactions stand."""
        if not self._all_in_flight(missing):
            self._take_room(submission.home, len(ids))
            try:
                judging = self._ledger.kernel.judging
                controls = await self._judge.judge(data, submission, judging)
            except BaseException:
                self._leave_room(submission.home, len(ids))
                raise
            answered: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
            self._order(Pending(data, submission.home, ids, controls, judging.rules.version, answered))
        # Each waits for its first attempt, this one or another that is on its way.
        awaited = {identity: self._in_flight[identity] for identity in missing}
        places = {}
        for identity, (pending, position) in awaited.items():
            first = await asyncio.shield(pending.answered)
            places[identity] = Place(first.sequence, first.index + position)
        return places

    def _all_in_flight(self, ids: Sequence[bytes]) -> bool:
        return all(identity in self._in_flight for identity in ids)

    def _order(self, pending: Pending) -> None:
        """Let it wait for its batch, and whoever repeats one of its transactions with it."""
        for position, identity in enumerate(pending.ids):
            self._in_flight.setdefault(identity, (pending, position))
        pending.answered.add_done_callback(lambda _: self._forget(pending))
        self._line.add(pending)

    def _forget(self, pending: Pending) -> None:
        for identity in pending.ids:
            if self._in_flight.get(identity, (None, 0))[0] is pending:
                del self._in_flight[identity]
        self._leave_room(pending.home, len(pending.ids))

    def _take_room(self, home: int, count: int) -> None:
        self._room.take(home, count)
        self._metrics.waiting.set(self._room.taken())

    def _leave_room(self, home: int, count: int) -> None:
        self._room.leave(home, count)
        self._metrics.waiting.set(self._room.taken())

    async def _answer(self, ids: tuple[bytes, ...], places: dict[bytes, Place]) -> SubmissionAnswer:
        receipts = {identity: await self._ledger.book.receipt(place) for identity, place in places.items()}
        # What this batch refused, because an earlier one had settled it, has its receipt from there.
        refused = [identity for identity, receipt in receipts.items() if receipt.status != Status.SETTLED]
        for identity, place in (await self._ledger.index.places(refused)).items():
            receipts[identity] = await self._ledger.book.receipt(place)
        standing = self._ledger.standing
        return SubmissionAnswer(
            sequence=standing.sequence,
            time_ms=standing.time_ms,
            verdicts=[_verdict(receipts[identity]) for identity in ids],
        )


def _verdict(receipt: Receipt) -> Verdict:
    return Verdict(transaction_id=receipt.transaction_id, status=Status(receipt.status).name, receipt=receipt.encode())
