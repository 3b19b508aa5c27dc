"""The supply counted again from the journal, by code that shares nothing with the kernel but the formats.

The journal holds transactions, not verdicts. Which of them settled somebody must say: the reference kernel, which
judges and applies the journal anew (`journal_replay`), or, where time is dear, the registration centre's index. Neither
is believed further than the journal itself bears it out: each batch names the hash of the verdicts on an earlier one.
Then the recount demands of every settled transaction what money demands: its inputs are unspent, its outputs are worth
as much as its inputs, and only issue makes and only redeem ends value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.coin import (
    CURRENCY,
    Batch,
    BatchHeader,
    Body,
    Domain,
    Genesis,
    Kind,
    Submission,
    Transaction,
    statuses_hash,
)
from tongbao.errors import DamageError, RequestError

__all__ = ["Supply", "SupplyRecount"]

SETTLED = 0

Verdicts = Callable[[int], Sequence[tuple[bytes, int]]]
"""Ids and statuses of the transactions of the batch with that sequence, which is the one being counted."""


@dataclass(frozen=True, slots=True)
class Supply:
    """The currency in fen.

    Attributes:
        issued: made by issue transactions.
        redeemed: ended by redeem transactions.
        unspent: worth of the coins that are left, counted coin by coin.
        by_home: unspent by home.
        coins: how many coins are left.
        sequence: the last batch counted.
        confirmed_sequence: the last batch whose verdicts a later batch names.
        unconfirmed: how many verdicts no later batch names: those on the last batch of money, until the next batch.
        judged: whether the kernel found the verdicts by judging the journal anew; else they are the index's word.
    """

    issued: int
    redeemed: int
    unspent: int
    by_home: dict[int, int]
    coins: int
    sequence: int
    confirmed_sequence: int
    unconfirmed: int
    judged: bool

    @property
    def outstanding(self) -> int:
        """Issued less redeemed."""
        return self.issued - self.redeemed

    @property
    def holds(self) -> bool:
        """Whether what is unspent is what must be."""
        return self.unspent == self.outstanding

    @property
    def confirmation(self) -> str:
        """What the verdicts rest on, for people."""
        if not self.unconfirmed:
            named = "the journal names every verdict"
        elif self.judged:
            named = "the next batch will name the last verdicts"
        else:
            verdicts = "1 verdict rests" if self.unconfirmed == 1 else f"{self.unconfirmed:,} verdicts rest"
            named = f"{verdicts} on the index alone until the next batch names them"
        return f"every signature, approval and rule was judged again; {named}" if self.judged else named

    def summary(self) -> dict[str, int]:
        """The four figures, in fen, and how many verdicts no batch of the journal names."""
        return {
            "issued": self.issued,
            "redeemed": self.redeemed,
            "outstanding": self.outstanding,
            "unspent": self.unspent,
            "unconfirmed": self.unconfirmed,
        }


class SupplyRecount:
    """Called with each record of a journal in order; `supply` tells what they add up to.

    `judged` says that `verdicts` come from judging the journal anew.
    """

    def __init__(self, verdicts: Verdicts, *, judged: bool = False) -> None:
        self._verdicts = verdicts
        self._judged = judged
        self._domain: Domain | None = None
        self._coins: dict[bytes, tuple[int, int, int]] = {}
        self._issued = 0
        self._redeemed = 0
        self._sequence = 0
        self._confirmed = 0
        self._unnamed: dict[int, list[int]] = {}

    def __call__(self, sequence: int, record: bytes) -> None:
        """Count record `sequence`; raises `DamageError` where it does not add up."""
        try:
            if self._domain is None:
                self._domain = Genesis.decode(record).domain()
            else:
                self._count_batch(sequence, Batch.decode(record), self._domain)
        except RequestError as error:
            raise DamageError(f"it cannot be read: {error}") from None

    @property
    def _source(self) -> str:
        return "judging it anew gives" if self._judged else "the index has"

    def confirm(self, record: bytes) -> None:
        """Let a batch that is not counted say what it knows of those that are; `DamageError` where it contradicts."""
        try:
            if self._domain is not None:
                self._confirm(Batch.decode(record).header, self._domain)
        except RequestError as error:
            raise DamageError(f"it cannot be read: {error}") from None

    def _count_batch(self, sequence: int, batch: Batch, domain: Domain) -> None:
        self._confirm(batch.header, domain)
        transactions = [
            Transaction.decode(encoded)
            for submission in batch.submissions
            for encoded in Submission.decode(submission).transactions
        ]
        verdicts = self._verdicts(sequence) if transactions else ()
        ids = [transaction.id(domain) for transaction in transactions]
        if ids != [identity for identity, _ in verdicts]:
            raise DamageError(f"{self._source} other transactions for this batch")
        for transaction, (identity, status) in zip(transactions, verdicts, strict=True):
            if status == SETTLED:
                self._count(transaction.body, identity, domain)
        if verdicts:
            self._unnamed[sequence] = [status for _, status in verdicts]
        self._sequence = sequence

    def _confirm(self, header: BatchHeader, domain: Domain) -> None:
        """Hold the verdicts used so far against what this batch says of them."""
        named = header.applied_sequence
        statuses = self._unnamed.pop(named, None)
        if statuses is not None and statuses_hash(named, statuses, domain) != header.applied_statuses:
            raise DamageError(f"it names other verdicts on batch {named} than {self._source}")
        self._confirmed = max(self._confirmed, min(named, self._sequence))

    def _count(self, body: Body, identity: bytes, domain: Domain) -> None:
        spent = self._spend(body, identity, domain)
        made = self._make(body, identity, domain)
        if body.kind == Kind.ISSUE and not spent:
            self._issued += made.get(CURRENCY, 0)
        elif body.kind == Kind.REDEEM and not made:
            self._redeemed += spent.get(CURRENCY, 0)
        elif spent != made:
            raise DamageError(f"settled transaction {identity.hex()} makes other value than it spends")

    def _spend(self, body: Body, identity: bytes, domain: Domain) -> dict[int, int]:
        """End the inputs; their value by asset."""
        value: dict[int, int] = {}
        for spent in body.inputs:
            if self._coins.pop(spent.coin_id(domain), None) is None:
                raise DamageError(f"settled transaction {identity.hex()} spends a coin that is not unspent")
            value[spent.coin.asset] = value.get(spent.coin.asset, 0) + spent.coin.value
        return value

    def _make(self, body: Body, identity: bytes, domain: Domain) -> dict[int, int]:
        """Begin the outputs; their value by asset."""
        value: dict[int, int] = {}
        for index, coin in enumerate(body.outputs):
            coin_id = coin.id(domain, origin=identity, index=index)
            if coin_id in self._coins:
                raise DamageError(f"settled transaction {identity.hex()} has settled before")
            self._coins[coin_id] = (coin.asset, coin.home, coin.value)
            value[coin.asset] = value.get(coin.asset, 0) + coin.value
        return value

    def supply(self) -> Supply:
        """What the records so far add up to."""
        by_home: dict[int, int] = {}
        for asset, home, value in self._coins.values():
            if asset == CURRENCY:
                by_home[home] = by_home.get(home, 0) + value
        return Supply(
            issued=self._issued,
            redeemed=self._redeemed,
            unspent=sum(by_home.values()),
            by_home=by_home,
            coins=len(self._coins),
            sequence=self._sequence,
            confirmed_sequence=self._confirmed,
            unconfirmed=sum(map(len, self._unnamed.values())),
            judged=self._judged,
        )
