"""A cut through ascending entries."""

from random import Random

from tongbao.centres.registration.runs import cut_behind
from tongbao.kernel.rows import ENTRY_BYTES, KEY_BYTES


def entry(key: int, place: int) -> bytes:
    return key.to_bytes(KEY_BYTES, "big") + place.to_bytes(8, "big")


def random_entries(count: int, *, seed: int) -> list[bytes]:
    dice = Random(seed)
    return sorted(entry(dice.randrange(1_000), dice.randrange(2**63)) for _ in range(count))


def test_a_cut_loses_nothing_and_lets_nothing_above_through() -> None:
    entries = b"".join(random_entries(100, seed=4))
    for at in range(0, len(entries), ENTRY_BYTES):
        last = entries[at : at + ENTRY_BYTES]
        upper = entry(int.from_bytes(last[:KEY_BYTES], "big"), int.from_bytes(last[KEY_BYTES:], "big") - 1)

        assert cut_behind(entries, last) == (entries[: at + ENTRY_BYTES], entries[at + ENTRY_BYTES :])
        assert cut_behind(entries, upper) == (entries[:at], entries[at:])
