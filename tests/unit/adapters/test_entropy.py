import pytest

from tongbao.adapters.entropy import SeededEntropy, SystemEntropy


def test_the_machines_dice_never_fall_the_same_way_twice() -> None:
    entropy = SystemEntropy()

    assert len(entropy.bytes(32)) == 32
    assert entropy.bytes(32) != entropy.bytes(32)


def test_one_seed_gives_one_stream() -> None:
    one, other = SeededEntropy("seed"), SeededEntropy("seed")

    assert [one.bytes(count) for count in (1, 32, 32, 1000)] == [other.bytes(count) for count in (1, 32, 32, 1000)]


def test_a_stream_does_not_repeat_itself() -> None:
    entropy = SeededEntropy("seed")

    assert len({entropy.bytes(16) for _ in range(1000)}) == 1000


def test_two_seeds_give_two_streams() -> None:
    assert SeededEntropy("1").bytes(32) != SeededEntropy("2").bytes(32)


def test_the_stream_of_a_seed_never_changes() -> None:
    assert SeededEntropy("tongbao").bytes(8).hex() == "f5c73b0ccc9dc568"


@pytest.mark.parametrize("limit", [1, 2, 6, 255, 256, 257])
def test_numbers_below_a_limit_reach_all_of_them(limit: int) -> None:
    entropy = SeededEntropy("numbers")

    assert {entropy.below(limit) for _ in range(limit * 20)} == set(range(limit))


def test_fractions_lie_between_zero_and_one() -> None:
    entropy = SeededEntropy("fractions")

    fractions = [entropy.fraction() for _ in range(1000)]

    assert 0 <= min(fractions) < 0.05
    assert 0.95 < max(fractions) < 1
