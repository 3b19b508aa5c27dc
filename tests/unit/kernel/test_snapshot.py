"""Snapshots bring back everything, and never anything else."""

from collections.abc import Callable

import pytest

from tests import kernel_builders
from tests.builders import (
    ALICE,
    BOB,
    CENTRAL_BANK,
    DOMAIN,
    GENESIS,
    acceptance,
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
    ClockOperation,
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
from tongbao.kernel import Kernel, ReferenceKernel
from tongbao.kernel.state import Totals

MAGIC_BYTES, COIN_BYTES, CHECKSUM_BYTES = 8, 48, 32


LESS_EXACTLY = ("byte", "FreezeTarget", "one version", "more than it holds")


def refused(reason: str) -> str:
    """The whole message of a refusal, as a pattern; the native kernel may name a malformed part less exactly."""
    if kernel_builders.KERNEL.name == "native" and any(part in reason for part in LESS_EXACTLY):
        reason = "(its control state is malformed|it ends too early|there are bytes too many)"
    return f"^the snapshot cannot be used: {reason}; use an older one, or replay the journal$"


def grown_ledger(kernel: Kernel | None = None) -> Ledger:
    """A ledger with something in every part of its state."""
    ledger = Ledger(kernel=kernel)
    funds = ledger.fund(500, 300, 40, owner=ALICE)
    abroad = spend_of(funds, 2, owner=ALICE, salt=2)
    paid = [coin(30, owner=BOB, home=2), coin(10, owner=ALICE)]
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
        transfer([abroad], paid, acceptances=[acceptance(abroad.input, paid[:1])]),
    ) == [SETTLED, SETTLED, SETTLED]
    assert ledger.control(control(ClockOperation(ledger.now_ms - 500))) == [SETTLED]
    return ledger


def with_checksum(content: bytes) -> bytes:
    """What somebody writes who knows the form."""
    return content + DOMAIN.hash("tongbao/snapshot/1", content)


@pytest.mark.usefixtures("each_kernel")
def test_a_restored_kernel_remembers_everything() -> None:
    kernel = grown_ledger().kernel

    restored = kernel_builders.KERNEL.from_snapshot(GENESIS, kernel.snapshot())

    assert Ledger(kernel=restored).state == Ledger(kernel=kernel).state
    assert (restored.sequence, restored.time_ms, restored.chain_head) == (4, kernel.time_ms, kernel.chain_head)
    assert restored.state_digest() == kernel.state_digest()
    assert restored.snapshot() == kernel.snapshot()


@pytest.mark.usefixtures("each_kernel")
def test_a_restored_kernel_goes_on_as_the_one_that_it_was_taken_of() -> None:
    ledger = grown_ledger()
    restored = kernel_builders.KERNEL.from_snapshot(GENESIS, ledger.kernel.snapshot())

    for _ in range(10):
        ledger.heartbeat(time_ms=ledger.now_ms + 5)
        restored.apply(ledger.batches[-1])

    assert restored.snapshot() == ledger.kernel.snapshot()


@pytest.mark.usefixtures("each_kernel")
def test_a_snapshot_in_parts_is_of_the_moment_when_it_began_whatever_settles_meanwhile() -> None:
    ledger = grown_ledger()
    whole, digest = ledger.kernel.snapshot(), ledger.kernel.state_digest()

    begun = ledger.kernel.begin_snapshot()
    ledger.fund(7, owner=BOB)
    parts = []
    for part in begun:
        parts.append(part)
        ledger.fund(8, owner=BOB)

    assert b"".join(parts) == whole
    assert begun.state_digest == digest
    restored = kernel_builders.KERNEL.from_snapshot(GENESIS, ledger.kernel.snapshot())
    assert restored.state_digest() == ledger.kernel.state_digest() != digest


@pytest.mark.usefixtures("each_kernel")
def test_a_kernel_that_has_applied_nothing_can_be_restored() -> None:
    kernel = kernel_builders.KERNEL(GENESIS)

    restored = kernel_builders.KERNEL.from_snapshot(GENESIS, kernel.snapshot())

    assert restored.snapshot() == kernel.snapshot()


@pytest.mark.parametrize("place", [0, 8, 50, 100, 400, -33, -1])
@pytest.mark.usefixtures("each_kernel")
def test_a_changed_byte_is_damage(place: int) -> None:
    data = bytearray(grown_ledger().kernel.snapshot())
    data[place] ^= 1

    with pytest.raises(DamageError, match=refused("its checksum is wrong")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, bytes(data))


@pytest.mark.usefixtures("each_kernel")
def test_nothing_at_all_is_damage() -> None:
    with pytest.raises(DamageError, match=refused("its checksum is wrong")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, b"")


@pytest.mark.usefixtures("each_kernel")
def test_another_version_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match=refused("it is of an unknown version")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(b"tbsnap99" + content[MAGIC_BYTES:]))


@pytest.mark.usefixtures("each_kernel")
def test_the_snapshot_of_another_network_is_refused() -> None:
    other = kernel_builders.KERNEL(genesis(name="other"))

    with pytest.raises(DamageError, match=refused("it is of another network")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(other.snapshot()[:-CHECKSUM_BYTES]))


@pytest.mark.usefixtures("each_kernel")
def test_a_gap_in_the_statuses_is_refused() -> None:
    kernel = ReferenceKernel(GENESIS)
    grown_ledger(kernel)
    kernel._recent_statuses.pop(2)

    with pytest.raises(DamageError, match=refused("its statuses have gaps")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, kernel.snapshot())


@pytest.mark.usefixtures("each_kernel")
def test_coins_out_of_order_are_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]
    first, second = content[-2 * COIN_BYTES : -COIN_BYTES], content[-COIN_BYTES:]

    with pytest.raises(DamageError, match=refused("its coins do not ascend")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(content[: -2 * COIN_BYTES] + second + first))


@pytest.mark.usefixtures("each_kernel")
def test_a_coin_named_twice_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match=refused("its coins do not ascend")):
        kernel_builders.KERNEL.from_snapshot(
            GENESIS, with_checksum(content[:-COIN_BYTES] + content[-2 * COIN_BYTES :][:48])
        )


@pytest.mark.usefixtures("each_kernel")
def test_control_state_in_another_form_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]
    lock_then_coin = (b"\x01" + bytes32(9), b"\x02" + bytes32(9))
    places = [content.index(frozen) for frozen in lock_then_coin]
    swapped = bytearray(content)
    swapped[places[0]], swapped[places[1]] = 2, 1

    with pytest.raises(DamageError, match=refused("its control state is not canonical")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(bytes(swapped)))


@pytest.mark.usefixtures("each_kernel")
def test_an_unknown_number_in_the_control_state_is_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match=refused("9 is not a valid FreezeTarget")):
        kernel_builders.KERNEL.from_snapshot(
            GENESIS, with_checksum(content.replace(b"\x01" + bytes32(9), b"\x09" + bytes32(9)))
        )


@pytest.mark.usefixtures("each_kernel")
def test_bytes_left_over_are_refused() -> None:
    content = grown_ledger().kernel.snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match=refused(r"snapshot: 1 bytes too many at byte \d+")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(content + b"\x00"))


@pytest.mark.usefixtures("each_kernel")
def test_coins_that_no_issue_made_are_refused() -> None:
    kernel = ReferenceKernel(GENESIS)
    grown_ledger(kernel)
    kernel.state.totals[0, 1] = Totals(issued=840, redeemed=299, outflow=30)

    with pytest.raises(DamageError, match=refused("its coins are not its totals")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, kernel.snapshot())


@pytest.mark.usefixtures("each_kernel")
def test_totals_of_what_is_gone_need_no_coins() -> None:
    ledger = Ledger()
    funds = ledger.fund(5, owner=ALICE)
    assert ledger.settle(redeem([spend_of(funds, 0, owner=ALICE)])) == [SETTLED]

    restored = kernel_builders.KERNEL.from_snapshot(GENESIS, ledger.kernel.snapshot())

    assert restored.totals() == {(0, 1): Totals(issued=5, redeemed=5)}
    assert restored.unspent_by_asset_and_home() == {}


@pytest.mark.usefixtures("each_kernel")
def test_two_versions_of_rules_are_refused() -> None:
    content = kernel_builders.KERNEL(GENESIS).snapshot()[:-CHECKSUM_BYTES]
    one = b"\x00\x00\x00\x0c" + b"\x00\x00\x00\x01" + bytes(8)  # rules 1, nothing expired before
    longer = with_control(
        content, lambda control_state: control_state[: -len(one) - 4] + b"\x00\x00\x00\x02" + one + one
    )

    with pytest.raises(DamageError, match=refused("its rules are not one version")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(longer))


CONTROL_PLACE = MAGIC_BYTES + 32 + 8 + 8 + 32 + 1 + 40  # of the length of the control state, after one statuses hash


def with_control(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The content with its control state changed, and counted anew."""
    start = CONTROL_PLACE + 4
    end = start + int.from_bytes(content[CONTROL_PLACE:start], "big")
    control_state = change(content[start:end])
    return content[:CONTROL_PLACE] + len(control_state).to_bytes(4, "big") + control_state + content[end:]


def counted(control_state: bytes, count: int) -> bytes:
    """The control state whose last list, with one part of 12 bytes behind its length, says another count."""
    return control_state[:-20] + count.to_bytes(4, "big") + control_state[-16:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda control_state: control_state + b"\x00", r"control state: 1 bytes too many at byte \d+"),
        (lambda control_state: control_state[:-18], r"control state: needs 4 bytes, has 2 at byte \d+"),
        (lambda control_state: b"\xff\xff\xff\xff" + control_state[4:], "it counts more than it holds"),
        (lambda control_state: counted(control_state, 5), "it counts more than it holds"),
        (lambda control_state: counted(control_state, 4), r"control state: needs 4 bytes, has 0 at byte \d+"),
    ],
    ids=["a byte too many", "cut short", "four billion totals", "more parts than lengths", "a part is missing"],
)
@pytest.mark.usefixtures("each_kernel")
def test_a_control_state_of_another_length_is_refused(change: Callable[[bytes], bytes], reason: str) -> None:
    content = kernel_builders.KERNEL(GENESIS).snapshot()[:-CHECKSUM_BYTES]

    with pytest.raises(DamageError, match=refused(reason)):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(with_control(content, change)))


@pytest.mark.parametrize("where", ["control state", "home"])
@pytest.mark.usefixtures("each_kernel")
def test_a_part_that_ends_too_early_is_named(where: str) -> None:
    content = kernel_builders.KERNEL(GENESIS).snapshot()[:-CHECKSUM_BYTES]
    key = public_key(CENTRAL_BANK).encode()
    sized = len(key).to_bytes(4, "big") + key
    lies = {"control state": b"\xff\xff\xff\xff" + key, "home": sized[:6] + b"\x21" + sized[7:]}

    with pytest.raises(DamageError, match=refused(rf"{where}: needs \d+ bytes, has \d+ at byte \d+")):
        kernel_builders.KERNEL.from_snapshot(GENESIS, with_checksum(content.replace(sized, lies[where], 1)))
