"""Every role answers strangers as its own description says, also those whom it knows and who know what exists.

schemathesis makes requests from each role's /openapi.json; half of them are given a meaning (tests/api/meaning.py).
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import hypothesis.errors
import pytest
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.meaning import (
    central_bank_meanings,
    institution_meanings,
    registration_meanings,
)
from tests.api.meant import Meaning
from tests.api.sandbox_meaning import sandbox_meanings
from tests.api.things import Things, new_party

EXAMPLES = 14
SUCCESS = range(200, 300)
ALLOWED_FAULTS = {429, 503, 507}
WAIT_S_MAX = 0.05  # of a long poll: nothing comes
AnyOperation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[AnyOperation]
CHECKS: list[Any] = [status_code_conformance, content_type_conformance, response_schema_conformance]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@dataclass
class Reached:
    """How often each operation answered with which class of status.

    Attributes:
        answers: to requests that keep to the description.
        wrong: to requests that break it.
    """

    answers: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: dict[str, Counter[str]] = field(default_factory=dict)

    def share(self) -> float:
        """Of the operations, those that succeeded at least once."""
        return sum(counted["2xx"] > 0 for counted in self.answers.values()) / len(self.answers)

    def table(self) -> str:
        """One line per operation."""
        lines = [
            f"{name:40} {counted['2xx']:3} of {counted.total():3} with success;"
            f" all {dict(counted)}, wrong ones {dict(self.wrong[name])}"
            for name, counted in sorted(self.answers.items())
        ]
        return "\n".join([*lines, f"reached with success: {self.share():.0%} of {len(lines)} operations"])


def exercise(url: str, meanings: Mapping[str, Meaning], *, time_ms_max: int) -> Reached:
    """Ask for every operation of a role, with and without knowledge of what exists; raises what breaks its word."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    schema.config.update(base_url=url)
    reached = Reached()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        identity = operation.definition.raw["operationId"]
        meaning = meanings.get(identity)
        ask = _asking(meaning, reached.answers.setdefault(operation.label, Counter()), time_ms_max)
        _with_examples(operation, GenerationMode.POSITIVE, ask)
        wrong = _asking(meaning, reached.wrong.setdefault(operation.label, Counter()), time_ms_max, is_told=False)
        _with_examples(operation, GenerationMode.NEGATIVE, wrong)
    return reached


def _with_examples(operation: AnyOperation, mode: GenerationMode, ask: Callable[[AnyCase], None]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(mode))
    def run(case: AnyCase) -> None:
        ask(case)

    # Of an operation that takes nothing, nothing can be wrong.
    with contextlib.suppress(hypothesis.errors.Unsatisfiable):
        run()


def _asking(
    meaning: Meaning | None, counted: Counter[str], time_ms_max: int, *, is_told: bool = True
) -> Callable[[AnyCase], None]:
    def ask(case: AnyCase) -> None:
        if meaning is not None and is_told and counted.total() % 2 == 0:
            _give_meaning(case, meaning)
        _keep_bounds(case, time_ms_max)
        is_signed = "security" in case.operation.definition.raw
        party = meaning.party if meaning is not None else new_party()
        response = case.call(auth=party) if is_signed else case.call()
        counted[f"{response.status_code // 100}xx"] += 1
        _demand_no_fault(case, response)
        case.validate_response(response, checks=CHECKS)

    return ask


def _give_meaning(case: AnyCase, meaning: Meaning) -> None:
    if meaning.path:
        case.path_parameters = {**(case.path_parameters or {}), **meaning.path}
    if meaning.query:
        case.query = {**(case.query or {}), **meaning.query}
    if meaning.body is not None:
        body = meaning.body()
        case.body = body if isinstance(body, bytes) else dict(body)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"known-{case.id}"


def _keep_bounds(case: AnyCase, time_ms_max: int) -> None:
    """Neither wait for what does not come, nor let ledger time run to the end of the world."""
    declared = [each["name"] for each in case.operation.definition.raw.get("parameters", ())]
    # Where it is left out, a stream lasts for minutes.
    wait_s = (case.query or {}).get("wait_s", WAIT_S_MAX if "wait_s" in declared else None)
    if isinstance(wait_s, int | float):
        case.query = {**(case.query or {}), "wait_s": min(wait_s, WAIT_S_MAX)}
    time_ms = case.body.get("time_ms") if isinstance(case.body, dict) else None
    if isinstance(time_ms, int):
        case.body = {"time_ms": min(time_ms, time_ms_max)}


def _demand_no_fault(case: AnyCase, response: Response) -> None:
    if response.status_code >= 500 and response.status_code not in ALLOWED_FAULTS:
        raise AssertionError(f"{response.status_code} {response.text}\n{case.as_curl_command()}")


async def _demand_description_kept(url: str, meanings: Mapping[str, Meaning], things: Things) -> None:
    time_ms_max = things.data.genesis().time_ms + 60_000
    reached = await asyncio.to_thread(exercise, url, meanings, time_ms_max=time_ms_max)
    print(f"\n{url}\n{reached.table()}")  # noqa: T201 - the shares are the point
    assert reached.share() >= 0.5


async def test_the_registration_centre_answers_as_it_describes(things: Things) -> None:
    url = things.data.network.registration.url

    await _demand_description_kept(url, registration_meanings(things), things)


async def test_the_central_bank_answers_as_it_describes(things: Things) -> None:
    url = things.data.network.central_bank.url

    await _demand_description_kept(url, central_bank_meanings(things), things)


async def test_an_institution_answers_as_it_describes(things: Things) -> None:
    url = things.data.institution(1).url

    await _demand_description_kept(url, institution_meanings(things), things)


async def test_a_sandbox_answers_as_it_describes(things: Things) -> None:
    await _demand_description_kept(things.sandbox_url, sandbox_meanings(things), things)
