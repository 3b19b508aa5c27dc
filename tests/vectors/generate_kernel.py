"""Writes tests/vectors/kernel/*.json; with --check it writes nothing and fails where a file is not what it would write.

    python -m tests.vectors.generate_kernel [--check]

Everything comes from numbered keys and fixed numbers, so every run makes the same files. What each case expects is
written beside it by hand: the generator refuses to run where the kernel says something else.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.kernel_builders import NETWORKS, Ledger
from tests.vectors import (
    kernel_batches,
    kernel_control,
    kernel_judge,
    kernel_money,
    kernel_offices,
    kernel_speakers,
    kernel_suites,
    kernel_witnesses,
)
from tests.vectors.files import write_or_check
from tests.vectors.kernel_batches import BatchCase
from tests.vectors.kernel_lies import JudgeCase
from tests.vectors.kernel_story import ApplyCase
from tongbao.kernel import BatchInvalidError, Kernel, ReferenceKernel, Refusal, Status, judge_submission

FOLDER = Path(__file__).resolve().parent / "kernel"
CANNOT_FOLLOW = "the batch cannot follow: "
Record = dict[str, Any]


def _judged(case: JudgeCase) -> Record:
    verdict = judge_submission(case.submission, ReferenceKernel(NETWORKS[case.network]).judging)
    found = (verdict.status, verdict.index) if isinstance(verdict, Refusal) else (Status.SETTLED, -1)
    if found != (case.status, case.index):
        raise AssertionError(f"{case.status.name}: {case.name}: found {found}, expected index {case.index}")
    about = _about(case)
    return {**about, "index": case.index, "submission": case.submission.hex()}


def _applied(case: ApplyCase) -> Record:
    return {**_about(case), **_history(case.ledger), **_memory(case.ledger.kernel)}


def _about(case: JudgeCase | ApplyCase) -> Record:
    about: Record = {"name": case.name, "network": case.network, "status": case.status.name, "number": case.status}
    return about if case.beats is None else {**about, "beats": case.beats.name}


def _history(ledger: Ledger) -> Record:
    pairs = zip(ledger.batches, ledger.statuses, strict=True)
    return {"batches": [{"bytes": encoded.hex(), "statuses": statuses} for encoded, statuses in pairs]}


def _memory(kernel: Kernel) -> Record:
    digest, chain_head = kernel.state_digest().hex(), kernel.chain_head.hex()
    return {"time_ms": str(kernel.time_ms), "chain_head": chain_head, "state_digest": digest}


def _followed(case: BatchCase) -> Record:
    kernel = ReferenceKernel.from_snapshot(NETWORKS[case.network], case.ledger.kernel.snapshot())
    reason, statuses = "", None
    try:
        statuses = kernel.apply(case.follows).statuses
    except BatchInvalidError as error:
        reason = str(error)
    if bool(reason) != bool(case.invalid) or not reason.removeprefix(CANNOT_FOLLOW).startswith(case.invalid):
        raise AssertionError(f"{case.name}: found {reason!r}, expected {case.invalid!r}")
    about = {"name": case.name, "network": case.network, "valid": not reason}
    verdict: Record = {} if statuses is None else {"statuses": statuses}
    return {**about, **_history(case.ledger), "follows": case.follows.hex(), **verdict, **_memory(kernel)}


def _file(cases: Iterable[Record]) -> str:
    listed = list(cases)
    used = {case["network"] for case in listed}
    networks = {name: genesis.encode().hex() for name, genesis in NETWORKS.items() if name in used}
    return json.dumps({"networks": networks, "cases": listed}, indent=1, ensure_ascii=True) + "\n"


def files() -> dict[str, str]:
    """The text of every file by its name."""
    judged = {"judge": kernel_judge, "witnesses": kernel_witnesses, "suites": kernel_suites}
    applied = {
        "speakers": kernel_speakers,
        "money": kernel_money,
        "control": kernel_control,
        "offices": kernel_offices,
    }
    texts = {name: _file(map(_judged, module.cases())) for name, module in judged.items()}
    texts |= {name: _file(map(_applied, module.cases())) for name, module in applied.items()}
    texts["batches"] = _file(map(_followed, kernel_batches.cases()))
    return {f"{name}.json": text for name, text in texts.items()}


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; 1 where one differs."""
    return write_or_check(arguments, FOLDER, files, program="tests.vectors.generate_kernel", usage=__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
