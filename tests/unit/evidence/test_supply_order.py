"""Published orders: approved by enough officers of their time, settled by a receipt, listed once."""

from dataclasses import replace

import pytest

from tests.builders import DOMAIN, GENESIS, OFFICERS, control, public_key, signer
from tests.supply_history import SupplyHistory
from tongbao.coin import Approval, Transaction, approve_digest
from tongbao.coin.control import AuthorityKind, Officers, Quota, ReceiptKey
from tongbao.evidence.supply_order import SupplyOrder, orders_by_batch

ISSUERS = OFFICERS[AuthorityKind.ISSUANCE]
NEW_ISSUER = 77


@pytest.fixture(scope="module")
def history() -> SupplyHistory:
    history = SupplyHistory()
    funds = history.issue(500, 300, home=1)
    history.issue(200, home=2)
    history.redeem(funds, index=1)
    return history


def reasons(orders: list[SupplyOrder]) -> list[str]:
    return [str(error) for _, error in orders_by_batch(orders, GENESIS)[1]]


def test_orders_that_officers_approved_and_the_ledger_settled_hold(history: SupplyHistory) -> None:
    good, bad = orders_by_batch(history.orders[::-1], GENESIS)

    assert bad == []
    assert good == history.orders
    assert [each.issued() for each in good] == [{(0, 1): 800}, {(0, 2): 200}, {}]
    assert [each.redeemed() for each in good] == [{}, {}, {(0, 1): 300}]


def test_an_order_reads_as_it_was_published(history: SupplyHistory) -> None:
    order = history.orders[2]

    assert SupplyOrder.decode(order.transaction.encode(), order.receipt.encode()) == order


def test_what_is_published_shows_no_lock_of_whose_coins_it_ended(history: SupplyHistory) -> None:
    published = Transaction.decode(SupplyOrder.published(history.orders[2].transaction))

    assert published.witnesses == ()
    assert published.id(DOMAIN) == history.orders[2].transaction.id(DOMAIN)


def approved_by(order: SupplyOrder, *officers: int) -> SupplyOrder:
    """The order with the approvals of others."""
    digest = approve_digest(order.transaction.id(DOMAIN), DOMAIN)
    approvals = tuple(Approval(public_key(number), signer(number).sign(digest)) for number in officers)
    return replace(order, transaction=replace(order.transaction, approvals=approvals))


def test_an_order_needs_as_many_officers_as_the_threshold_says(history: SupplyHistory) -> None:
    order = history.orders[0]

    assert reasons([approved_by(order, ISSUERS[0])]) == ["1 of the 2 officers that it takes have approved it"]
    assert reasons([approved_by(order, ISSUERS[0], ISSUERS[0])]) != []
    assert reasons([approved_by(order, ISSUERS[0], ISSUERS[2])]) == []


def test_strangers_and_officers_of_another_authority_do_not_count(history: SupplyHistory) -> None:
    order = history.orders[0]
    control_officers = OFFICERS[AuthorityKind.CONTROL][:2]

    assert reasons([approved_by(order, ISSUERS[0], NEW_ISSUER)]) != []
    assert reasons([approved_by(order, *control_officers)]) != []


def test_an_approval_of_something_else_does_not_hold(history: SupplyHistory) -> None:
    order, other = history.orders[0], history.orders[1]
    taken = replace(order, transaction=replace(order.transaction, approvals=other.transaction.approvals))

    assert reasons([taken])[0].startswith("an officer's approval does not hold")


def test_an_order_is_listed_once(history: SupplyHistory) -> None:
    assert reasons([history.orders[0], history.orders[0]]) == ["it is listed twice"]


def test_an_order_that_did_not_settle_is_none(history: SupplyHistory) -> None:
    order, other = history.orders[0], history.orders[1]
    refused = replace(order, receipt=replace(order.receipt, status=30))

    assert reasons([refused]) == ["its receipt does not say that it settled"]
    assert reasons([replace(order, receipt=other.receipt)]) == ["its receipt does not say that it settled"]


def test_a_receipt_of_a_stranger_s_key_is_none(history: SupplyHistory) -> None:
    order = history.orders[0]
    head = order.receipt.signed_head
    forged = replace(order.receipt, signed_head=replace(head, key=public_key(NEW_ISSUER)))

    assert reasons([replace(order, receipt=forged)]) == ["the receipt is signed by a key that is not the centre's"]


def test_a_receipt_of_another_batch_is_none(history: SupplyHistory) -> None:
    order = history.orders[0]
    head = order.receipt.signed_head
    moved = replace(order.receipt, signed_head=replace(head, head=replace(head.head, sequence=99)))

    assert len(reasons([replace(order, receipt=moved)])) == 1


def control_order(history: SupplyHistory, ordered: Transaction) -> SupplyOrder:
    assert history.ledger.control(ordered) == [0]
    history.publish(ordered)
    return history.orders[-1]


def test_officers_who_took_over_by_order_approve_from_then_on_and_those_before_them_no_more() -> None:
    history = SupplyHistory()
    history.issue(100, home=1)
    new = Officers(AuthorityKind.ISSUANCE, 1, (public_key(NEW_ISSUER),))
    by = (*OFFICERS[AuthorityKind.CONTROL][:2], NEW_ISSUER)
    control_order(history, control(new, approvers=by, expiry_ms=history.ledger.now_ms + 60_000))

    by_old = history.issue_by(ISSUERS[:2], 50, settles=False)
    by_new = history.issue_by((NEW_ISSUER,), 50, settles=True)

    assert reasons(history.orders) == []
    assert reasons([*history.orders, by_new]) == []
    assert len(reasons([*history.orders, by_old])) == 1


def test_a_receipt_key_that_was_admitted_by_order_counts_for_all_orders() -> None:
    history = SupplyHistory()
    history.issue(100, home=1)
    admit = ReceiptKey(public_key(NEW_ISSUER), active=True)
    by = OFFICERS[AuthorityKind.CONTROL][:2]
    control_order(history, control(admit, approvers=by, expiry_ms=history.ledger.now_ms + 60_000))
    by_new = history.receipted_by(NEW_ISSUER, history.orders[1])

    assert reasons([history.orders[0], history.orders[1]]) == []
    assert reasons([by_new]) != []  # it admits itself


def test_control_of_other_things_is_no_order() -> None:
    history = SupplyHistory()
    ordered = control(Quota(0, 1, 5), approvers=ISSUERS[:2], expiry_ms=history.ledger.now_ms + 60_000)
    order = control_order(history, ordered)

    assert reasons([order]) == ["it neither makes nor ends money, nor says who may"]
