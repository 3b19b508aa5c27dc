"""Forks of a log: what proves that one key signed two histories, and what proves nothing."""

from collections.abc import Sequence

import pytest

from tongbao.errors import DecodingError
from tongbao.evidence import Checkpoint, SignatureKind, SignedText, SignedTextInvalidError, SigningKey
from tongbao.evidence.fork import Fork, ForkUnprovenError, proven_roots
from tongbao.evidence.tree import Node, consistency_proof, leaf_hash, subtree_root

LOG = SigningKey("example.com/log", SignatureKind.ED25519, b"l" * 32)
STRANGER = SigningKey("example.com/log", SignatureKind.ED25519, b"s" * 32)
HONEST = [leaf_hash(b"%d" % number) for number in range(20)]
FORGED = [*HONEST[:3], leaf_hash(b"forged"), *HONEST[4:]]


def signed(leaves: Sequence[bytes], key: SigningKey = LOG) -> SignedText:
    text = Checkpoint("example.com/log", len(leaves), subtree_root(leaves)).encode()
    return SignedText(text, (key.sign(text),))


def proof_of(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    def node(place: Node) -> bytes:
        level, number = place
        return subtree_root(leaves[number << level : (number + 1) << level])

    return consistency_proof(old_size, len(leaves), node)


@pytest.mark.parametrize("new_size", range(1, 21))
def test_a_proof_leads_to_the_roots_of_both_trees(new_size: int) -> None:
    for old_size in range(1, new_size):
        old_root = subtree_root(HONEST[:old_size])

        found = proven_roots(
            proof_of(HONEST[:new_size], old_size), old_size=old_size, new_size=new_size, old_root=old_root
        )

        assert found == (old_root, subtree_root(HONEST[:new_size]))


@pytest.mark.parametrize("sizes", [(0, 5), (5, 5), (6, 5)])
def test_sizes_that_do_not_grow_have_no_proof(sizes: tuple[int, int]) -> None:
    assert proven_roots([], old_size=sizes[0], new_size=sizes[1], old_root=bytes(32)) is None


def test_a_proof_too_short_or_too_long_leads_nowhere() -> None:
    proof = proof_of(HONEST, 7)

    assert proven_roots(proof[1:], old_size=7, new_size=20) is None
    assert proven_roots((*proof, bytes(32)), old_size=7, new_size=20) is None
    assert proven_roots(proof_of(HONEST, 8), old_size=8, new_size=20) is None


def test_two_roots_for_one_size_are_a_fork() -> None:
    first, second = Fork(signed(HONEST), signed(FORGED)).demand([LOG.verifier_key])

    assert first.size == second.size == 20


def test_two_histories_are_a_fork_which_the_second_ones_own_proof_shows() -> None:
    fork = Fork(signed(HONEST[:7]), signed(FORGED), proof_of(FORGED, 7))

    assert [each.size for each in fork.demand([LOG.verifier_key])] == [7, 20]


def test_a_fork_at_a_complete_tree_needs_the_other_root_of_it() -> None:
    without = Fork(signed(HONEST[:8]), signed(FORGED), proof_of(FORGED, 8))
    with_root = Fork(without.first, without.second, without.proof, subtree_root(FORGED[:8]))

    with pytest.raises(ForkUnprovenError):
        without.demand([LOG.verifier_key])
    with_root.demand([LOG.verifier_key])


def test_an_honest_history_is_no_fork_whatever_proof_stands_beside_it() -> None:
    first, second = signed(HONEST[:7]), signed(HONEST)

    for proof in (proof_of(HONEST, 7), proof_of(FORGED, 7), (), (bytes(32),) * 5):
        with pytest.raises(ForkUnprovenError):
            Fork(first, second, proof).demand([LOG.verifier_key])


@pytest.mark.parametrize("at", [1, 31, 33, 63])
def test_hashes_cut_at_another_place_convict_no_honest_log(at: int) -> None:
    after_three = HONEST[2] + HONEST[3]
    after_two = subtree_root(HONEST[:2]) + HONEST[2]

    for fork in (
        Fork(signed(HONEST[:3]), signed(HONEST[:4]), (after_three[:at], after_three[at:], subtree_root(HONEST[:2]))),
        Fork(signed(HONEST[:2]), signed(HONEST[:3]), (after_two[at:],), after_two[:at]),
    ):
        with pytest.raises(ForkUnprovenError):
            Fork.decode(fork.encode()).demand([LOG.verifier_key])


def test_the_same_checkpoint_twice_is_no_fork() -> None:
    with pytest.raises(ForkUnprovenError):
        Fork(signed(HONEST), signed(HONEST)).demand([LOG.verifier_key])


def test_a_checkpoint_of_a_stranger_convicts_nobody() -> None:
    with pytest.raises(SignedTextInvalidError):
        Fork(signed(HONEST), signed(FORGED, STRANGER)).demand([LOG.verifier_key])


def test_a_checkpoint_of_another_log_convicts_nobody() -> None:
    other = SigningKey("example.com/other", SignatureKind.ED25519, b"l" * 32)
    text = Checkpoint("example.com/other", 20, bytes(32)).encode()
    fork = Fork(signed(HONEST), SignedText(text, (other.sign(text),)))

    with pytest.raises(SignedTextInvalidError):
        fork.demand([LOG.verifier_key])
    with pytest.raises(ForkUnprovenError):
        fork.demand([LOG.verifier_key, other.verifier_key])


def test_a_fork_is_read_as_it_was_written() -> None:
    fork = Fork(signed(HONEST[:7]), signed(FORGED), proof_of(FORGED, 7))

    assert Fork.decode(fork.encode()) == fork


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format": "other"}', b"[" * 100_000, b" " * 4_000_001])
def test_what_is_no_file_of_a_fork_is_refused(data: bytes) -> None:
    with pytest.raises(DecodingError):
        Fork.decode(data)
