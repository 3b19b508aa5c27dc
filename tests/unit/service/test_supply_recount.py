"""The supply counted from the journal agrees with the kernel, and every lie about it is damage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.builders import ALICE, BOB, GENESIS, Spend, batch, coin, issue, redeem, spend_of, submission, transfer
from tests.kernel_builders import Ledger
from tongbao.coin import CURRENCY, Batch, Submission, Transaction
from tongbao.errors import DamageError
from tongbao.kernel import Status
from tongbao.service.supply_recount import Supply, SupplyRecount

Index = Mapping[int, Sequence[tuple[bytes, int]]]

SETTLED, REFUSED = int(Status.SETTLED), int(Status.INPUT_NOT_UNSPENT)


def _transactions(record: bytes) -> list[Transaction]:
    submissions = [Submission.decode(each) for each in Batch.decode(record).submissions]
    return [Transaction.decode(encoded) for each in submissions for encoded in each.transactions]


def _index(ledger: Ledger) -> dict[int, list[tuple[bytes, int]]]:
    """What a truthful index holds: ids and statuses of each batch."""
    return {
        sequence: [
            (each.id(ledger.domain), status) for each, status in zip(_transactions(record), statuses, strict=True)
        ]
        for sequence, (record, statuses) in enumerate(zip(ledger.batches, ledger.statuses, strict=True), 1)
    }


def _recount(records: Sequence[bytes], index: Index) -> Supply:
    recount = SupplyRecount(lambda sequence: index[sequence])
    for sequence, record in enumerate([GENESIS.encode(), *records]):
        recount(sequence, record)
    return recount.supply()


def _story() -> Ledger:
    """Two issues, a payment with change, a double spend refused, a redemption; batches 1 to 5, and a heartbeat."""
    ledger = Ledger()
    funds = ledger.fund(500, 200, owner=ALICE)
    elsewhere = ledger.fund(50, owner=BOB, home=2)
    paid = transfer([spend_of(funds, 0, owner=ALICE)], [coin(300, owner=BOB), coin(200, owner=ALICE, salt=7)])
    again = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=ALICE, salt=8)], reference=1)
    assert ledger.settle(paid) == [Status.SETTLED]
    assert ledger.settle(again) == [Status.INPUT_NOT_UNSPENT]
    assert ledger.settle(redeem([spend_of(elsewhere, 0, owner=BOB)]), home=2) == [Status.SETTLED]
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    return ledger


def test_the_recount_of_a_true_story_is_the_kernels_total() -> None:
    ledger = _story()

    supply = _recount(ledger.batches, _index(ledger))

    assert supply.summary() == {"issued": 750, "redeemed": 50, "outstanding": 700, "unspent": 700, "unconfirmed": 0}
    assert supply.holds
    assert (supply.by_home, supply.coins) == ({1: 700}, 3)
    totals = ledger.kernel.totals()
    assert sum(each.issued for each in totals.values()) == supply.issued
    assert sum(each.redeemed for each in totals.values()) == supply.redeemed


def test_a_verdict_is_confirmed_once_a_later_batch_names_it() -> None:
    ledger = _story()
    index = _index(ledger)

    early, late = _recount(ledger.batches[:5], index), _recount(ledger.batches, index)

    assert (early.sequence, early.confirmed_sequence, early.unconfirmed) == (5, 4, 1)
    assert (late.sequence, late.confirmed_sequence, late.unconfirmed) == (6, 5, 0)


def test_a_batch_that_is_not_counted_can_still_confirm_those_that_are() -> None:
    ledger = _story()
    recount = SupplyRecount(lambda sequence: _index(ledger)[sequence])
    for sequence, record in enumerate([GENESIS.encode(), *ledger.batches[:5]]):
        recount(sequence, record)

    recount.confirm(ledger.batches[5])

    supply = recount.supply()
    assert (supply.sequence, supply.confirmed_sequence, supply.unconfirmed) == (5, 5, 0)


def test_a_batch_that_is_not_counted_can_still_give_a_lie_away() -> None:
    ledger = _story()
    index = _index(ledger)
    index[5] = [(identity, REFUSED) for identity, _ in index[5]]
    recount = SupplyRecount(lambda sequence: index[sequence])
    for sequence, record in enumerate([GENESIS.encode(), *ledger.batches[:5]]):
        recount(sequence, record)

    with pytest.raises(DamageError, match="names other verdicts on batch 5"):
        recount.confirm(ledger.batches[5])


@pytest.mark.parametrize(
    ("unconfirmed", "words"),
    [
        (0, "the journal names every verdict"),
        (1, "1 verdict rests on the index alone"),
        (4_096, "4,096 verdicts rest on the index alone"),
    ],
)
def test_people_are_told_how_far_the_journal_bears_the_verdicts_out(unconfirmed: int, words: str) -> None:
    supply = replace(_recount(_story().batches, _index(_story())), unconfirmed=unconfirmed)

    assert supply.confirmation.startswith(words)
    assert supply.summary()["unconfirmed"] == unconfirmed


@pytest.mark.parametrize(
    ("unconfirmed", "words"),
    [
        (0, "every signature, approval and rule was judged again; the journal names every verdict"),
        (2, "every signature, approval and rule was judged again; the next batch will name the last verdicts"),
    ],
)
def test_people_are_told_that_the_verdicts_were_judged_anew(unconfirmed: int, words: str) -> None:
    supply = replace(_recount(_story().batches, _index(_story())), unconfirmed=unconfirmed, judged=True)

    assert supply.confirmation == words


def test_a_kernel_that_judges_otherwise_than_the_journal_names_is_damage() -> None:
    ledger = _story()
    verdicts = _index(ledger)
    verdicts[5] = [(identity, REFUSED) for identity, _ in verdicts[5]]
    recount = SupplyRecount(lambda sequence: verdicts[sequence], judged=True)
    for sequence, record in enumerate([GENESIS.encode(), *ledger.batches[:5]]):
        recount(sequence, record)

    with pytest.raises(DamageError, match="names other verdicts on batch 5 than judging it anew gives"):
        recount(6, ledger.batches[5])


def test_verdicts_on_batches_that_became_durable_together_stay_unconfirmed_but_for_the_last() -> None:
    ledger = Ledger()
    first = batch([submission([issue([coin(500, owner=ALICE)])], home=0)])
    second = batch(
        [submission([issue([coin(600, owner=ALICE)], serial=2)], home=0)],
        sequence=2,
        previous=first.header.chain_head(ledger.domain),
    )
    for each in (first, second):
        ledger.apply(each)
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)

    supply = _recount(ledger.batches, _index(ledger))

    assert (supply.confirmed_sequence, supply.unconfirmed) == (2, 1)


@pytest.mark.parametrize("records", [0, 1, 2, 3, 4, 5, 6])
def test_the_supply_holds_after_every_batch(records: int) -> None:
    ledger = _story()

    supply = _recount(ledger.batches[:records], _index(ledger))

    assert supply.holds
    assert supply.sequence == records


@pytest.mark.parametrize(
    ("sequence", "status", "reason"),
    [
        (4, SETTLED, "spends a coin that is not unspent"),
        (3, REFUSED, "names other verdicts on batch 3"),
        (1, REFUSED, "names other verdicts on batch 1"),
        (4, int(Status.EXPIRED), "names other verdicts on batch 4"),
        (5, REFUSED, "names other verdicts on batch 5"),
    ],
)
def test_an_index_with_another_verdict_than_the_journal_names_is_damage(
    sequence: int, status: int, reason: str
) -> None:
    ledger = _story()
    index = _index(ledger)
    index[sequence] = [(identity, status) for identity, _ in index[sequence]]

    with pytest.raises(DamageError, match=reason):
        _recount(ledger.batches, index)


def test_an_index_with_another_order_of_transactions_is_damage() -> None:
    ledger = Ledger()
    funds = ledger.fund(500, 200, owner=ALICE)
    payments = [
        transfer([spend_of(funds, n, owner=ALICE, salt=n)], [coin(v, owner=BOB)]) for n, v in ((0, 500), (1, 200))
    ]
    assert ledger.settle(*payments) == [Status.SETTLED, Status.SETTLED]
    index = _index(ledger)
    index[2].reverse()

    with pytest.raises(DamageError, match="the index has other transactions for this batch"):
        _recount(ledger.batches, index)


@pytest.mark.parametrize("verdicts", [[], [(bytes(32), SETTLED)]])
def test_an_index_without_a_transaction_of_the_journal_is_damage(verdicts: list[tuple[bytes, int]]) -> None:
    ledger = _story()

    with pytest.raises(DamageError, match="the index has other transactions for this batch"):
        _recount(ledger.batches, {**_index(ledger), 3: verdicts})


def _funded(*values: int) -> tuple[Ledger, list[Spend]]:
    ledger = Ledger()
    funds = ledger.fund(*values, owner=ALICE)
    return ledger, [spend_of(funds, place, owner=ALICE, salt=place) for place in range(len(values))]


def _lie(ledger: Ledger, *transactions: Transaction) -> Supply:
    """The recount where the last batch holds the transactions, and the index says that all of them settled."""
    forged = ledger.next_batch([submission(transactions)])
    index = {**_index(ledger), 2: [(each.id(ledger.domain), SETTLED) for each in transactions]}
    return _recount([*ledger.batches, forged.encode()], index)


@pytest.mark.parametrize("made", [[501], [400, 101], [499], []])
def test_a_transfer_that_makes_other_value_than_it_spends_is_damage(made: list[int]) -> None:
    ledger, spends = _funded(500)
    outputs = [coin(value, owner=BOB, salt=salt) for salt, value in enumerate(made)]

    with pytest.raises(DamageError, match="makes other value than it spends"):
        _lie(ledger, transfer(spends, outputs))


def test_a_transfer_of_nothing_into_something_is_damage() -> None:
    ledger, _ = _funded(500)

    with pytest.raises(DamageError, match="makes other value than it spends"):
        _lie(ledger, transfer([], [coin(1, owner=BOB)]))


def test_a_transfer_that_turns_one_asset_into_another_is_damage() -> None:
    ledger, spends = _funded(500)

    with pytest.raises(DamageError, match="makes other value than it spends"):
        _lie(ledger, transfer(spends, [coin(500, owner=BOB, asset=CURRENCY + 1)]))


def test_one_coin_spent_twice_in_one_transaction_is_damage() -> None:
    ledger, spends = _funded(500)

    with pytest.raises(DamageError, match="spends a coin that is not unspent"):
        _lie(ledger, transfer([*spends, *spends], [coin(1000, owner=BOB)]))


def test_a_coin_that_was_never_made_cannot_be_spent() -> None:
    ledger, spends = _funded(500)
    invented = transfer(spends, [coin(500, owner=BOB)])

    with pytest.raises(DamageError, match="spends a coin that is not unspent"):
        _lie(ledger, redeem([spend_of(invented, 0, owner=BOB)]))


def test_money_that_is_issued_twice_by_one_transaction_is_damage() -> None:
    ledger, _ = _funded(500)
    once_more = _transactions(ledger.batches[0])[0]

    with pytest.raises(DamageError, match="has settled before"):
        _lie(ledger, once_more)


def test_a_redemption_that_makes_coins_ends_no_value_and_must_balance() -> None:
    ledger, spends = _funded(500)
    ended = redeem(spends)
    keeping = replace(ended, body=replace(ended.body, outputs=(coin(499, owner=ALICE),)))

    with pytest.raises(DamageError, match="makes other value than it spends"):
        _lie(ledger, keeping)


def test_an_issue_that_spends_coins_makes_no_value_and_must_balance() -> None:
    ledger, spends = _funded(500)
    made = issue([coin(501, owner=ALICE)], serial=2)
    spending = replace(made, body=replace(made.body, inputs=(spends[0].input,)))

    with pytest.raises(DamageError, match="makes other value than it spends"):
        _lie(ledger, spending)


def test_a_record_that_is_no_batch_is_damage() -> None:
    ledger = _story()

    with pytest.raises(DamageError, match="it cannot be read"):
        _recount([ledger.batches[0], ledger.batches[1][:-1]], _index(ledger))


def test_other_assets_are_kept_apart_from_the_currency() -> None:
    ledger, _ = _funded(500)
    bonds = issue([coin(70, owner=ALICE, asset=CURRENCY + 1)], serial=1)

    supply = _lie(ledger, bonds)

    assert supply.summary() == {"issued": 500, "redeemed": 0, "outstanding": 500, "unspent": 500, "unconfirmed": 1}
    assert supply.coins == 2
