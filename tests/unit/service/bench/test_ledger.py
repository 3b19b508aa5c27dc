"""The whole bench, on little money."""

from pathlib import Path

import pytest

from tongbao.kernel import ReferenceKernel
from tongbao.service.bench import LedgerPlan, SuiteChoice, limits, measure_ledger

MEASURED = {"transactions", "per_second", "p50_ms", "p99_ms", "p999_ms", "cpu_us"}


def plan(**changed: object) -> LedgerPlan:
    asked = {"suite": SuiteChoice.ED25519, "transactions": 1, "coins": 0, "clients": 1, "journal": None, "seed": 1}
    return LedgerPlan(**{**asked, **changed})  # type: ignore[arg-type]


async def test_without_a_journal_what_needs_none_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.05)
    monkeypatch.setattr("tongbao.service.bench.limits.which", lambda _: None)

    found = await measure_ledger(ReferenceKernel, plan(coins=3_001), lambda *_: None)

    assert (found["kernel"], found["crypto"]) == (ReferenceKernel.name, ReferenceKernel.crypto)
    for stage in ("verify_only", "settle_unsigned", "settle_signed"):
        assert set(found[stage]) == MEASURED
        assert found[stage]["transactions"] == 1_000
    assert "settle_journaled" not in found
    assert "end_to_end" not in found
    assert found["bytes_per_transaction"] is None
    assert found["coins"] == 4_000
    assert found["bytes_per_coin"] > 32


@pytest.mark.slow
async def test_with_a_journal_everything_is_measured_and_nothing_stays_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.05)

    found = await measure_ledger(ReferenceKernel, plan(journal=tmp_path, clients=2), lambda *_: None)

    for stage in ("settle_journaled", "end_to_end", "end_to_end_at_half", "end_to_end_at_1000"):
        assert set(found[stage]) == MEASURED
    assert found["bytes_per_transaction"] > 300
    assert not any(tmp_path.glob("*"))  # noqa: ASYNC240
