"""Journal, kernel and index together, when one of them fails."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from tests.builders import (
    ALICE,
    BOB,
    CENTRE,
    DOMAIN,
    bytes32,
    coin,
    control,
    public_key,
    spend_of,
    transfer,
)
from tests.registration_world import CentreWorld, hand_in, issued, payment, proofs, statuses
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.journal import FenceLostError
from tongbao.coin import Outcome
from tongbao.coin.control import (
    ReceiptKey,
)
from tongbao.errors import (
    ConfigurationError,
    DiskFullError,
    InvariantError,
    StorageError,
    WorldError,
)
from tongbao.kernel import AppliedBatch, ReferenceKernel

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


T = TypeVar("T")


class UnfencedJournal(FileJournal):
    """A journal into which somebody else writes when told to."""

    intruder = False

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        if self.intruder:
            raise FenceLostError(expected_sequence=expected_sequence, next_sequence=expected_sequence + 1)
        return await super().append(expected_sequence, batches)


async def test_a_centre_that_lost_its_fence_steps_down_and_says_so(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal_class = UnfencedJournal
    centre = await world.open()
    monkeypatch.setattr(UnfencedJournal, "intruder", True)

    with pytest.raises(StorageError, match="next sequence is"):
        await issued(centre, 1)

    assert isinstance(await asyncio.wait_for(centre.failed(), 5), FenceLostError)
    with pytest.raises(WorldError, match="stepped down"):
        await centre.status()
    await centre.stop()


async def test_a_receipt_key_that_control_ends_is_no_longer_used(world: CentreWorld) -> None:
    centre = await world.open()
    await hand_in(centre, [control(ReceiptKey(public_key(66), active=True))], home=0)

    with pytest.raises(ConfigurationError):
        await hand_in(centre, [control(ReceiptKey(public_key(CENTRE), active=False), serial=2)], home=0)

    assert isinstance(await asyncio.wait_for(centre.failed(), 5), ConfigurationError)
    await centre.stop()


async def test_a_disk_that_fails_once_is_no_reason_to_stop(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 1)
    pay = payment(made, 0, to=BOB)
    world.platter.faults.error_at_calls = frozenset({world.platter.calls + 1})

    with pytest.raises(StorageError):
        await hand_in(centre, [pay])

    assert statuses(await hand_in(centre, [pay])) == ["SETTLED"]
    await centre.stop()


class BrokenKernel(ReferenceKernel):
    """A kernel that goes wrong in the middle of its work."""

    broken = False

    def apply(self, *args: Any, **kwargs: Any) -> AppliedBatch:  # noqa: ANN401 - handed on as they are
        if self.broken:
            raise ZeroDivisionError("a defect")
        return super().apply(*args, **kwargs)


async def test_a_defect_stops_the_centre(world: CentreWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.kernel_class = BrokenKernel
    centre = await world.open()
    monkeypatch.setattr(BrokenKernel, "broken", True)
    asking = asyncio.create_task(issued(centre, 1))

    failure = await asyncio.wait_for(centre.failed(), 5)

    assert "ZeroDivisionError" in str(failure)
    with pytest.raises(InvariantError):
        await asyncio.wait_for(asking, 5)
    await centre.stop()


async def test_transfers_with_several_outputs_are_all_indexed(centre: RegistrationCentre) -> None:
    made = await issued(centre, 1, value=10)
    outputs = [coin(1, owner=BOB, salt=salt) for salt in range(10)]

    await hand_in(centre, [transfer([spend_of(made, 0, owner=ALICE)], outputs)])

    page = await centre.coins(caller=1, after="", limit=100, wait_s=0)
    assert [each.spent for each in page.coins] == [True, *[False] * 10]
    assert Outcome.decode((await centre.outcome(bytes32(1))).outcome).settled is False


class FullStore(SqlStore):
    """An index whose disk is full when a test says so."""

    full = False

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        if self.full:
            raise DiskFullError("the database has no room left on its disk")
        return await super().write(operation)


async def test_what_is_durable_while_the_index_fails_is_answered_once_it_works_again(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.store_class = FullStore
    centre = await world.open()
    made = await issued(centre, 2)
    first, second = payment(made, 0, to=BOB), payment(made, 1, to=BOB)
    before = await centre.status()
    monkeypatch.setattr(FullStore, "full", True)

    with pytest.raises(DiskFullError):
        await hand_in(centre, [first])
    with pytest.raises(DiskFullError):
        await hand_in(centre, [second])
    meanwhile = Outcome.decode((await centre.outcome(first.id(DOMAIN))).outcome)
    monkeypatch.setattr(FullStore, "full", False)
    answer = await hand_in(centre, [first, second])

    # It is settled already, and nobody was told that it is not: absence was said of the batch before only.
    assert (meanwhile.settled, meanwhile.sequence) == (False, before.sequence)
    assert statuses(answer) == ["SETTLED", "SETTLED"]
    assert proofs(answer)[0].signed_head.head.sequence == before.sequence + 1
    assert proofs(answer)[1].signed_head.head.sequence == before.sequence + 2
    await centre.stop()
