"""What clients saw of the registration centre, and whether a ledger that does one thing after another says the same.

A history is linearizable when its operations can be put into one order that respects real time (what was answered
before another was asked for stands before it) and in which each gives the answer that it gave. Searching for such an
order is hard in general (Wing and Gong, 1993). Here every answer names its own place: the batch that it accounts for.
So the order is given, and two questions are left, both answered in one pass:

- *content*: is the answer what the model's ledger says at that batch?
- *real time*: does no answer account for less than another one that was complete before it was asked for?

An answer that a transaction has settled tells of a fact that stays true, so it may name an older batch; but whoever has
been told so once is told the same place ever after, and never hears "refused" or "unknown" again.
"""

from dataclasses import dataclass
from typing import Final

from tongbao.coin import Domain, Outcome, Receipt, Submission, Transaction
from tongbao.coin.verdicts import Verdicts
from tongbao.protocol.registration import LedgerStatus, OutcomeAnswer, SubmissionAnswer
from tongbao.simulation.charter import CENTRE
from tongbao.simulation.disasters.model import SETTLED, LedgerModel
from tongbao.simulation.laws import demand
from tongbao.simulation.network import Exchange

__all__ = ["Answers", "Seen"]

GOOD: Final = 200
_CENTRE_URL: Final = f"http://{CENTRE}:80"


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that one answer says.

    Attributes:
        asked_s: virtual time of the request.
        answered_s: of the answer's arrival.
        accounts_for: the batch up to which the answer accounts for the ledger.
        transaction_id: that it is about, or None.
        status: of the transaction, as a number; None where no batch settled it.
        place: batch and place of the verdict, or None.
        chain_head: of the batch that it accounts for, or None.
    """

    asked_s: float
    answered_s: float
    accounts_for: int
    transaction_id: bytes | None = None
    status: int | None = None
    place: tuple[int, int] | None = None
    chain_head: bytes | None = None


class Answers:
    """Takes every answer of the centre; `judge` holds them against the model.

    Attributes:
        seen: what they say, in the order in which they came.
    """

    def __init__(self, domain: Domain) -> None:
        self.seen: list[Seen] = []
        self._domain = domain

    def __call__(self, exchange: Exchange) -> None:
        """Take an answer, if it is the centre's."""
        if exchange.answer.status != GOOD or not exchange.url.startswith(_CENTRE_URL):
            return
        path = exchange.url.removeprefix(_CENTRE_URL)
        if path == "/v1/status":
            self._take_status(exchange)
        elif path.startswith("/v1/outcomes/"):
            self._take_outcome(exchange)
        elif path == "/v1/submissions/encoded":
            ids = self._ids(exchange.body)
            verdicts = Verdicts.decode(exchange.answer.body)
            self._take_receipts(exchange, verdicts.sequence, verdicts.receipts(ids, self._domain))
        elif path == "/v1/submissions":
            answer = SubmissionAnswer.model_validate_json(exchange.answer.body)
            receipts = [Receipt.decode(each.receipt) for each in answer.verdicts]
            self._take_receipts(exchange, answer.sequence, receipts)

    def _ids(self, submission: bytes) -> list[bytes]:
        transactions = Submission.decode(submission).transactions
        return [Transaction.decode(each).id(self._domain) for each in transactions]

    def _take_status(self, exchange: Exchange) -> None:
        answer = LedgerStatus.model_validate_json(exchange.answer.body)
        self.seen.append(Seen(exchange.asked_s, exchange.answered_s, answer.sequence, chain_head=answer.chain_head))

    def _take_outcome(self, exchange: Exchange) -> None:
        answer = OutcomeAnswer.model_validate_json(exchange.answer.body)
        outcome = Outcome.decode(answer.outcome)
        identity, times = outcome.transaction_id, (exchange.asked_s, exchange.answered_s)
        if answer.receipt is None:
            self.seen.append(Seen(*times, outcome.sequence, identity))
            return
        receipt = Receipt.decode(answer.receipt)
        place = (receipt.signed_head.head.sequence, receipt.index)
        self.seen.append(Seen(*times, outcome.sequence, identity, receipt.status, place))

    def _take_receipts(self, exchange: Exchange, sequence: int, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            place = (receipt.signed_head.head.sequence, receipt.index)
            times = (exchange.asked_s, exchange.answered_s)
            self.seen.append(Seen(*times, sequence, receipt.transaction_id, receipt.status, place))

    def judge(self, model: LedgerModel) -> None:
        """Raise `LawBrokenError` unless one ledger, that does one thing after another, gives all of these answers."""
        for each in self.seen:
            _judge_content(each, model)
        self._judge_real_time()

    def _judge_real_time(self) -> None:
        """Walk through time; before each request, take in what was complete when it was made."""
        complete = iter(sorted(self.seen, key=lambda each: each.answered_s))
        following = next(complete, None)
        reached, settled = 0, dict[bytes, tuple[int, int]]()
        for each in sorted(self.seen, key=lambda each: each.asked_s):
            while following is not None and following.answered_s < each.asked_s:
                reached = max(reached, following.accounts_for)
                if following.status == SETTLED and following.transaction_id and following.place:
                    settled[following.transaction_id] = following.place
                following = next(complete, None)
            known = settled.get(each.transaction_id or b"")
            demand(
                known is None or (each.status, each.place) == (SETTLED, known),
                f"{_name(each)} was answered as settled at {known}, and then as {each.status} at {each.place}",
            )
            demand(
                each.accounts_for >= reached or each.status == SETTLED,
                f"{_name(each)}: an answer accounts for batch {each.accounts_for} when {reached} had been told",
            )


def _name(seen: Seen) -> str:
    return "the ledger's standing" if seen.transaction_id is None else f"transaction {seen.transaction_id.hex()[:16]}"


def _judge_content(seen: Seen, model: LedgerModel) -> None:
    at = seen.accounts_for
    demand(at <= model.sequence, f"{_name(seen)}: an answer accounts for batch {at}, the journal ends before it")
    if seen.chain_head is not None:
        demand(seen.chain_head == model.heads[at], f"batch {at} was another one when the centre told of it")
    if seen.transaction_id is None:
        return
    settled = model.settled.get(seen.transaction_id)
    if seen.status is None:
        demand(settled is None or settled[0] > at, f"{_name(seen)} was called unknown at {at}, it settled at {settled}")
    elif seen.status == SETTLED:
        demand(settled == seen.place, f"{_name(seen)} was answered as settled at {seen.place}, it is at {settled}")
    elif seen.place is not None:
        told = model.refused.get((seen.transaction_id, seen.place[0]))
        demand(told == seen.status, f"{_name(seen)} was refused with {seen.status}, the journal has {told}")
