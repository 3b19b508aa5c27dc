"""Snapshots bring back everything, and never anything else."""

import pytest

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    GENESIS,
    bytes32,
    coin,
    control,
    genesis,
    public_key,
    redeem,
    spend_of,
    transfer,
)
from tests.kernel_builders import SETTLED, Ledger
from tongbao.coin.control import (
    Freeze,
    FreezeTarget,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
)
from tongbao.errors import DamageError
from tongbao.kernel import ReferenceKernel
from tongbao.kernel.state import Totals

MAGIC_BYTES, COIN_BYTES, CHECKSUM_BYTES = 8, 48, 32


def grown_ledger() -> Ledger:
    """A ledger with something in every part of its state."""
    ledger = Ledger()
    funds = ledger.fund(500, 300, owner=ALICE)
    assert (
        ledger.control(
            control(RegisterInstitution(3, public_key(13))),
            control(RegisterInstitution(4, public_key(14))),
            control(SuspendInstitution(3, suspended=True), serial=2),
            control(SetSuccessor(3, 4), serial=3),
            control(SubstituteKey(4, public_key(15))),
            control(Quota(0, 4, 77)),
            control(RegisterAsset(5, active=False, code="BOND")),
            control(Freeze(FreezeTarget.LOCK, bytes32(9))),
            control(Freeze(FreezeTarget.COIN, bytes32(9))),
            control(ReceiptKey(public_key(16), active=True)),
        )
        == [SETTLED] * 10
    )
    assert ledger.settle(
        redeem([spend_of(funds, 1, owner=ALICE, salt=1)]),
        transfer([spend_of(funds, 0, owner=ALICE)], [coin(200, owner=BOB), coin(300, owner=BOB, salt=1)]),
    ) == [SETTLED, SETTLED]
    return ledger


def with_checksum(content: bytes) -> bytes:
    """What somebody writes who knows the form."""
    return content + DOMAIN.hash("tongbao/snapshot/1", content)


def test_a_restored_kernel_remembers_everything() -> None:
    kernel = grown_ledger().kernel

    restored = ReferenceKernel.from_snapshot(GENESIS, kernel.snapshot())

    assert restored.state == kernel.state
    assert (restored.sequence, restored.time_ms, restored.chain_head) == (3, kernel.time_ms, kernel.chain_head)
    assert restored.state_digest() == kernel.state_digest()
    assert restored.snapshot() == kernel.snapshot()


def test_a_restored_kernel_goes_on_as_the_one_that_it_was_taken_of() -> None:
    ledger = grown_ledger()
    restored = ReferenceKernel.from_snapshot(GENESIS, ledger.kernel.snapshot())

    for _ in range(10):
        ledger.heartbeat(time_ms=ledger.now_ms + 5)
        restored.apply(ledger.batches[-1])

    assert restored.snapshot() == ledger.kernel.snapshot()


def test_a_kernel_that_has_applied_nothing_can_be_restored() -> None:
    kernel = ReferenceKernel(GENESIS)

    restored = ReferenceKernel.from_snapshot(GENESIS, kernel.snapshot())

    assert restored.snapshot() == kernel.snapshot()


@pytest.mark.parametrize("place", [0, 8, 50, 100, 400, -33, -1])
def test_a_changed_byte_is_damage(place: int) -> None:
    data = bytearray(grown_ledger().kernel.snapshot())
    data[place] ^= 1

    with pytest.raises(DamageError, match="checksum is wrong; use an older one, or replay the journal"):
        ReferenceKernel.from_snapshot(GENESIS, bytes(data))


def test_nothing_at_all_is_damage() -> None:
    with pytest.raises(DamageError, match="checksum"):
        ReferenceKernel.from_snapshot(GENESIS, b"")


def test_another_version_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match="unknown version"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(b"tbsnap99" + content[MAGIC_BYTES:]))


def test_the_snapshot_of_another_network_is_refused() -> None:
    other = ReferenceKernel(genesis(name="other"))

    with pytest.raises(DamageError, match="another network"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(other.snapshot()[:-CHECKSUM_BYTES]))


def test_a_gap_in_the_statuses_is_refused() -> None:
    kernel = grown_ledger().kernel
    kernel._recent_statuses.pop(2)

    with pytest.raises(DamageError, match="statuses have gaps"):
        ReferenceKernel.from_snapshot(GENESIS, kernel.snapshot())


def test_coins_out_of_order_are_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]
    first, second = content[-2 * COIN_BYTES : -COIN_BYTES], content[-COIN_BYTES:]

    with pytest.raises(DamageError, match="coins do not ascend"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(content[: -2 * COIN_BYTES] + second + first))


def test_a_coin_named_twice_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match="coins do not ascend"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(content[:-COIN_BYTES] + content[-2 * COIN_BYTES :][:48]))


def test_control_state_in_another_form_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]
    lock_then_coin = (b"\x01" + bytes32(9), b"\x02" + bytes32(9))
    places = [content.index(frozen) for frozen in lock_then_coin]
    swapped = bytearray(content)
    swapped[places[0]], swapped[places[1]] = 2, 1

    with pytest.raises(DamageError, match="not canonical"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(bytes(swapped)))


def test_an_unknown_number_in_the_control_state_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match="not a valid FreezeTarget"):
        ReferenceKernel.from_snapshot(
            GENESIS, with_checksum(content.replace(b"\x01" + bytes32(9), b"\x09" + bytes32(9)))
        )


def test_bytes_left_over_are_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match="1 bytes too many"):
        ReferenceKernel.from_snapshot(GENESIS, with_checksum(content + b"\x00"))


def test_coins_that_no_issue_made_are_refused() -> None:
    kernel = grown_ledger().kernel
    kernel.state.totals[0, 1] = Totals(issued=800, redeemed=299)

    with pytest.raises(DamageError, match="its coins are not its totals"):
        ReferenceKernel.from_snapshot(GENESIS, kernel.snapshot())
