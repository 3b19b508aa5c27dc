"""The tagged hash and the domain."""

import hashlib
import pickle

import pytest

from tests.builders import DOMAIN, genesis
from tongbao.coin import Domain, HashKind
from tongbao.coin.domain import tagged_hash
from tongbao.errors import RequestError


@pytest.mark.parametrize(("kind", "algorithm"), [(HashKind.SHA256, "sha256"), (HashKind.SM3, "sm3")])
def test_a_hash_covers_the_tag_behind_its_length(kind: HashKind, algorithm: str) -> None:
    expected = hashlib.new(algorithm, b"\x03tag" + b"data").digest()

    assert tagged_hash(kind, "tag", b"data") == Domain(bytes(32), kind).hash("tag", b"data") == expected


def test_a_hash_of_no_data_is_that_of_the_tag_alone() -> None:
    assert DOMAIN.hash("tag", b"") == hashlib.sha256(b"\x03tag").digest()


def test_hashing_twice_under_one_tag_gives_the_same() -> None:
    first = DOMAIN.hash("tongbao/test/1", b"data")

    assert DOMAIN.hash("tongbao/test/1", b"other") != first
    assert DOMAIN.hash("tongbao/test/1", b"data") == first


def test_a_byte_cannot_move_from_the_data_into_the_tag() -> None:
    assert DOMAIN.hash("tag", b"sdata") != DOMAIN.hash("tags", b"data")


@pytest.mark.parametrize("kind", list(HashKind))
def test_an_untagged_hash_is_the_bare_one(kind: HashKind) -> None:
    assert Domain(bytes(32), kind).untagged_hash(b"data") == hashlib.new(kind.algorithm, b"data").digest()


def test_sm3_is_the_standards() -> None:
    # GB/T 32905-2016, appendix A.1.
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

    assert Domain(bytes(32), HashKind.SM3).untagged_hash(b"abc").hex() == expected


def test_domains_are_equal_whatever_they_have_hashed() -> None:
    fresh = genesis().domain()
    DOMAIN.hash("tongbao/test/1", b"data")

    assert (fresh, hash(fresh)) == (DOMAIN, hash(DOMAIN))


def test_a_domain_travels_to_a_worker_without_its_prepared_hashers() -> None:
    DOMAIN.hash("tongbao/test/1", b"data")

    arrived = pickle.loads(pickle.dumps(DOMAIN))  # noqa: S301 - our own bytes

    assert arrived == DOMAIN
    assert arrived.hash("tongbao/test/1", b"data") == DOMAIN.hash("tongbao/test/1", b"data")


def test_a_network_id_of_another_length_is_refused() -> None:
    with pytest.raises(RequestError, match="network_id has 32 bytes, this one 31"):
        Domain(bytes(31), HashKind.SHA256)
