"""The kernel's vectors, read by the auditor, who shares no rule with the kernel: the same answers to all of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from tongbao.audit import (
    DivergenceError,
    History,
    OpenedBatch,
    Place,
    Standing,
    open_batches,
    resumed,
    standing_bytes,
    verify_by_coin,
)
from tongbao.audit.digest import state_digest
from tongbao.audit.judge import Basis, open_submission
from tongbao.audit.snapshot import snapshot_state
from tongbao.audit.words import STATUSES
from tongbao.coin import Genesis

FOLDER = Path(__file__).resolve().parents[2] / "vectors/kernel"
GENESIS_PLACE = Place("journal", 0, 0)


def parameters(*names: str) -> list[ParameterSet]:
    """One parameter for each case of the files."""
    read = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in names}
    return [
        pytest.param(
            {**case, "genesis": content["networks"][case["network"]]},
            id=f"{name}: {case.get('status', '')}: {case['name']}",
        )
        for name, content in read.items()
        for case in content["cases"]
    ]


def opened(history: History, batch: str) -> OpenedBatch:
    """The batch as the auditor opens it."""
    [found] = open_batches([bytes.fromhex(batch)], history.basis.domain, history.basis.limits, verify_by_coin)
    if not isinstance(found, OpenedBatch):
        raise DivergenceError(GENESIS_PLACE, found.reason)
    return found


def live_through(case: dict[str, Any]) -> History:
    """The auditor's history after the case's batches, to each of which it gives the statuses of the case."""
    history = History.begin(bytes.fromhex(case["genesis"]), GENESIS_PLACE)
    for number, batch in enumerate(case["batches"], 1):
        applied = history.follow(opened(history, batch["bytes"]), Place("journal", 0, number))

        assert list(applied.statuses) == batch["statuses"]
    return history


def memory(history: History) -> tuple[str, str, str]:
    """Time, chain head and state digest as a case writes them."""
    digest = state_digest(history.memory, history.basis.domain)
    return str(history.time_ms), history.chain_head.hex(), digest.hex()


@pytest.mark.parametrize("case", parameters("judge", "witnesses", "suites"))
def test_the_auditor_judges_as_the_vector_says(case: dict[str, Any]) -> None:
    genesis = Genesis.decode(bytes.fromhex(case["genesis"]))
    pending = open_submission(bytes.fromhex(case["submission"]), Basis(genesis.domain(), genesis.limits, genesis.rules))

    found = pending.settle(iter(verify_by_coin(list(pending.signatures()))))

    about_one = found.refusal >= STATUSES["MALFORMED"][0]
    assert (found.refusal, found.place if about_one else -1) == (case["number"], case["index"])


@pytest.mark.parametrize("case", parameters("speakers", "money", "control", "offices"))
def test_the_auditor_applies_as_the_vector_says(case: dict[str, Any]) -> None:
    history = live_through(case)

    assert memory(history) == (case["time_ms"], case["chain_head"], case["state_digest"])


@pytest.mark.parametrize("case", parameters("control", "offices"))
def test_what_the_auditor_remembers_is_read_back_from_its_state(case: dict[str, Any]) -> None:
    history, again = live_through(case), History.begin(bytes.fromhex(case["genesis"]), GENESIS_PLACE)

    resumed(standing_bytes(history, Standing(0, 64, 100, 3)), again, "journal")

    assert snapshot_state(again) == snapshot_state(history)
    assert (again.transactions, again.settled, again.unconfirmed) == (
        *(history.transactions, history.settled),
        history.unconfirmed,
    )


@pytest.mark.parametrize("case", parameters("batches"))
def test_a_batch_follows_or_is_a_divergence_that_changes_nothing(case: dict[str, Any]) -> None:
    history = live_through(case)
    before, place = snapshot_state(history), Place("journal", 36, history.sequence + 1)

    if case["valid"]:
        assert list(history.follow(opened(history, case["follows"]), place).statuses) == case["statuses"]
    else:
        with pytest.raises(DivergenceError):
            history.follow(opened(history, case["follows"]), place)
        assert snapshot_state(history) == before

    assert memory(history) == (case["time_ms"], case["chain_head"], case["state_digest"])
