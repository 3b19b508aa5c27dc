"""Issuance into the vault and redemption from it, step by step with the central bank's office.

An issuance is recorded, proposed, and done when its coins arrive on the locks that it named. A redemption is recorded
with its signed transaction (behind a split, where the vault has no coins of just the amount), proposed, and submitted
with the officers' approvals. What is recorded here is carried on by `BankProgress`.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.coin import Input
from tongbao.coin.encoding import u16, u64
from tongbao.coin.receipt import Receipt
from tongbao.coin.transaction import Transaction
from tongbao.errors import RequestError
from tongbao.institutions.bank.bank_outcomes import ISSUANCE, REDEMPTION_SALT, SPLIT_SUFFIX, redemption_holder
from tongbao.institutions.customers.lock_book import GivenLock
from tongbao.institutions.exchange.exchange_planning import CHANGE_SALT
from tongbao.institutions.premises import PREPARATION_MS, Premises, key_reused
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, record
from tongbao.institutions.tables import AnyRow, bank_operations, counters, transactions
from tongbao.protocol.banking import BankOperation, BankOperationState, RequestIssuance, RequestRedemption
from tongbao.protocol.issuance import IssuanceRequest, RedemptionRequest, WantedCoin
from tongbao.vaults.issuance import redeem_body
from tongbao.vaults.purse import NEVER_MS, Reservation, split_change

__all__ = ["ISSUE", "REDEEM", "BankOperations"]

ISSUE = "issuance"
REDEEM = "redemption"

_BY_ID = sa.select(bank_operations).where(bank_operations.c.operation_id == sa.bindparam("operation"))
_DESCRIBED = (
    sa.select(
        *[column for column in bank_operations.c if column is not bank_operations.c.receipt],
        sa.func.coalesce(transactions.c.receipt, bank_operations.c.receipt).label("receipt"),
        transactions.c.sequence.label("settled_sequence"),
        transactions.c.time_ms.label("settled_ms"),
    )
    .outerjoin(transactions, transactions.c.transaction_id == bank_operations.c.transaction_id)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"))
)
_INSERT = sa.insert(bank_operations)
_COUNT = (
    sa.update(counters)
    .where(counters.c.name == "issuance")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)


@dataclass(frozen=True, slots=True)
class _Redemption:
    """A redemption, made out: its own transaction, and the one that makes its coin first."""

    transaction: Transaction
    split: Outgoing | None


@dataclass(frozen=True, slots=True)
class _Operation:
    """What is asked for."""

    operation_id: bytes
    kind: str
    amount_fen: int
    expiry_ms: int


class BankOperations:
    """Records issuances and redemptions."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def issue(self, request: RequestIssuance, *, request_id: bytes, request_hash: bytes) -> None:
        """Record an issuance; a repeated request changes nothing."""
        await self._premises.ports.store.write(
            lambda connection: self._issue(connection, request, request_id, request_hash)
        )

    async def redeem(self, request: RequestRedemption, *, request_id: bytes, request_hash: bytes) -> Outgoing | None:
        """Record a redemption and hold its coins; returns the split that it needs first, to be submitted.

        Not to be cancelled: what is being written goes on, and the split would lie there unsent.
        """
        reserved: list[str] = []
        try:
            return await self._premises.ports.store.write(
                lambda connection: self._redeem(connection, request, request_id, request_hash, reserved=reserved)
            )
        except Exception:
            # Not by the request's name: when it is a repeat, an operation on its way holds coins under that.
            for holder in reserved:
                self._premises.vault.purse.release(holder)
            raise

    async def find(self, operation_id: bytes) -> BankOperation:
        """The operation as it stands."""
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_DESCRIBED, {"operation": operation_id}).one_or_none()
        )
        if row is None:
            raise RequestError(
                "there is no such operation",
                code="NOT_FOUND",
                field="operation_id",
                cure="ask with the id that was given",
            )
        return self._describe(row)

    # --- recording ----------------------------------------------------------------------------------------------------

    def _issue(
        self, connection: sa.Connection, request: RequestIssuance, operation_id: bytes, request_hash: bytes
    ) -> None:
        if self._known(connection, operation_id, request_hash):
            return
        premises = self._premises
        number = connection.execute(_COUNT).scalar_one()
        wanted = []
        for place, value in enumerate(split_change(request.amount_fen, pieces=request.coins)):
            salt = premises.secrets.derive("vault issuance", u64(number), u16(place))
            lock = GivenLock(premises.vault.lock_id(salt), None, salt)
            premises.locks.remember(connection, lock, wallet_id=None, purpose=ISSUANCE, subject=operation_id)
            wanted.append(WantedCoin(lock_id=lock.lock_id, value=value))
        content = IssuanceRequest(coins=wanted).encode()
        operation = _Operation(operation_id, ISSUE, request.amount_fen, 0)
        self._insert(connection, operation, request_hash=request_hash, content=content)

    def _redeem(
        self,
        connection: sa.Connection,
        request: RequestRedemption,
        operation_id: bytes,
        request_hash: bytes,
        *,
        reserved: list[str],
    ) -> Outgoing | None:
        if self._known(connection, operation_id, request_hash):
            return None
        premises = self._premises
        holder, now_ms = redemption_holder(operation_id), premises.ledger.time_ms
        reservation = premises.vault.purse.reserve(holder, request.amount_fen, now_ms=now_ms, until_ms=NEVER_MS)
        reserved.append(holder)
        redemption = self._make_out(reservation, request.amount_fen, operation_id)
        if redemption.split is not None:
            record(connection, redemption.split)
        transaction = redemption.transaction
        content = RedemptionRequest(transaction=transaction.encode()).encode()
        operation = _Operation(operation_id, REDEEM, request.amount_fen, transaction.body.expiry_ms)
        self._insert(connection, operation, request_hash=request_hash, content=content)
        return redemption.split

    def _make_out(self, reservation: Reservation, amount_fen: int, operation_id: bytes) -> _Redemption:
        premises = self._premises
        # Officers are people: they get all the time that the network allows.
        expiry_ms = premises.ledger.time_ms + premises.genesis.limits.expiry_ahead_max_ms
        reference = premises.secrets.derive("redemption reference", operation_id)
        if reservation.value == amount_fen:
            body = redeem_body([coin.opening for coin in reservation.coins], expiry_ms=expiry_ms, reference=reference)
            return _Redemption(premises.vault.sign(body), None)
        split = self._split(reservation, amount_fen, operation_id)
        coin = Input(split.transaction_id, 0, split.body.outputs[0])
        body = redeem_body([coin], expiry_ms=expiry_ms, reference=reference)
        salt = premises.secrets.derive(REDEMPTION_SALT, operation_id)
        return _Redemption(premises.vault.sign(body, salts=[salt]), split)

    def _split(self, reservation: Reservation, amount_fen: int, operation_id: bytes) -> Outgoing:
        premises, now_ms = self._premises, self._premises.ledger.time_ms
        salt = premises.secrets.derive(REDEMPTION_SALT, operation_id)
        body = premises.vault.transfer(
            reservation.coins,
            [premises.vault.coin(amount_fen, salt)],
            change_salt=premises.secrets.derive(CHANGE_SALT, reservation.coins[0].coin_id),
            expiry_ms=now_ms + PREPARATION_MS,
            reference=premises.secrets.derive("split reference", operation_id),
        )
        return Outgoing.of(
            premises.vault.sign(body),
            premises.domain,
            kind=OutgoingKind.SPLIT,
            subject=operation_id + SPLIT_SUFFIX,
            recorded_ms=now_ms,
        )

    def _known(self, connection: sa.Connection, operation_id: bytes, request_hash: bytes) -> bool:
        row = connection.execute(_BY_ID, {"operation": operation_id}).one_or_none()
        if row is not None and row.request_hash != request_hash:
            raise key_reused()
        return row is not None

    def _insert(self, connection: sa.Connection, operation: _Operation, *, request_hash: bytes, content: bytes) -> None:
        connection.execute(
            _INSERT,
            {
                "operation_id": operation.operation_id,
                "request_hash": request_hash,
                "kind": operation.kind,
                "amount_fen": operation.amount_fen,
                "state": BankOperationState.REQUESTED.value,
                "status": "",
                "proposal_id": "",
                "transaction_id": None,
                "content": content,
                "missing_fen": operation.amount_fen,
                "expiry_ms": operation.expiry_ms,
            },
        )

    def _describe(self, row: AnyRow) -> BankOperation:
        sequence, time_ms = self._when(row)
        return BankOperation(
            operation_id=row.operation_id,
            kind=row.kind,
            amount_fen=row.amount_fen,
            state=BankOperationState(row.state),
            status=row.status,
            proposal_id=row.proposal_id,
            transaction_id=row.transaction_id,
            receipt=row.receipt,
            sequence=sequence,
            time_ms=time_ms,
        )

    def _when(self, row: AnyRow) -> tuple[int, int]:
        """Sequence and ledger time of the batch that settled the operation, or of this answer."""
        if row.settled_sequence:
            return row.settled_sequence, row.settled_ms
        if row.receipt is None:
            return self._premises.ledger.sequence, self._premises.ledger.time_ms
        head = Receipt.decode(row.receipt).signed_head.head
        return head.sequence, head.time_ms
