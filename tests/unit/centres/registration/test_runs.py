"""Entries of transactions and locks: what they say, and how they are merged and found."""

from random import Random

from tests.builders import ALICE, BOB, GENESIS, batch, coin, issue, spend_of, submission, transfer
from tongbao.centres.registration.runs import (
    COIN_BIT,
    ENTRY_BYTES,
    KEY_BYTES,
    PLACE_BITS,
    cut_behind,
    entries_of,
    merged,
    places_of,
)
from tongbao.coin.domain import Domain
from tongbao.kernel import ReferenceKernel

DOMAIN: Domain = GENESIS.domain()
PLACE = 5 << PLACE_BITS


def entry(key: int, place: int) -> bytes:
    return key.to_bytes(KEY_BYTES, "big") + place.to_bytes(8, "big")


def random_entries(count: int, *, seed: int) -> list[bytes]:
    dice = Random(seed)
    return sorted(entry(dice.randrange(1_000), dice.randrange(2**63)) for _ in range(count))


def test_what_settled_and_every_coin_has_an_entry_and_what_was_refused_has_none() -> None:
    made = issue([coin(5, owner=ALICE), coin(6, owner=BOB)])
    paid = transfer([spend_of(made, 0, owner=ALICE)], [coin(5, owner=BOB, salt=9)])
    again = transfer([spend_of(made, 0, owner=ALICE)], [coin(5, owner=ALICE, salt=8)], reference=1)
    following = batch([submission([made], home=0), submission([paid, again], home=1)])
    applied = ReferenceKernel(GENESIS).apply(following.encode())

    found = entries_of(5, applied.verdicts, applied.created)

    ids = [each.id(DOMAIN)[:KEY_BYTES] for each in (made, paid)]
    locks = [each.lock_id[:KEY_BYTES] for each in (*made.body.outputs, *paid.body.outputs)]
    expected = [key + (PLACE + at).to_bytes(8, "big") for at, key in enumerate(ids)]
    expected += [key + (COIN_BIT | PLACE + at).to_bytes(8, "big") for at, key in enumerate(locks)]
    assert found == expected


def test_merging_keeps_every_entry_and_puts_them_in_order() -> None:
    pieces = [random_entries(count, seed=count) for count in (1, 50, 300)]

    found = merged([b"".join(piece) for piece in pieces])

    assert found == b"".join(sorted(pieces[0] + pieces[1] + pieces[2]))


def test_all_places_of_a_key_are_found_and_none_of_its_neighbours() -> None:
    entries = b"".join([entry(6, 1), entry(7, 2), entry(7, 3), entry(8, 4)])

    assert [places_of(key.to_bytes(KEY_BYTES, "big"), entries) for key in (5, 6, 7, 8, 9)] == [[], [1], [2, 3], [4], []]
    assert places_of(bytes(KEY_BYTES), b"") == []


def test_a_cut_loses_nothing_and_lets_nothing_above_through() -> None:
    entries = b"".join(random_entries(100, seed=4))
    for at in range(0, len(entries), ENTRY_BYTES):
        last = entries[at : at + ENTRY_BYTES]
        upper = entry(int.from_bytes(last[:KEY_BYTES], "big"), int.from_bytes(last[KEY_BYTES:], "big") - 1)

        assert cut_behind(entries, last) == (entries[: at + ENTRY_BYTES], entries[at + ENTRY_BYTES :])
        assert cut_behind(entries, upper) == (entries[:at], entries[at:])
