"""The supply counted again from the journal, by code that shares nothing with the kernel but the formats.

The journal holds transactions, not verdicts. Which of them settled is read from the registration centre's index, and
believed only as far as the journal itself bears it out: each batch names the hash of the verdicts on an earlier one.
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
"""Ids and statuses of the transactions of the batch with that sequence."""


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
        confirmed_sequence: the last batch whose verdicts a later batch names; those after it are the index's word.
    """

    issued: int
    redeemed: int
    unspent: int
    by_home: dict[int, int]
    coins: int
    sequence: int
    confirmed_sequence: int

    @property
    def outstanding(self) -> int:
        """Issued less redeemed."""
        return self.issued - self.redeemed

    @property
    def holds(self) -> bool:
        """Whether what is unspent is what must be."""
        return self.unspent == self.outstanding

    def summary(self) -> dict[str, int]:
        """The four figures, in fen."""
        return {
            "issued": self.issued,
            "redeemed": self.redeemed,
            "outstanding": self.outstanding,
            "unspent": self.unspent,
        }


class SupplyRecount:
    """Called with each record of a journal in order; `supply` tells what they add up to."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self._domain: Domain | None = None
        self._coins: dict[bytes, tuple[int, int, int]] = {}
        self._issued = 0
        self._redeemed = 0
        self._sequence = 0
        self._confirmed = 0
        self._statuses: dict[int, list[int]] = {}

    def __call__(self, sequence: int, record: bytes) -> None:
        """Count record `sequence`; raises `DamageError` where it does not add up."""
        try:
            if self._domain is None:
                self._domain = Genesis.decode(record).domain()
            else:
                self._count_batch(sequence, Batch.decode(record), self._domain)
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
            raise DamageError("the index has other transactions for this batch")
        for transaction, (identity, status) in zip(transactions, verdicts, strict=True):
            if status == SETTLED:
                self._count(transaction.body, identity, domain)
        self._statuses[sequence] = [status for _, status in verdicts]
        self._sequence = sequence

    def _confirm(self, header: BatchHeader, domain: Domain) -> None:
        """Hold the verdicts used so far against what this batch says of them."""
        named = header.applied_sequence
        if named in self._statuses:
            if statuses_hash(named, self._statuses[named], domain) != header.applied_statuses:
                raise DamageError(f"it names other verdicts on batch {named} than the index has")
            self._confirmed = max(self._confirmed, named)
            for older in [sequence for sequence in self._statuses if sequence < named]:
                del self._statuses[older]

    def _count(self, body: Body, identity: bytes, domain: Domain) -> None:
        spent_value: dict[int, int] = {}
        for spent in body.inputs:
            coin_id = spent.coin_id(domain)
            if self._coins.pop(coin_id, None) is None:
                raise DamageError(f"settled transaction {identity.hex()} spends a coin that is not unspent")
            spent_value[spent.coin.asset] = spent_value.get(spent.coin.asset, 0) + spent.coin.value
        made_value: dict[int, int] = {}
        for index, coin in enumerate(body.outputs):
            self._coins[coin.id(domain, origin=identity, index=index)] = (coin.asset, coin.home, coin.value)
            made_value[coin.asset] = made_value.get(coin.asset, 0) + coin.value
        if body.kind == Kind.ISSUE:
            self._issued += made_value.get(CURRENCY, 0)
        elif body.kind == Kind.REDEEM:
            self._redeemed += spent_value.get(CURRENCY, 0)
        elif spent_value != made_value:
            raise DamageError(f"settled transaction {identity.hex()} makes other value than it spends")

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
        )
