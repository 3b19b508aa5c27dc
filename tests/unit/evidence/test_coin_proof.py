"""Proofs that a coin is counted: whole, in this statement, by the log's word."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import BOB
from tests.supply_history import LOG_KEY, SupplyHistory, opening_of, proof_of, signed
from tongbao.coin import Input
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.coin_proof import CoinProof, CoinProofInvalidError, prove_counted
from tongbao.evidence.signed_text import SignedTextInvalidError
from tongbao.evidence.supply_tree import SumNode

KEYS = [LOG_KEY.verifier_key]


@pytest.fixture(scope="module")
def history() -> SupplyHistory:
    history = SupplyHistory()
    funds = history.issue(500, 300, 7, home=1)
    history.state()
    history.pay(funds, index=0, to=BOB)
    history.state()
    return history


@pytest.fixture(scope="module")
def opening(history: SupplyHistory) -> Input:
    """The coin of 300, which is there in both statements."""
    return opening_of(history.funds[0], 1)


@pytest.fixture(scope="module")
def proof(history: SupplyHistory, opening: Input) -> CoinProof:
    return proof_of(opening, history.trees[1], number=1)


def test_a_holder_proves_with_the_log_s_key_alone_that_its_coin_is_counted(
    history: SupplyHistory, proof: CoinProof, opening: Input
) -> None:
    counted = prove_counted(proof.encode(), signed(history.statements[0]).encode(), KEYS)

    assert counted.opening == opening
    assert counted.statement == history.statements[0]


def test_a_proof_reads_as_it_was_written(proof: CoinProof) -> None:
    assert CoinProof.decode(proof.encode()) == proof


def test_a_proof_is_of_one_statement(history: SupplyHistory, proof: CoinProof) -> None:
    with pytest.raises(CoinProofInvalidError, match="another statement"):
        proof.verify(history.statements[1])
    with pytest.raises(CoinProofInvalidError, match="does not lead to the root"):
        replace(proof, number=2).verify(history.statements[1])


def test_a_proof_for_a_statement_that_nobody_signed_is_worth_nothing(history: SupplyHistory, proof: CoinProof) -> None:
    data = signed(history.statements[0]).encode().replace(b"total 807", b"total 808")

    with pytest.raises(SignedTextInvalidError):
        prove_counted(proof.encode(), data, KEYS)


def doubled(proof: CoinProof) -> CoinProof:
    return replace(proof, parts=(proof.parts[0], proof.parts[0]))


def moved_value(proof: CoinProof) -> CoinProof:
    one, other = proof.parts
    return replace(proof, parts=(replace(one, value=one.value + 1), replace(other, value=other.value - 1)))


def greater_coin(proof: CoinProof) -> CoinProof:
    return replace(proof, opening=replace(proof.opening, coin=replace(proof.opening.coin, value=301)))


def other_coin(proof: CoinProof) -> CoinProof:
    return replace(proof, opening=replace(proof.opening, index=2))


def other_asset(proof: CoinProof) -> CoinProof:
    return replace(proof, opening=replace(proof.opening, coin=replace(proof.opening.coin, asset=3)))


def shorter(proof: CoinProof) -> CoinProof:
    return replace(proof, parts=tuple(replace(each, path=each.path[:-1], index=each.index % 8) for each in proof.parts))


def elsewhere(proof: CoinProof) -> CoinProof:
    one, other = proof.parts
    place = next(place for place in range(16) if place not in {one.index, other.index})
    return replace(proof, parts=(replace(one, index=place), other))


def other_sum(proof: CoinProof) -> CoinProof:
    one, other = proof.parts
    path = (SumNode(one.path[0].hash, one.path[0].total + 1), *one.path[1:])
    return replace(proof, parts=(replace(one, path=path), other))


def overflowing(proof: CoinProof) -> CoinProof:
    one, other = proof.parts
    path = (SumNode(one.path[0].hash, 2**128 - 1), *one.path[1:])
    part = next(part for part in (one, other) if part.value)
    return replace(proof, parts=(replace(part, path=path), one if part is other else other))


@pytest.mark.parametrize(
    "change", [doubled, moved_value, greater_coin, other_coin, other_asset, shorter, elsewhere, other_sum, overflowing]
)
def test_a_proof_that_was_changed_proves_nothing(
    history: SupplyHistory, proof: CoinProof, change: Callable[[CoinProof], CoinProof]
) -> None:
    proof.verify(history.statements[0])

    with pytest.raises(CoinProofInvalidError):
        change(proof).verify(history.statements[0])


def test_no_bit_of_a_proof_can_change(history: SupplyHistory, proof: CoinProof) -> None:
    data = proof.encode()

    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        with pytest.raises(RequestError):
            CoinProof.decode(bytes(changed)).verify(history.statements[0])


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: b"\x02" + data[1:]])
def test_bytes_that_are_no_proof_are_refused(proof: CoinProof, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DecodingError):
        CoinProof.decode(change(proof.encode()))


def test_a_proof_of_an_absurd_depth_is_refused_before_anything_is_hashed(proof: CoinProof) -> None:
    data = bytearray(proof.encode())
    data[1 + 8 + 82] = 41

    with pytest.raises(DecodingError, match="at most 40"):
        CoinProof.decode(bytes(data))


def test_the_parts_of_a_proof_show_salts_of_this_coin_alone(history: SupplyHistory, proof: CoinProof) -> None:
    """Beside the parts a proof holds hashes and sums only; no id, lock or salt of another coin."""
    data = proof.encode()
    others = [opening_of(history.funds[0], place) for place in (0, 2)]

    for each in others:
        shown = proof_of(each, history.trees[1], number=1)
        assert each.coin.lock_id not in data
        assert not any(part.salt in data for part in shown.parts)
