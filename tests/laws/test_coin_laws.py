"""Laws of money's formats: what an id commits to, what it does not, and that nothing has two forms."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import tongbao.coin
from tests.builders import ALICE, BOB, DOMAIN, coin, genesis, spend, transfer
from tests.decoders import DECODERS, answer, corpus
from tests.laws import coin_values
from tongbao.coin import Acceptance, Approval, Batch, Body, Input, Lock, Outcome, Transaction, Witness
from tongbao.coin.coin import INPUT_BYTES
from tongbao.coin.merkle import inclusion_path, leaf_hash, root_from_path, root_of, tree_levels
from tongbao.errors import RequestError

OTHER_DOMAIN = genesis(name="other").domain()
TAGS = sorted(
    {
        tag
        for source in Path(tongbao.coin.__file__).parent.rglob("*.py")
        for tag in re.findall(r'"(tongbao/[a-z-]+/\d+)"', source.read_text(encoding="utf-8"))
    }
)


# --- ids --------------------------------------------------------------------------------------------------------------


@given(opened=coin_values.INPUTS, place=st.integers(0, INPUT_BYTES - 1), flipped=st.integers(1, 255))
def test_any_other_byte_of_an_opening_makes_another_coin_id(opened: Input, place: int, flipped: int) -> None:
    data = bytearray(opened.encode())
    data[place] ^= flipped

    code = answer("input", bytes(data))

    event(code or "decoded")
    if code:
        assert code == "VALUE_OUT_OF_RANGE"
    else:
        assert Input.coin_id(DECODERS["input"].decode(bytes(data)), DOMAIN) != opened.coin_id(DOMAIN)


def test_any_other_byte_of_one_opening_makes_another_coin_id() -> None:
    data = spend(500, owner=ALICE).input.encode()
    ids = {Input.coin_id(DECODERS["input"].decode(data), DOMAIN)}

    for place in range(INPUT_BYTES):
        changed = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
        ids.add(Input.coin_id(DECODERS["input"].decode(changed), DOMAIN))

    assert len(ids) == INPUT_BYTES + 1


@given(
    made=coin_values.TRANSACTIONS,
    witnesses=st.lists(coin_values.WITNESSES, max_size=2),
    approvals=st.lists(coin_values.APPROVALS, max_size=2),
)
def test_a_transactions_id_does_not_depend_on_its_witnesses(
    made: Transaction, witnesses: list[Witness], approvals: list[Approval]
) -> None:
    other = replace(made, witnesses=tuple(witnesses), approvals=tuple(approvals))

    assert other.id(DOMAIN) == made.id(DOMAIN) == Transaction.decode(other.encode()).id(DOMAIN)


@given(one=coin_values.BODIES, two=coin_values.BODIES)
def test_two_bodies_have_two_ids(one: Body, two: Body) -> None:
    assume(one != two)

    assert one.transaction_id(DOMAIN) != two.transaction_id(DOMAIN)


@given(data=st.binary(max_size=100))
def test_tags_separate_what_one_content_means(data: bytes) -> None:
    hashes = {DOMAIN.hash(tag, data) for tag in TAGS}

    assert len(hashes) == len(TAGS) == 14


def test_no_tag_with_content_looks_like_another() -> None:
    prefixes = [bytes((len(tag),)) + tag.encode() for tag in TAGS]

    assert not any(two.startswith(one) for one, two in pairwise(sorted(prefixes)))


@given(made=coin_values.TRANSACTIONS)
def test_ids_of_transactions_differ_between_networks(made: Transaction) -> None:
    assert made.id(DOMAIN) != made.id(OTHER_DOMAIN)


@given(accepted=coin_values.ACCEPTANCES)
def test_what_a_payees_home_signs_differs_between_networks(accepted: Acceptance) -> None:
    assert accepted.signing_digest(DOMAIN) != accepted.signing_digest(OTHER_DOMAIN)


def test_ids_of_coins_differ_between_networks_with_those_of_their_origins() -> None:
    paid = transfer([spend(500, owner=ALICE)], [coin(500, owner=BOB)])
    output = paid.body.outputs[0]

    here, there = (output.id(domain, origin=paid.id(domain), index=0) for domain in (DOMAIN, OTHER_DOMAIN))

    assert here != there


@given(lock=coin_values.LOCKS, other=coin_values.LOCKS)
def test_two_locks_have_two_ids_which_are_the_same_in_every_network(lock: Lock, other: Lock) -> None:
    assume(lock != other)

    assert lock.id(DOMAIN) != other.id(DOMAIN)
    assert lock.id(DOMAIN) == lock.id(OTHER_DOMAIN)


@given(one=coin_values.OUTCOMES, two=coin_values.OUTCOMES)
def test_one_signature_says_one_outcome(one: Outcome, two: Outcome) -> None:
    assume(replace(one, signature=b"") != replace(two, signature=b""))

    assert one.signing_digest(DOMAIN) != two.signing_digest(DOMAIN)


# --- one form per value -----------------------------------------------------------------------------------------------

CODES = {"", "MALFORMED", "VALUE_OUT_OF_RANGE", "ADDRESS_INVALID"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "acceptance": coin_values.ACCEPTANCES,
    "address": coin_values.ADDRESSES,
    "batch": coin_values.BATCHES,
    "coin": coin_values.COINS,
    "genesis": st.builds(
        genesis, name=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
    ),
    "input": coin_values.INPUTS,
    "key": coin_values.KEYS,
    "lock": coin_values.LOCKS,
    "outcome": coin_values.OUTCOMES,
    "receipt": coin_values.RECEIPTS,
    "submission": coin_values.SUBMISSIONS,
    "transaction": coin_values.TRANSACTIONS,
    "verdicts": coin_values.VERDICTS,
}


def test_every_decoder_has_values_for_its_laws() -> None:
    assert set(VALUES) == set(DECODERS)


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_any_value_is_decoded_as_it_was_encoded(name: str, data: st.DataObject) -> None:
    decoder, value = DECODERS[name], data.draw(VALUES[name])

    assert decoder.decode(decoder.encode(value)) == value


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.data())
def test_bytes_one_step_from_a_vector_are_refused_or_a_values_only_form(name: str, data: st.DataObject) -> None:
    known = data.draw(st.sampled_from(corpus(name)))
    place, removed = data.draw(st.integers(0, len(known))), data.draw(st.integers(0, 4))
    changed = known[:place] + data.draw(st.binary(max_size=4)) + known[place + removed :]

    code = answer(name, changed)

    event(f"refused: {code}" if code else "decoded")
    assert code in CODES


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=300))
def test_bytes_that_nobody_meant_are_refused_by_name(name: str, data: bytes) -> None:
    assert answer(name, data) in CODES


@pytest.mark.parametrize("name", DECODERS)
def test_no_beginning_of_a_vector_is_a_value(name: str) -> None:
    decoder = DECODERS[name]
    data = min((each for each in corpus(name) if not answer(name, each)), key=len)

    for length in range(len(data)):
        with pytest.raises(RequestError):
            decoder.decode(data[:length])


@given(submissions=st.lists(st.binary(max_size=5), max_size=4), others=st.lists(st.binary(max_size=5), max_size=4))
def test_two_lists_of_submissions_have_two_hashes(submissions: list[bytes], others: list[bytes]) -> None:
    assume(submissions != others)

    assert Batch.body_hash(tuple(submissions), DOMAIN) != Batch.body_hash(tuple(others), DOMAIN)


# --- receipt trees ----------------------------------------------------------------------------------------------------


@given(count=st.integers(1, 70), data=st.data())
def test_a_path_proves_its_leaf_at_its_place_and_nothing_else(count: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number, DOMAIN) for number in range(count)]
    index, other = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    path = inclusion_path(tree_levels(leaves, DOMAIN), index)

    proved = root_from_path(leaves[index], path, index=index, count=count, domain=DOMAIN)

    assert proved == root_of(leaves, DOMAIN)
    assume(other != index)
    assert root_from_path(leaves[other], path, index=index, count=count, domain=DOMAIN) != proved
    try:
        misplaced = root_from_path(leaves[index], path, index=other, count=count, domain=DOMAIN)
    except RequestError:
        event("the other place has a path of another length")
        return
    assert misplaced != proved
