"""The state digest, computed a second time from its description in docs/internals/kernel.md."""

import hashlib
from collections.abc import Sequence

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CENTRAL_BANK,
    CENTRE,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    INSTITUTIONS,
    OFFICERS,
    QUOTA,
    bytes32,
    coin,
    control,
    public_key,
    spend_of,
    transfer,
)
from tests.kernel_builders import SETTLED, Ledger
from tongbao.coin.control import (
    AuthorityKind,
    ClockOperation,
    Freeze,
    FreezeTarget,
    RegisterAsset,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
)
from tongbao.kernel import ReferenceKernel
from tongbao.kernel.digest import UnspentDigest, control_encoding
from tongbao.kernel.state import Totals

Unspent = dict[bytes, tuple[int, int, int]]


def tagged(tag: str, data: bytes) -> bytes:
    """H by the letter."""
    return hashlib.sha256(bytes((len(tag),)) + tag.encode() + data).digest()


def root_from_scratch(unspent: Unspent) -> bytes:
    """The Merkle root over all 65,536 buckets, none of them kept from before."""
    buckets: list[list[bytes]] = [[] for _ in range(65_536)]
    for coin_id in sorted(unspent):
        asset, home, value = unspent[coin_id]
        entry = coin_id + asset.to_bytes(4, "big") + home.to_bytes(4, "big") + value.to_bytes(8, "big")
        buckets[int.from_bytes(coin_id[:2], "big")].append(entry)
    level = [tagged("tongbao/unspent-bucket/1", b"".join(entries)) for entries in buckets]
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def digest_from_scratch(ledger: Ledger) -> bytes:
    """The digest over root and control state."""
    state = ledger.state
    control_state = tagged("tongbao/control-state/1", control_encoding(state))
    return tagged("tongbao/state/1", root_from_scratch(state.unspent) + control_state)


def section(parts: Sequence[bytes]) -> bytes:
    """A list of the control state: its length, then each part behind its own."""
    return len(parts).to_bytes(4, "big") + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


@pytest.mark.usefixtures("each_kernel")
def test_the_digest_of_genesis_is_that_of_its_description() -> None:
    ledger = Ledger()

    digest = ledger.kernel.state_digest()

    assert digest == digest_from_scratch(ledger)


@pytest.mark.usefixtures("each_kernel")
def test_the_digest_follows_coins_that_come_and_go() -> None:
    ledger = Ledger()
    values = range(1, 301)
    funds = ledger.fund(*values, owner=ALICE)
    first = ledger.kernel.state_digest()
    paid = transfer(
        [spend_of(funds, place, owner=ALICE, salt=place) for place in range(200)], [coin(20_100, owner=BOB)]
    )
    assert ledger.settle(paid) == [SETTLED]

    second = ledger.kernel.state_digest()

    assert second != first
    assert second == digest_from_scratch(ledger)


@pytest.mark.usefixtures("each_kernel")
def test_asking_again_gives_the_same_digest() -> None:
    ledger = Ledger()
    ledger.fund(5, owner=ALICE)

    digests = {ledger.kernel.state_digest() for _ in range(3)}

    assert digests == {digest_from_scratch(ledger)}


def test_a_coin_that_came_and_went_leaves_no_trace_in_the_root() -> None:
    digest = UnspentDigest(DOMAIN)
    empty = digest.root({})
    digest.add(b"\x00\x01" + bytes(30))
    between = digest.root({b"\x00\x01" + bytes(30): (0, 1, 5)})
    digest.remove(b"\x00\x01" + bytes(30))

    assert digest.root({}) == empty
    assert between == root_from_scratch({b"\x00\x01" + bytes(30): (0, 1, 5)})


def test_a_digest_keeps_the_nodes_of_one_tree() -> None:
    digest = UnspentDigest(DOMAIN)

    assert [len(level) for level in digest._levels] == [2**bits for bits in range(16, -1, -1)]


def test_the_order_in_which_coins_come_does_not_matter() -> None:
    unspent: Unspent = {b"\x00\x01" + bytes32(place)[2:]: (0, 1, place + 1) for place in range(5)}
    unspent[b"\xff\xff" + bytes(30)] = (2**32 - 1, 2**32 - 1, 2**63 - 1)
    roots = []
    for order in (list(unspent), list(reversed(unspent))):
        digest = UnspentDigest(DOMAIN)
        for coin_id in order:
            digest.add(coin_id)
        roots.append(digest.root(unspent))

    assert roots == [root_from_scratch(unspent)] * 2


def institution_part(
    home: int, key: int, *, suspended: int = 0, successor: bytes = b"", substitute: bytes = b""
) -> bytes:
    parts = (public_key(key).encode(), successor, substitute)
    return number(home, 4) + number(suspended, 1) + b"".join(number(len(part), 4) + part for part in parts)


def serial_part(authority: int, subject: bytes, last: int) -> bytes:
    return number(authority, 1) + subject + number(last, 8)


def officers_part(authority: AuthorityKind) -> bytes:
    return bytes((authority, 2, 3)) + b"".join(public_key(each).encode() for each in OFFICERS[authority])


@pytest.mark.usefixtures("each_kernel")
def test_the_control_state_is_written_as_described() -> None:
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    now_ms = ledger.now_ms + 1_000
    operations = (
        control(SuspendInstitution(1, suspended=True)),
        control(SetSuccessor(1, 2), serial=2),
        control(SubstituteKey(2, public_key(14))),
        control(RegisterAsset(9, active=False, code="BOND")),
        control(Freeze(FreezeTarget.COIN, bytes32(1))),
        control(Freeze(FreezeTarget.LOCK, bytes32(2))),
        control(ClockOperation(GENESIS_TIME_MS)),
    )
    assert ledger.control(*operations) == [SETTLED] * 7

    encoded = control_encoding(ledger.state)

    one, two, nine = number(1, 4), number(2, 4), number(9, 4)
    institutions = (
        institution_part(0, CENTRAL_BANK),
        institution_part(1, INSTITUTIONS[1], suspended=1, successor=two),
        institution_part(2, INSTITUTIONS[2], substitute=public_key(14).encode()),
    )
    serials = (
        serial_part(1, b"issue" + bytes(4) + one, 1),
        serial_part(2, b"asset" + nine, 1),
        serial_part(2, b"clock", 1),
        serial_part(2, b"institution" + one, 2),
        serial_part(3, b"frozen\x01" + bytes32(2), 1),
        serial_part(3, b"frozen\x02" + bytes32(1), 1),
        serial_part(3, b"substitute" + two, 1),
    )
    sections = (
        [bytes(4) + one + number(500, 16) + bytes(48)],
        institutions,
        [bytes(4) + one + number(QUOTA, 8), bytes(4) + two + number(QUOTA, 8)],
        [officers_part(authority) for authority in AuthorityKind],
        [bytes(4) + b"\x01CNY", nine + b"\x00BOND"],
        [b"\x01" + bytes32(2) + number(now_ms, 8), b"\x02" + bytes32(1) + number(now_ms, 8)],
        serials,
        [public_key(CENTRE).encode()],
        [number(1, 4) + number(now_ms, 8)],
    )
    assert encoded == b"".join(map(section, sections))


def test_totals_above_64_bits_have_room() -> None:
    state = ReferenceKernel(GENESIS).state
    largest = 2**63 - 1

    for _ in range(4):
        state.add(Totals(issued=largest), asset=0, home=1)

    assert section([bytes(4) + number(1, 4) + number(4 * largest, 16) + bytes(48)]) in control_encoding(state)
