"""Batches: a chain of headers that commit to bodies."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ALICE, BOB, DOMAIN, batch, bytes32, coin, spend, submission, transfer
from tongbao.coin import Batch, BatchKind, statuses_hash
from tongbao.coin.batch import BATCH_BYTES_MAX, BatchHeader
from tongbao.errors import DecodingError, RequestError

MONEY = batch([submission([transfer([spend(500, owner=ALICE)], [coin(500, owner=BOB)])])])
HEARTBEAT = batch(sequence=2, previous=MONEY.header.chain_head(DOMAIN))


@pytest.mark.parametrize("made", [MONEY, HEARTBEAT], ids=["money", "heartbeat"])
def test_what_was_encoded_is_decoded(made: Batch) -> None:
    assert Batch.decode(made.encode()) == made


def test_a_header_commits_to_the_submissions_with_their_signatures() -> None:
    signed = MONEY.submissions[0]
    broken = signed[:-1] + bytes((signed[-1] ^ 1,))

    assert Batch.body_hash((broken,), DOMAIN) != MONEY.header.body_hash
    assert Batch.body_hash((signed,), DOMAIN) == MONEY.header.body_hash


def test_a_byte_cannot_move_between_submissions_unnoticed() -> None:
    assert Batch.body_hash((b"ab", b"c"), DOMAIN) != Batch.body_hash((b"a", b"bc"), DOMAIN)


@pytest.mark.parametrize(
    "changed",
    [
        replace(HEARTBEAT.header, network_id=bytes32(1)),
        replace(HEARTBEAT.header, kind=BatchKind.MONEY),
        replace(HEARTBEAT.header, sequence=3),
        replace(HEARTBEAT.header, previous=bytes32(1)),
        replace(HEARTBEAT.header, time_ms=1),
        replace(HEARTBEAT.header, rules=2),
        replace(HEARTBEAT.header, applied_sequence=1),
        replace(HEARTBEAT.header, applied_statuses=bytes32(1)),
        replace(HEARTBEAT.header, body_hash=bytes32(1)),
    ],
)
def test_the_chain_head_covers_every_field(changed: BatchHeader) -> None:
    assert changed.chain_head(DOMAIN) != HEARTBEAT.header.chain_head(DOMAIN)


def test_a_heartbeat_has_no_submissions_and_money_has_some() -> None:
    with pytest.raises(RequestError, match="a heartbeat has no submissions"):
        Batch(HEARTBEAT.header, MONEY.submissions)
    with pytest.raises(RequestError, match="every other batch has some"):
        Batch(MONEY.header, ())


@pytest.mark.parametrize("field", ["network_id", "previous", "applied_statuses", "body_hash"])
def test_a_hash_of_another_length_is_refused(field: str) -> None:
    change: dict[str, Any] = {field: bytes(31)}

    with pytest.raises(RequestError) as refused:
        replace(MONEY.header, **change)

    assert refused.value.field == field


@pytest.mark.parametrize("field", ["sequence", "time_ms", "applied_sequence", "rules"])
@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_that_does_not_fit_is_refused(field: str, number: int) -> None:
    change: dict[str, Any] = {field: number}

    with pytest.raises(RequestError) as refused:
        replace(MONEY.header, **change)

    assert refused.value.field == field


def test_the_largest_batch_decodes_and_a_larger_one_does_not() -> None:
    around = len(Batch(MONEY.header, (b"",)).encode())

    largest = Batch(MONEY.header, (bytes(BATCH_BYTES_MAX - around),)).encode()

    assert len(largest) == BATCH_BYTES_MAX
    assert Batch.decode(largest).encode() == largest
    with pytest.raises(DecodingError, match="a batch has at most"):
        Batch.decode(Batch(MONEY.header, (bytes(BATCH_BYTES_MAX - around + 1),)).encode())


def test_statuses_are_hashed_with_their_batch_and_their_number() -> None:
    hashes = {
        statuses_hash(1, [], DOMAIN),
        statuses_hash(1, [0], DOMAIN),
        statuses_hash(1, [0, 0], DOMAIN),
        statuses_hash(1, [1], DOMAIN),
        statuses_hash(2, [0], DOMAIN),
    }

    assert len(hashes) == 5


def test_the_statuses_hash_is_made_of_what_the_wire_format_says() -> None:
    data = (7).to_bytes(8, "big") + (2).to_bytes(4, "big") + b"\x00\x00" + b"\x00\x28"

    assert statuses_hash(7, [0, 40], DOMAIN) == DOMAIN.hash("tongbao/statuses/1", data)
