"""Each guard of the kernel is deleted once, in memory, and a vector must turn red.

A guard is an `if` that does nothing but return, a call of `_refuse_if` or `_demand`, or a choice between SETTLED and
a reason. What mutmut does at length for every operator (docs/internals/mutation.md), this does in seconds.
"""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tongbao.coin import Genesis
from tongbao.errors import TongbaoError
from tongbao.kernel import ReferenceKernel, Refusal, Status, control, judge, judge_submission, money, reference

MODULES = (judge, money, control, reference)
FOLDER = Path(__file__).resolve().parents[1] / "vectors/kernel"
FILES = ("judge", "witnesses", "speakers", "money", "control", "offices", "batches")

# Statuses that are found while reading bytes or verifying signatures, not by a guard that could be deleted.
WITHOUT_A_GUARD = {"SUBMISSION_SIGNATURE_INVALID", "MALFORMED", "VALUE_OUT_OF_RANGE", "SIGNATURE_INVALID"}

# Guards without which no vector turns red, by their function and what they ask, and why that is right.
NOT_FOR_VECTORS = {
    ("_demand_endorsement", "suite not in"): "one suite is known; tests/unit/kernel/test_judge.py takes it away",
    ("_judge_acceptances", "suite not in"): "one suite is known; tests/unit/kernel/test_judge.py takes it away",
    ("_acceptance_refusal", "not foreign"): "it saves work where there is nothing to ask",
    ("move_coins", "coin_id in state.unspent"): "it cannot happen; tests/unit/kernel/test_money.py makes it",
    ("ReferenceKernel.__init__", "not in RULES"): "there is no kernel then; tests/unit/kernel/test_reference.py",
    ("ReferenceKernel._demand_fitting", "known is not None"): "what is not known equals nothing; it says so better",
    ("ReferenceKernel._judged", "judged_by"): "it saves judging again; tests/unit/kernel/test_reference.py",
    ("ReferenceKernel.is_fresh", "isinstance"): "no verdict depends on it; tests/unit/kernel/test_interface.py",
    ("ReferenceKernel._judged", "before.rules"): "it saves judging again; tests/unit/kernel/test_interface.py",
}

# Pairs where the later reason does not show when the guard of the earlier is deleted.
NOT_BY_DELETION = {
    "SUBMISSION_MALFORMED before WRONG_NETWORK": "found while reading",
    "SUBMISSION_SIGNATURE_INVALID before MALFORMED": "found while verifying",
    "MALFORMED before VALUE_OUT_OF_RANGE": "found while reading",
    "VALUE_OUT_OF_RANGE before KIND_NOT_FOR_HOME": "found while reading",
    "SIGNATURE_INVALID before ACCEPTANCE_INVALID": "found while verifying",
    "ENDORSER_UNKNOWN before EXPIRED": "an unknown home has no current key either",
    "NOT_FROZEN before OUTPUT_HOME_INACTIVE": "no delay can be reckoned from no freeze",
}


@dataclass(frozen=True)
class Guard:
    """One guard.

    Attributes:
        module: where it stands.
        function: in which function, by its qualified name.
        line: at which line.
        source: what it says.
        without: the function's code without it.
    """

    module: ModuleType
    function: str
    line: int
    source: str
    without: CodeType

    @property
    def statuses(self) -> set[str]:
        """The statuses that it names."""
        return set(re.findall(r"\bStatus\.([A-Z_]+)", self.source)) - {"SETTLED"}

    @property
    def is_for_vectors(self) -> bool:
        """Whether a vector must turn red without it."""
        return not any(self.function == function and asks in self.source for function, asks in NOT_FOR_VECTORS)

    def __str__(self) -> str:
        return f"{self.module.__name__.rsplit('.', 1)[-1]}.{self.function}:{self.line} {self.source[:60]}"


# --- finding and deleting ---------------------------------------------------------------------------------------------


def is_guard(node: ast.AST) -> bool:
    """Whether deleting the node lets pass what it stops."""
    match node:
        case ast.If(body=[ast.Return() | ast.Raise()], orelse=[]):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="_refuse_if" | "_demand"))):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _settles(body) != _settles(orelse)
        case _:
            return False


def _settles(node: ast.expr) -> bool:
    return ast.unparse(node) == "Status.SETTLED"


class _Deletion(ast.NodeTransformer):
    """Deletes the guard at a place in the order of walking."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.deleted: ast.AST | None = None

    def visit(self, node: ast.AST) -> Any:  # noqa: ANN401 - as its base class
        if is_guard(node):
            self.place -= 1
            if self.place == -1:
                self.deleted = node
                if isinstance(node, ast.IfExp):
                    return ast.copy_location(node.body if _settles(node.body) else node.orelse, node)
                return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)


def guards_of(module: ModuleType) -> Iterator[Guard]:
    """Every guard of the module."""
    source = inspect.getsource(module)
    count = sum(is_guard(node) for node in ast.walk(ast.parse(source)))
    for place in range(count):
        tree = ast.parse(source)
        deletion = _Deletion(place)
        changed = ast.fix_missing_locations(deletion.visit(tree))
        assert deletion.deleted is not None
        line: int = deletion.deleted.lineno  # type: ignore[attr-defined]
        name = function_at(ast.parse(source), line)
        compiled = compile(changed, str(module.__file__), "exec")
        yield Guard(module, name, line, ast.unparse(deletion.deleted), code_in(compiled, name.split(".")))


def function_at(tree: ast.Module, line: int) -> str:
    """The qualified name of the function that the line is in."""
    scopes = [
        (node, f"{prefix}{node.name}")
        for prefix, nodes in [
            ("", tree.body),
            *[(f"{c.name}.", c.body) for c in tree.body if isinstance(c, ast.ClassDef)],
        ]
        for node in nodes
        if isinstance(node, ast.FunctionDef)
    ]
    [name] = [name for node, name in scopes if node.lineno <= line <= (node.end_lineno or 0)]
    return name


def code_in(code: CodeType, path: list[str]) -> CodeType:
    """The code of a function within compiled code."""
    for name in path:
        [code] = [each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name]
    return code


@contextmanager
def deleted(guard: Guard) -> Iterator[None]:
    """The kernel without the guard."""
    function: Any = guard.module
    for name in guard.function.split("."):
        function = inspect.getattr_static(function, name)
    whole = function.__code__
    function.__code__ = guard.without
    try:
        yield
    finally:
        function.__code__ = whole


# --- answering the vectors --------------------------------------------------------------------------------------------


@cache
def cases() -> list[dict[str, Any]]:
    """Every case of every file."""
    read = [json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in FILES]
    return [
        {**case, "genesis": Genesis.decode(bytes.fromhex(content["networks"][case["network"]]))}
        for content in read
        for case in content["cases"]
    ]


def answer(case: dict[str, Any]) -> object:
    """What the kernel says to the case, comparable with `expected`; an error by its name."""
    try:
        return _judged(case) if "submission" in case else _lived(case)
    except (TongbaoError, KeyError, IndexError, AttributeError, TypeError) as error:
        return type(error).__name__


def _judged(case: dict[str, Any]) -> object:
    verdict = judge_submission(bytes.fromhex(case["submission"]), ReferenceKernel(case["genesis"]).judging)
    return (verdict.status, verdict.index) if isinstance(verdict, Refusal) else (Status.SETTLED, -1)


def _lived(case: dict[str, Any]) -> object:
    kernel = ReferenceKernel(case["genesis"])
    statuses = [kernel.apply(bytes.fromhex(batch["bytes"])).statuses for batch in case["batches"]]
    if "follows" in case:
        statuses.append(kernel.apply(bytes.fromhex(case["follows"])).statuses)
    return statuses, kernel.state_digest().hex()


def expected(case: dict[str, Any]) -> object:
    """What the case says."""
    if "submission" in case:
        return case["number"], case["index"]
    statuses = [batch["statuses"] for batch in case["batches"]]
    if not case.get("valid", True):
        return "BatchInvalidError"
    return [*statuses, *([case["statuses"]] if "follows" in case else [])], case["state_digest"]


def likely_first(guard: Guard) -> list[dict[str, Any]]:
    """All cases, those first that the guard is probably about."""
    about_batches = guard.module is reference and not guard.statuses

    def unlikely(case: dict[str, Any]) -> bool:
        return "follows" not in case if about_batches else case.get("status") not in guard.statuses

    return sorted(cases(), key=unlikely)


def last_status(said: object) -> object:
    """The status that an answer is about, where it is one."""
    match said:
        case (int(status), int()):
            return status
        case (list(statuses), str()):
            return statuses[-1][-1]
        case _:
            return None


# --- the tests --------------------------------------------------------------------------------------------------------

GUARDS = [guard for module in MODULES for guard in guards_of(module)]


def test_the_vectors_are_green_with_every_guard_in_place() -> None:
    red = [case["name"] for case in cases() if answer(case) != expected(case)]

    assert red == []


def test_every_reason_of_the_kernel_stands_in_some_guard() -> None:
    named = {name for guard in GUARDS for name in guard.statuses}

    assert set(Status.__members__) - named == {"SETTLED", *WITHOUT_A_GUARD}


@pytest.mark.parametrize("guard", [guard for guard in GUARDS if guard.is_for_vectors], ids=str)
def test_without_the_guard_a_vector_turns_red(guard: Guard) -> None:
    with deleted(guard):
        red = next((case["name"] for case in likely_first(guard) if answer(case) != expected(case)), None)

    assert red is not None


def test_each_exception_is_a_guard() -> None:
    excepted = [guard for guard in GUARDS if not guard.is_for_vectors]

    assert len(excepted) == len(NOT_FOR_VECTORS)


def test_behind_each_reason_that_comes_first_stands_the_other() -> None:
    pairs = [case for case in cases() if "beats" in case]
    shown: set[str] = set()
    for guard in GUARDS:
        with deleted(guard):
            for case in (each for each in pairs if each["status"] in guard.statuses):
                if last_status(answer(case)) == Status[case["beats"]]:
                    shown.add(f"{case['status']} before {case['beats']}")

    assert {f"{case['status']} before {case['beats']}" for case in pairs} - shown == set(NOT_BY_DELETION)


def test_a_deleted_guard_is_put_back() -> None:
    guard = next(each for each in GUARDS if each.module is judge)
    function = inspect.getattr_static(guard.module, guard.function)
    before = function.__code__

    with deleted(guard):
        without = function.__code__

    assert without is guard.without
    assert function.__code__ is before
