"""Orders that make and end money, as the central bank publishes them: signed by officers, receipted by the ledger.

An order is an issue or redeem transaction without its owners' witnesses, which its id does not cover, and the receipt
that says when it settled. Who may sign follows from the genesis and from the orders themselves: a change of officers
stands among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.control.governance import ReceiptKey
from tongbao.coin.domain import Domain
from tongbao.coin.genesis import Genesis
from tongbao.coin.receipt import Receipt
from tongbao.coin.suites import PublicKey, verify_signature
from tongbao.coin.transaction import Body, Kind, Transaction, approve_digest
from tongbao.errors import RequestError

__all__ = ["OrderInvalidError", "SupplyOrder", "orders_by_batch"]

SETTLED = 0

Moved = dict[tuple[int, int], int]
"""Value by asset and home."""


class OrderInvalidError(RequestError):
    """Something that is no order by which money was made or ended."""

    code = "ORDER_INVALID"


@dataclass(frozen=True, slots=True)
class SupplyOrder:
    """One order.

    Attributes:
        transaction: with the officers' approvals and without witnesses.
        receipt: that it settled.
    """

    transaction: Transaction
    receipt: Receipt

    @staticmethod
    def decode(transaction: bytes, receipt: bytes) -> "SupplyOrder":
        """The order of these two encodings; `orders_by_batch` says whether it holds."""
        return SupplyOrder(Transaction.decode(transaction), Receipt.decode(receipt))

    @staticmethod
    def published(transaction: Transaction) -> bytes:
        """What of a transaction is published: not the locks of those whose coins it ended."""
        return Transaction(transaction.body, (), transaction.approvals).encode()

    @property
    def body(self) -> Body:
        """What was ordered."""
        return self.transaction.body

    @property
    def sequence(self) -> int:
        """The batch in which it settled."""
        return self.receipt.signed_head.head.sequence

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the ledger: batch, and place within it."""
        return self.sequence, self.receipt.index

    def issued(self) -> Moved:
        """What it made."""
        return _summed((coin.asset, coin.home, coin.value) for coin in self.body.outputs) if self._is_issue else {}

    def redeemed(self) -> Moved:
        """What it ended."""
        if self.body.kind != Kind.REDEEM:
            return {}
        return _summed((each.coin.asset, each.coin.home, each.coin.value) for each in self.body.inputs)

    @property
    def _is_issue(self) -> bool:
        return self.body.kind == Kind.ISSUE


def _summed(coins: Iterable[tuple[int, int, int]]) -> Moved:
    moved: Moved = {}
    for asset, home, value in coins:
        moved[asset, home] = moved.get((asset, home), 0) + value
    return moved


class _Admitted:
    """Who may order and whose receipts count, as the orders so far have it."""

    def __init__(self, genesis: Genesis, receipt_keys: frozenset[PublicKey]) -> None:
        self.receipt_keys = receipt_keys
        self.domain: Domain = genesis.domain()
        self._officers = {each.authority: each for each in genesis.authorities}
        self._seen: set[bytes] = set()

    def take(self, order: SupplyOrder) -> None:
        """Raise `OrderInvalidError` unless it holds; then let it change who may order."""
        identity = order.transaction.id(self.domain)
        self._demand_settled(order, identity)
        operation = order.body.operation
        match order.body.kind:
            case Kind.ISSUE | Kind.REDEEM:
                authority = AuthorityKind.ISSUANCE
            case Kind.CONTROL if isinstance(operation, Officers | ReceiptKey):
                authority = operation.AUTHORITY
            case _:
                raise OrderInvalidError("it neither makes nor ends money, nor says who may", field="transaction")
        self._demand_approved(order.transaction, identity, authority)
        if isinstance(operation, Officers):
            self._officers[operation.authority] = operation
        elif isinstance(operation, ReceiptKey):
            # One that has ended still counts, for what it signed before.
            self.receipt_keys |= {operation.key}

    def _demand_settled(self, order: SupplyOrder, identity: bytes) -> None:
        if identity in self._seen:
            raise OrderInvalidError("it is listed twice", field="transaction")
        self._seen.add(identity)
        if (order.receipt.transaction_id, order.receipt.status) != (identity, SETTLED):
            raise OrderInvalidError("its receipt does not say that it settled", field="receipt")
        try:
            order.receipt.verify(self.domain, keys=list(self.receipt_keys))
        except RequestError as error:
            raise OrderInvalidError(str(error), field="receipt") from None

    def _demand_approved(self, transaction: Transaction, identity: bytes, authority: AuthorityKind) -> None:
        officers, digest = self._officers[authority], approve_digest(identity, self.domain)
        approving: set[PublicKey] = set()
        for approval in transaction.approvals:
            try:
                verify_signature(approval.key, approval.signature, digest)
            except RequestError as error:
                raise OrderInvalidError(f"an officer's approval does not hold: {error}", field="approvals") from None
            approving.add(approval.key)
        given = len(approving & set(officers.keys))
        if given < officers.threshold:
            raise OrderInvalidError(
                f"{given} of the {officers.threshold} officers that it takes have approved it", field="approvals"
            )


def orders_by_batch(
    orders: Sequence[SupplyOrder], genesis: Genesis
) -> tuple[list[SupplyOrder], list[tuple[SupplyOrder, OrderInvalidError]]]:
    """The orders that hold, as the ledger has them one after another, and those that do not, each with its reason."""
    keys = frozenset(genesis.receipt_keys)
    while True:
        admitted, good, bad = _Admitted(genesis, keys), [], []
        for order in sorted(orders, key=lambda each: each.place):
            try:
                admitted.take(order)
            except OrderInvalidError as error:
                bad.append((order, error))
            else:
                good.append(order)
        if admitted.receipt_keys == keys:
            return good, bad
        # The centre may have signed receipts of earlier batches anew with a key that was admitted later.
        keys = admitted.receipt_keys
