"""The stages settle what they measure."""

from pathlib import Path

import pytest

from tongbao.errors import InvariantError
from tongbao.kernel import Kernel, ReferenceKernel
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.stages import (
    checks_of,
    preload,
    settle_journaled,
    settle_signed,
    settle_unsigned,
    verify_only,
)
from tongbao.service.bench.workload import Handed, Workload

WORKLOAD = Workload(1, SuiteChoice.ED25519)


def told(*_: object) -> None:
    """Nobody watches."""


@pytest.fixture
def kernel() -> Kernel:
    made = ReferenceKernel(WORKLOAD.genesis())
    for _ in preload(made, WORKLOAD, spendable=1, fillers=0, report=told):
        pass
    return made


@pytest.fixture
def handed(kernel: Kernel) -> list[Handed]:
    return WORKLOAD.transfers(1, kernel.domain, per_submission=50)[:6]


def test_verifying_counts_every_signature_and_refuses_a_bad_one(kernel: Kernel, handed: list[Handed]) -> None:
    checks = checks_of(handed, kernel)

    measured = verify_only(kernel, checks)

    assert (measured.transactions, len(measured.latencies_s)) == (300, 6)
    key, signature, _ = checks[0][0]
    with pytest.raises(InvariantError):
        verify_only(kernel, [[(key, signature, bytes(32))]])


async def test_settling_signed_and_unsigned_comes_to_the_same_state(kernel: Kernel, handed: list[Handed]) -> None:
    other = ReferenceKernel(WORKLOAD.genesis())
    for _ in preload(other, WORKLOAD, spendable=1, fillers=0, report=told):
        pass

    signed = await settle_signed(kernel, handed, told)
    unsigned = await settle_unsigned(other, handed, told)

    assert (signed.transactions, unsigned.transactions) == (300, 300)
    assert kernel.state_digest() == other.state_digest()
    with pytest.raises(InvariantError):
        await settle_signed(kernel, handed, told)


async def test_a_journaled_stage_leaves_its_batches_on_the_disk(
    kernel: Kernel, handed: list[Handed], tmp_path: Path
) -> None:
    measured, each = await settle_journaled(kernel, handed, tmp_path / "journal", told)

    written = sum(path.stat().st_size for path in (tmp_path / "journal").glob("*.segment"))
    assert measured.transactions == 300
    assert 360 < each < written / 300
    assert kernel.sequence == 2
