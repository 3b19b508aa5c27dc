"""A small history with everything that a supply statement is about: statements, orders, receipts, coins, journal.

history = SupplyHistory()
history.issue(500, home=1)
history.state()
assert check_statements(history.statements) == []
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.builders import ALICE, CENTRE, DOMAIN, GENESIS, coin, issue, public_key, redeem, signer, spend_of, transfer
from tests.kernel_builders import SETTLED, Ledger
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.centres.registration.supply_counting import count_coins, moment_of, secret_of, statement_of
from tongbao.coin import Batch, Input, Receipt, SignedHead, Transaction
from tongbao.evidence.coin_proof import CoinProof, PartProof
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import SignatureKind, SigningKey
from tongbao.evidence.supply_order import SupplyOrder
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement, sign_statement
from tongbao.evidence.supply_tree import (
    BLOCK_LEAVES,
    LEAF_BYTES,
    BuiltTree,
    block_of,
    parts_of,
    path_in_block,
    path_in_nodes,
    tree_secret,
)
from tongbao.kernel import AppliedBatch
from tongbao.kernel.snapshot import coin_rows

SEED = bytes(range(32))
LOG_KEY = SigningKey("tongbao.example/log", SignatureKind.ED25519, bytes(32))


class RememberingLedger(Ledger):
    """A ledger that keeps what its last batch did."""

    last: AppliedBatch

    def apply(self, following: Batch, *, judged_by: int | None = None) -> AppliedBatch:
        """Apply the batch and remember what it did."""
        self.last = super().apply(following, judged_by=judged_by)
        return self.last


@dataclass
class SupplyHistory:
    """A ledger whose registration centre makes statements and whose central bank publishes its orders.

    Attributes:
        ledger: the kernel with its batches.
        statements: all so far.
        orders: all so far.
        trees: of the currency, by the statement's number.
        receipts: of every transaction, in order.
        funds: every issue, in order.
    """

    ledger: RememberingLedger = field(default_factory=lambda: RememberingLedger(GENESIS))
    statements: list[SupplyStatement] = field(default_factory=list)
    orders: list[SupplyOrder] = field(default_factory=list)
    trees: dict[int, BuiltTree] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    funds: list[Transaction] = field(default_factory=list)

    def issue(self, *values: int, home: int = 1, owner: int = ALICE) -> Transaction:
        """Issue coins by an order that is published."""
        issued = self.ledger.fund(*values, owner=owner, home=home)
        self.funds.append(issued)
        self.publish(issued)
        return issued

    def pay(self, funds: Transaction, *, index: int = 0, to: int) -> Transaction:
        """Spend a whole coin of the funds."""
        value = funds.body.outputs[index].value
        paid = transfer(
            [spend_of(funds, index, owner=ALICE, salt=index)], [coin(value, owner=to)], expiry_ms=self._expiry_ms
        )
        assert self.ledger.settle(paid) == [SETTLED]
        self.receipts.append(self._receipt(paid))
        return paid

    def redeem(self, funds: Transaction, *, index: int = 0) -> Transaction:
        """End a coin of the funds by an order that is published."""
        ended = redeem([spend_of(funds, index, owner=ALICE, salt=index)], expiry_ms=self._expiry_ms)
        assert self.ledger.settle(ended) == [SETTLED]
        self.publish(ended)
        return ended

    @property
    def _expiry_ms(self) -> int:
        return self.ledger.now_ms + 120_000

    def state(self, log: LogStanding | None = None) -> SupplyStatement:
        """Make the next statement of what there is now, which names how long the log is."""
        kernel, number = self.ledger.kernel, len(self.statements) + 1
        tree = count_coins(coin_rows(kernel.snapshot()), {0: secret_of(0, SEED, DOMAIN, number)})[0]
        previous = self.statements[-1].entry() if self.statements else None
        digest = kernel.state_digest()
        stated = statement_of(
            moment_of(kernel), {0: tree}, state_digest=digest, number=number, previous=previous, log=log
        )
        self.trees[number] = tree
        self.statements.append(stated)
        return stated

    def issue_by(self, approvers: Sequence[int], value: int, *, settles: bool) -> SupplyOrder:
        """An issue that others approve, with the receipt of what became of it; it is not published."""
        serial = 1 + len([each for each in self.funds if each.body.outputs[0].home == 1])
        ordered = issue(
            [coin(value, owner=ALICE, salt=90)], serial=serial, approvers=approvers, expiry_ms=self._expiry_ms
        )
        [status] = self.ledger.control(ordered)
        assert (status == SETTLED) is settles
        receipt = self._receipt(ordered)
        return SupplyOrder(ordered, receipt if settles else replace(receipt, status=SETTLED))

    def receipted_by(self, key: int, order: SupplyOrder) -> SupplyOrder:
        """The order with a receipt under another key."""
        head = SignedHead.sign(order.receipt.signed_head.head, DOMAIN, key=public_key(key), sign=signer(key).sign)
        return replace(order, receipt=replace(order.receipt, signed_head=head))

    def publish(self, transaction: Transaction) -> None:
        """Let the central bank list a transaction of the last batch."""
        receipt = self._receipt(transaction)
        self.receipts.append(receipt)
        self.orders.append(SupplyOrder(Transaction(transaction.body, (), transaction.approvals), receipt))

    def _receipt(self, transaction: Transaction) -> Receipt:
        """Of a transaction in the last batch, which has but that one."""
        receipt = ReceiptTree.sign(self.ledger.last, DOMAIN, signer(CENTRE)).receipt(0)
        assert receipt.transaction_id == transaction.id(DOMAIN)
        return receipt


def opening_of(transaction: Transaction, index: int = 0) -> Input:
    """An output, opened as its owner opens it."""
    return Input(transaction.id(DOMAIN), index, transaction.body.outputs[index])


def proof_of(opening: Input, tree: BuiltTree, *, number: int, value: int | None = None) -> CoinProof:
    """The proof that a centre gives which keeps this tree, and which has counted the coin at `value`."""
    secret = tree_secret(SEED, network_id=DOMAIN.network_id, number=number, asset=opening.coin.asset)
    parts = []
    for part in parts_of(opening.coin_id(DOMAIN), opening.coin.value if value is None else value, secret):
        block = block_of(part.leaf(), tree.firsts)
        width = min(BLOCK_LEAVES, tree.count)
        rows = tree.leaves[block * width * LEAF_BYTES : (block + 1) * width * LEAF_BYTES]
        found = path_in_block(part.leaf(), rows)
        assert found is not None
        path = (*found[1], *path_in_nodes(block, tree.nodes))
        parts.append(PartProof(part.salt, part.value, block * width + found[0], path))
    return CoinProof(number, opening, tuple(parts))


def signed(statement: SupplyStatement) -> SignedText:
    """Under the log's key."""
    return sign_statement(statement, LOG_KEY)
