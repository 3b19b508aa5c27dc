"""A journal's records are one history, or the first that does not belong there is named."""

from collections.abc import Sequence

import pytest

from tests.builders import ALICE, GENESIS, batch, coin, genesis, issue, submission
from tests.kernel_builders import Ledger, reheaded
from tongbao.coin import Batch
from tongbao.errors import DamageError
from tongbao.service.chain_check import ChainCheck


def _history() -> list[bytes]:
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    ledger.fund(300, owner=ALICE)
    return [GENESIS.encode(), *ledger.batches]


def _check(records: Sequence[bytes]) -> None:
    check = ChainCheck()
    for sequence, record in enumerate(records):
        check(sequence, record)


def test_what_a_kernel_applied_is_one_history() -> None:
    records = _history()

    _check(records)

    assert len(records) == 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"network_id": genesis(name="other").domain().network_id}, "it is of another network"),
        ({"sequence": 3}, "it calls itself batch 3"),
        ({"previous": bytes(32)}, "it does not name the batch before it"),
        ({"body_hash": bytes(32)}, "its submissions are not those that its header names"),
    ],
)
def test_a_batch_whose_header_does_not_belong_there_is_refused(changes: dict[str, object], reason: str) -> None:
    genesis_record, first, second, _ = _history()
    forged = reheaded(Batch.decode(second), **changes).encode()

    with pytest.raises(DamageError, match=reason):
        _check([genesis_record, first, forged])


def test_a_batch_with_another_submission_than_its_header_names_is_refused() -> None:
    genesis_record, first, *_ = _history()
    smuggled = submission([issue([coin(1, owner=ALICE)], serial=9)], home=0)
    forged = Batch(Batch.decode(first).header, (smuggled.encode(),))

    with pytest.raises(DamageError, match="its submissions are not those"):
        _check([genesis_record, forged.encode()])


def test_a_batch_that_is_left_out_is_missed_by_the_one_after_it() -> None:
    genesis_record, first, _, third = _history()

    with pytest.raises(DamageError, match="it calls itself batch 3"):
        _check([genesis_record, first, third])


def test_a_history_that_was_told_anew_is_missed_by_the_next_batch_of_the_old_one() -> None:
    genesis_record, _, second, _ = _history()
    other_first = batch([submission([issue([coin(1, owner=ALICE)])], home=0)]).encode()

    with pytest.raises(DamageError, match="it does not name the batch before it"):
        _check([genesis_record, other_first, second])


@pytest.mark.parametrize("place", [0, 1])
def test_bytes_that_are_no_genesis_and_no_batch_are_damage_and_no_mistake_of_the_reader(place: int) -> None:
    records = _history()
    records[place] = records[place][:-1]

    with pytest.raises(DamageError, match="it cannot be read"):
        _check(records)
