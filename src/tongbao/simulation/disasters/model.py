"""A ledger of its own: what the journal's batches come to by the rules of money, told by code that knows no kernel.

It shares with the program only the formats of `tongbao.coin`. It does not judge signatures and approvals; it holds
every verdict against what money alone allows: a settled transaction spends coins that are there, once, before it
expires, and makes as much as it spends; one refused because an input is not unspent has such an input; and the verdicts
are those that the journal itself commits to in later batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tongbao.coin import Batch, BatchHeader, Body, Domain, Genesis, Kind, Submission, Transaction, statuses_hash
from tongbao.simulation.laws import demand

__all__ = ["EXPIRED", "INPUT_NOT_UNSPENT", "SETTLED", "LedgerModel", "Verdict", "replayed"]

SETTLED: Final = 0
EXPIRED: Final = 103
INPUT_NOT_UNSPENT: Final = 129
"""Numbers of statuses are part of the formats, docs/reference/statuses.md, and never change."""

Verdict = tuple[bytes, int]
"""A transaction's id, and the number of its status."""


@dataclass(slots=True)
class LedgerModel:
    """The ledger after the records that it was given.

    Attributes:
        domain: of the network.
        sequence: of the last batch.
        times: ledger time by batch.
        heads: what the next batch names, by batch.
        coins: asset, home and value of each unspent coin.
        settled: batch and place of each settled transaction.
        refused: the statuses with which a transaction was refused, by batch.
        issued_fen: made by issue.
        redeemed_fen: ended by redeem.
    """

    domain: Domain
    sequence: int = 0
    times: dict[int, int] = field(default_factory=dict)
    heads: dict[int, bytes] = field(default_factory=dict)
    coins: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    settled: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    refused: dict[tuple[bytes, int], int] = field(default_factory=dict)
    issued_fen: int = 0
    redeemed_fen: int = 0
    _unnamed: dict[int, list[int]] = field(default_factory=dict)

    def take(self, record: bytes, verdicts: Sequence[Verdict]) -> None:
        """Go on by one batch, on whose transactions these verdicts were told."""
        batch = Batch.decode(record)
        self._take_header(batch)
        transactions = [
            Transaction.decode(encoded)
            for submission in batch.submissions
            for encoded in Submission.decode(submission).transactions
        ]
        told = [identity for identity, _ in verdicts]
        ids = [transaction.id(self.domain) for transaction in transactions]
        demand(ids == told, f"batch {self.sequence} holds other transactions than its verdicts are about")
        for place, (transaction, (identity, status)) in enumerate(zip(transactions, verdicts, strict=True)):
            if status == SETTLED:
                self._settle(transaction.body, identity, place)
            else:
                self._refuse(transaction.body, identity, status)
        if transactions:
            self._unnamed[self.sequence] = [status for _, status in verdicts]

    def _take_header(self, batch: Batch) -> None:
        header = batch.header
        before = self.heads.get(self.sequence, self.domain.network_id)
        demand(header.sequence == self.sequence + 1, f"batch {header.sequence} follows batch {self.sequence}")
        demand(header.previous == before, f"batch {header.sequence} does not name the one before it")
        demand(header.time_ms >= self.times.get(self.sequence, 0), f"ledger time goes back at batch {header.sequence}")
        body = Batch.body_hash(batch.submissions, self.domain)
        demand(header.body_hash == body, f"batch {header.sequence} holds other submissions than it names")
        self._confirm(header)
        self.sequence = header.sequence
        self.times[header.sequence] = header.time_ms
        self.heads[header.sequence] = header.chain_head(self.domain)

    def _confirm(self, header: BatchHeader) -> None:
        statuses = self._unnamed.pop(header.applied_sequence, None)
        if statuses is not None:
            named = statuses_hash(header.applied_sequence, statuses, self.domain)
            demand(named == header.applied_statuses, f"batch {header.sequence} names other verdicts than were told")

    def _settle(self, body: Body, identity: bytes, place: int) -> None:
        name = f"transaction {identity.hex()[:16]} in batch {self.sequence}"
        demand(identity not in self.settled, f"{name} has settled before")
        demand(self.times[self.sequence] <= body.expiry_ms, f"{name} settled after its expiry")
        spent = 0
        for each in body.inputs:
            found = self.coins.pop(each.coin_id(self.domain), None)
            demand(found is not None, f"{name} spends a coin that is not unspent")
            spent += each.coin.value
        made = sum(coin.value for coin in body.outputs)
        for index, coin in enumerate(body.outputs):
            self.coins[coin.id(self.domain, origin=identity, index=index)] = (coin.asset, coin.home, coin.value)
        if body.kind == Kind.ISSUE:
            demand(not spent, f"{name} issues and spends")
            self.issued_fen += made
        elif body.kind == Kind.REDEEM:
            demand(not made, f"{name} redeems and makes coins")
            self.redeemed_fen += spent
        else:
            demand(spent == made, f"{name} spends {spent} fen and makes {made}")
        self.settled[identity] = (self.sequence, place)

    def _refuse(self, body: Body, identity: bytes, status: int) -> None:
        name = f"transaction {identity.hex()[:16]} in batch {self.sequence}"
        if status == EXPIRED:
            demand(self.times[self.sequence] > body.expiry_ms, f"{name} was refused as expired before its time")
        if status == INPUT_NOT_UNSPENT:
            there = all(each.coin_id(self.domain) in self.coins for each in body.inputs)
            demand(not there, f"{name} was refused though all that it spends is unspent")
        self.refused[identity, self.sequence] = status

    @property
    def unspent_fen(self) -> dict[tuple[int, int], int]:
        """Value of the unspent coins by asset and home."""
        sums: dict[tuple[int, int], int] = {}
        for asset, home, value in self.coins.values():
            sums[asset, home] = sums.get((asset, home), 0) + value
        return sums

    def demand_conserved(self) -> None:
        """Raise `LawBrokenError` unless what is unspent is what was issued less what was redeemed."""
        unspent = sum(self.unspent_fen.values())
        due = self.issued_fen - self.redeemed_fen
        demand(unspent == due, f"{unspent} fen are unspent, and {due} fen were issued and not redeemed")


def replayed(
    records: Sequence[bytes], verdicts: Mapping[int, Sequence[Verdict]], *, until_sequence: int | None = None
) -> LedgerModel:
    """The model after the journal's records, genesis first, or after those up to a batch."""
    model = LedgerModel(Genesis.decode(records[0]).domain())
    last = len(records) - 1 if until_sequence is None else until_sequence
    for sequence, record in enumerate(records[1 : last + 1], 1):
        model.take(record, verdicts.get(sequence, ()))
    model.demand_conserved()
    return model
