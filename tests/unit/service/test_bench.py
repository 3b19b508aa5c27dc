"""The bench measures the real stages on seeded money, and the same seed gives the same state."""

from pathlib import Path

import pytest

from tongbao.kernel import ReferenceKernel
from tongbao.service.bench import LedgerBench, Measurement, bench_ledger

TRANSACTIONS = 64 * 16 + 64 + 5  # a full batch, a full submission, and a rest


async def _bench(directory: Path, *, seed: int = 1, transactions: int = 100) -> tuple[LedgerBench, list[str]]:
    stages: list[str] = []
    measured = await bench_ledger(
        ReferenceKernel,
        transactions=transactions,
        seed=seed,
        directory=directory,
        report=lambda stage, _done, _of: stages.append(stage),
    )
    return measured, stages


async def test_every_transaction_goes_through_every_stage(tmp_path: Path) -> None:
    measured, _ = await _bench(tmp_path / "journal", transactions=TRANSACTIONS)

    for stage, steps in ((measured.judging, 18), (measured.applying, 2), (measured.journaling, 2)):
        assert stage.transactions == TRANSACTIONS
        assert len(stage.latencies_ms) == steps
        assert stage.seconds == pytest.approx(sum(stage.latencies_ms) / 1000)


async def test_progress_is_told_stage_by_stage(tmp_path: Path) -> None:
    _, stages = await _bench(tmp_path / "journal")

    assert list(dict.fromkeys(stages)) == ["preparing", "judging", "applying", "journaling"]


async def test_one_seed_gives_one_state_and_another_seed_another(tmp_path: Path) -> None:
    first, _ = await _bench(tmp_path / "a", seed=1)
    again, _ = await _bench(tmp_path / "b", seed=1)
    other, _ = await _bench(tmp_path / "c", seed=2)

    assert first.state_digest == again.state_digest
    assert first.state_digest != other.state_digest


async def test_what_was_measured_lies_in_a_journal_on_the_disk(tmp_path: Path) -> None:
    await _bench(tmp_path / "journal")

    segments = list((tmp_path / "journal").glob("*.segment"))

    assert sum(path.stat().st_size for path in segments) > 100 * 300  # a transfer has more than 300 bytes


def test_a_summary_gives_rate_cost_and_the_latencies_that_half_and_nearly_all_do_not_exceed() -> None:
    latencies = [float(number) for number in range(1, 101)]

    summary = Measurement(1000, 2.0, latencies).summary()

    assert summary == {
        "transactions": 1000,
        "per_second": 500.0,
        "microseconds_each": 2000.0,
        "latency_ms_p50": 50.0,
        "latency_ms_p99": 99.0,
    }


def test_one_step_is_its_own_median() -> None:
    summary = Measurement(1, 0.5, [500.0]).summary()

    assert (summary["latency_ms_p50"], summary["latency_ms_p99"]) == (500.0, 500.0)
