"""What a registration centre, or somebody who has its keys, can lie about: the rows of the table.

Each lie is told as well as whoever has the centre's own keys can tell it: every hash, link and signature that he can
make anew, he does make anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.builders import BOB, CAROL, CENTRE, DOMAIN, GENESIS, coin, issue, public_key, signer, submission
from tests.evidence.parties import Told
from tests.kernel_builders import SETTLED
from tests.published_logs import entries_of, files_of
from tests.supply_history import LOG_KEY, SEED, SupplyHistory, opening_of, proof_of, signed
from tongbao.coin import Batch, Receipt, SignedHead
from tongbao.coin.batch import BatchHeader
from tongbao.coin.receipt import receipt_entry, receipt_leaf
from tongbao.evidence.coin_proof import CoinProof
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import SignatureKind, SigningKey
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement
from tongbao.evidence.supply_tree import BuiltTree, SumNode, build_tree, tree_secret
from tongbao.evidence.tree import leaf_hash, subtree_root

__all__ = ["LIES", "truth"]

OWN = 1
"""Which output of the first issue one party holds unspent."""


def played() -> SupplyHistory:
    """An honest history: two issues, a payment, a redemption; statements after the first and after the last."""
    history = SupplyHistory()
    funds = history.issue(500, 300, 200, home=1)
    state(history)
    history.issue(400, home=2)
    history.pay(funds, index=0, to=BOB)
    history.redeem(funds, index=2)
    state(history)
    return history


def state(history: SupplyHistory) -> None:
    """Make the next statement, which names how long the log is."""
    entries = entries_of(history.ledger, history.statements)
    history.state(LogStanding(len(entries), subtree_root(list(map(leaf_hash, entries)))))


def log_of(history: SupplyHistory, statements: Sequence[SupplyStatement]) -> list[bytes]:
    """The entries of a log that says what the statements say."""
    beyond = [each.entry() for each in statements if each.sequence > len(history.ledger.batches)]
    return [*entries_of(history.ledger, statements), *beyond]


def payment_receipt(history: SupplyHistory) -> Receipt:
    """Of the payment that one party was part of."""
    return history.receipts[2]


def told_by(history: SupplyHistory, statements: Sequence[SupplyStatement], coin_proof: CoinProof | None) -> Told:
    receipt = payment_receipt(history)
    return Told(
        statements=[signed(each).encode() for each in statements],
        orders=list(history.orders),
        kept_receipt=receipt,
        receipt=receipt,
        coin=coin_proof,
        records=[GENESIS.encode(), *history.ledger.batches],
        log=files_of(log_of(history, statements)),
    )


def own_proof(history: SupplyHistory, tree: BuiltTree | None = None) -> CoinProof:
    number = len(history.statements)
    return proof_of(opening_of(history.funds[0], OWN), tree or history.trees[number], number=number)


def truth() -> Told:
    """Nothing is wrong."""
    history = played()
    return told_by(history, history.statements, own_proof(history))


def relinked(first: SupplyStatement, *following: SupplyStatement) -> list[SupplyStatement]:
    chain = [first]
    for each in following:
        chain.append(replace(each, previous=chain[-1].entry()))
    return chain


def with_asset(statement: SupplyStatement, **changes: object) -> SupplyStatement:
    return replace(statement, assets=(replace(statement.assets[0], **changes),))  # type: ignore[arg-type]


# --- the lies ---------------------------------------------------------------------------------------------------------


def rewritten_history() -> Told:
    """The payment never happened: journal, statements and receipts are all made anew without it."""
    before, after = played(), SupplyHistory()
    funds = after.issue(500, 300, 200, home=1)
    state(after)
    after.issue(400, home=2)
    after.ledger.heartbeat(time_ms=after.ledger.now_ms + 1_000)
    after.redeem(funds, index=2)
    state(after)
    told = told_by(before, after.statements, own_proof(after))
    told.orders = list(after.orders)
    told.receipt = None
    told.records = [GENESIS.encode(), *after.ledger.batches]
    told.log = files_of(log_of(after, after.statements))
    told.kept = [signed(each).encode() for each in before.statements]
    return told


def rewritten_before_anybody_kept_anything() -> Told:
    """The same, told to parties none of whom kept a statement or the payment's receipt."""
    told = rewritten_history()
    told.kept = []
    history = SupplyHistory()
    history.issue(500, 300, 200, home=1)
    told.kept_receipt = told.receipt = history.receipts[0]
    return told


def minted_in_a_batch() -> Told:
    """A batch holds an issue that no officer approved; the centre's kernel lets it settle, and everything adds up.

    Every statement counts it, and the journal's headers are whole; only the rules say no.
    """
    history = played()
    minted = issue(
        [coin(50_000, owner=CAROL, salt=9)], serial=2, approvers=(), expiry_ms=history.ledger.now_ms + 60_000
    )
    kernel = history.ledger.kernel
    batch = history.ledger.next_batch([submission([minted], home=0, domain=DOMAIN)])
    statement = _counting_more(history, 50_000, at=batch)
    told = told_by(history, [*history.statements, statement[0]], statement[1])
    told.records.append(batch.encode())
    assert kernel.sequence + 1 == batch.header.sequence
    return told


def _counting_more(history: SupplyHistory, value: int, *, at: Batch) -> tuple[SupplyStatement, CoinProof]:
    """The next statement, of the batch, with so much more issued at home 1 and in a coin of the tree."""
    last, number = history.statements[-1], len(history.statements) + 1
    asset = last.assets[0]
    homes = (
        replace(asset.homes[0], issued=asset.homes[0].issued + value, unspent=asset.homes[0].unspent + value),
        *asset.homes[1:],
    )
    tree = _tree_of(history, number, more=[(b"m" * 32, value)])
    header: BatchHeader = at.header
    statement = replace(
        with_asset(
            last,
            issued=asset.issued + value,
            outstanding=asset.outstanding + value,
            leaves=tree.count,
            root=tree.root,
            homes=homes,
        ),
        number=number,
        previous=last.entry(),
        sequence=header.sequence,
        time_ms=header.time_ms,
        chain_head=header.chain_head(DOMAIN),
    )
    return statement, proof_of(opening_of(history.funds[0], OWN), tree, number=number)


def _tree_of(
    history: SupplyHistory, number: int, *, more: Sequence[tuple[bytes, int]] = (), without: Sequence[bytes] = ()
) -> BuiltTree:
    state = history.ledger.state
    coins = [(coin_id, each[2]) for coin_id, each in sorted(state.unspent.items()) if coin_id not in without]
    secret = tree_secret(SEED, network_id=DOMAIN.network_id, number=number, asset=0)
    return build_tree([*coins, *more], secret)


def wrong_outstanding() -> Told:
    """The newest statement names less outstanding than there is, and nothing else is changed."""
    history = played()
    first, second = history.statements
    return told_by(history, relinked(first, with_asset(second, outstanding=1_000)), own_proof(history))


def wrong_outstanding_that_adds_up() -> Told:
    """The newest statement names less issued and less outstanding, home by home, over a tree that leaves coins out.

    One party's own coin is left in.
    """
    history = played()
    first, second = history.statements
    lent = opening_of(history.funds[1]).coin_id(DOMAIN)
    tree = _tree_of(history, 2, without=[lent])
    asset = second.assets[0]
    homes = (asset.homes[0], replace(asset.homes[1], issued=0, unspent=0))
    lower = with_asset(
        second, issued=asset.issued - 400, outstanding=asset.outstanding - 400, root=tree.root, homes=homes
    )
    return told_by(history, relinked(first, lower), own_proof(history, tree))


def own_coin_left_out() -> Told:
    """The tree leaves one party's coin out, and a coin that does not exist makes up for it."""
    history = played()
    first, second = history.statements
    own = opening_of(history.funds[0], OWN)
    tree = _tree_of(history, 2, without=[own.coin_id(DOMAIN)], more=[(b"f" * 32, own.coin.value)])
    return told_by(history, relinked(first, with_asset(second, root=tree.root)), None)


def others_coin_left_out() -> Told:
    """The same with somebody else's coin."""
    history = played()
    first, second = history.statements
    other = opening_of(history.funds[1])
    tree = _tree_of(history, 2, without=[other.coin_id(DOMAIN)], more=[(b"f" * 32, other.coin.value)])
    return told_by(history, relinked(first, with_asset(second, root=tree.root)), own_proof(history, tree))


def own_coin_at_less() -> Told:
    """The tree counts one party's coin at less than it is worth; its proof is for a coin of that value."""
    history = played()
    first, second = history.statements
    own = opening_of(history.funds[0], OWN)
    tree = _tree_of(history, 2, without=[own.coin_id(DOMAIN)], more=[(own.coin_id(DOMAIN), 100), (b"f" * 32, 200)])
    proof = proof_of(own, tree, number=2, value=100)
    return told_by(history, relinked(first, with_asset(second, root=tree.root)), proof)


def false_sums_in_the_tree() -> Told:
    """The tree is right, and its root is stated to be worth less than its coins, with figures to match."""
    history = played()
    first, second = history.statements
    asset = second.assets[0]
    homes = (asset.homes[0], replace(asset.homes[1], issued=300, unspent=300))
    less = asset.outstanding - 100
    root = SumNode(asset.root.hash, less)
    lower = with_asset(second, issued=asset.issued - 100, outstanding=less, root=root, homes=homes)
    return told_by(history, relinked(first, lower), own_proof(history))


def forged_statement() -> Told:
    """Somebody without the log's key signs a statement of his own."""
    history = played()
    forger = SigningKey(LOG_KEY.name, SignatureKind.ED25519, b"\x07" * 32)
    told = told_by(history, history.statements, own_proof(history))
    text = history.statements[-1].encode()
    told.statements[-1] = SignedText(text, (forger.sign(text),)).encode()
    return told


def two_views() -> Told:
    """Parties who compare what they got hold two statements of one number that say different things."""
    history = played()
    told = told_by(history, history.statements, own_proof(history))
    other = replace(history.statements[1], state_digest=bytes(32))
    told.kept = [signed(other).encode()]
    return told


def two_views_never_compared() -> Told:
    """Each party gets a consistent view of its own, and they never meet: here, the one without the payment."""
    return rewritten_before_anybody_kept_anything()


def issued_without_an_order() -> Told:
    """Officers approve an issue that is not published; it settles and is counted."""
    history = played()
    history.orders = [each for each in history.orders if each.issued() != {(0, 2): 400}]
    return told_by(history, history.statements, own_proof(history))


def redeemed_without_an_order() -> Told:
    """The same with a redemption."""
    history = played()
    history.orders = [each for each in history.orders if not each.redeemed()]
    return told_by(history, history.statements, own_proof(history))


def forged_order() -> Told:
    """An order is published under which one officer's name stands where two must, with a receipt of the centre's."""
    history = played()
    first = history.orders[0]
    lone = replace(first.transaction, approvals=first.transaction.approvals[:1])
    history.orders[0] = replace(first, transaction=lone)
    return told_by(history, history.statements, own_proof(history))


def receipt_said_otherwise() -> Told:
    """Asked again, the centre signs that the payment was refused."""
    history = played()
    told = told_by(history, history.statements, own_proof(history))
    told.receipt = _resigned(replace(told.kept_receipt, status=30))
    return told


def _resigned(receipt: Receipt) -> Receipt:
    """With a head over this one verdict, signed by the centre's key."""
    head = receipt.signed_head.head
    leaf = receipt_leaf(receipt.transaction_id, receipt.status, head.sequence, DOMAIN)
    head = replace(head, receipts_root=leaf, count=1)
    made = SignedHead.sign(head, DOMAIN, key=public_key(CENTRE), sign=signer(CENTRE).sign)
    return replace(receipt, index=0, path=(), signed_head=made)


def wrong_state_digest() -> Told:
    """The newest statement names another state than there was."""
    history = played()
    first, second = history.statements
    return told_by(history, relinked(first, replace(second, state_digest=bytes(32))), own_proof(history))


def last_batches_left_out() -> Told:
    """The journal that is handed out ends before the newest statement."""
    told = truth()
    told.records = told.records[:-1]
    return told


def another_than_the_log_holds() -> Told:
    """The newest statement is handed out in two versions, both signed and linked; the log holds the other one."""
    history = played()
    told = wrong_state_digest()
    told.log = files_of(log_of(history, history.statements))
    return told


def left_out_of_the_log() -> Told:
    """A statement is handed out and is no entry of the log."""
    history = played()
    told = told_by(history, history.statements, own_proof(history))
    told.log = files_of(log_of(history, history.statements[:1]))
    return told


def log_cut_short() -> Told:
    """The log ends before the place at which it was when the newest statement was made."""
    history = played()
    told = told_by(history, history.statements, own_proof(history))
    standing = history.statements[1].log
    assert standing is not None
    told.log = files_of(log_of(history, history.statements)[: standing.size - 1])
    return told


def log_made_anew() -> Told:
    """The log holds that the payment was refused, and the statements as they are."""
    history = played()
    told = told_by(history, history.statements, own_proof(history))
    entries = log_of(history, history.statements)
    paid = entries.index(receipt_entry_of(payment_receipt(history), status=SETTLED))
    entries[paid] = receipt_entry_of(payment_receipt(history), status=30)
    told.log = files_of(entries)
    return told


def receipt_entry_of(receipt: Receipt, *, status: int) -> bytes:
    return receipt_entry(receipt.transaction_id, status, receipt.signed_head.head.sequence, DOMAIN)


def tile_missing() -> Told:
    """The log's only tile of hashes is not given out."""
    told = truth()
    told.log = {name: content for name, content in told.log.items() if not name.startswith("tile/0")}
    return told


LIES: dict[str, Callable[[], Told]] = {
    "history rewritten": rewritten_history,
    "history rewritten, nothing kept": rewritten_before_anybody_kept_anything,
    "minted inside a batch": minted_in_a_batch,
    "wrong outstanding figure": wrong_outstanding,
    "less outstanding, and all sums adapted": wrong_outstanding_that_adds_up,
    "less stated than the tree is worth": false_sums_in_the_tree,
    "forged statement": forged_statement,
    "two views, compared": two_views,
    "two views, never compared": two_views_never_compared,
    "own coin left out": own_coin_left_out,
    "own coin counted at less": own_coin_at_less,
    "another's coin left out": others_coin_left_out,
    "issue without an order": issued_without_an_order,
    "redemption without an order": redeemed_without_an_order,
    "order with too few officers": forged_order,
    "receipt unsaid": receipt_said_otherwise,
    "wrong state digest": wrong_state_digest,
    "journal cut short": last_batches_left_out,
    "another statement than the log's": another_than_the_log_holds,
    "statement left out of the log": left_out_of_the_log,
    "log cut short": log_cut_short,
    "log made anew": log_made_anew,
    "tile of the log withheld": tile_missing,
}
"""By the name that its row has in docs/reference/supply-proof.md."""
