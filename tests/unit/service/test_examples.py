"""Each operation has an example, a meaning's request behind it, and words that say who may ask for it."""

from collections import Counter

import pytest
from pydantic import BaseModel

from tests.api.asking import operations_by_role
from tests.api.callers import may_ask, words_of
from tests.api.record_examples import differences
from tongbao.service.examples import example_of, names_of_examples
from tongbao.service.openapi import describe
from tongbao.service.operation import Nothing, Operation
from tools.http_reference import applications

OPERATIONS = [each for operations in operations_by_role().values() for each in operations]
NAMES = [f"{each.method} {each.path}" for each in OPERATIONS]
HOW = """{name} has no example. Give it
  a row in the table of its module of tongbao.protocol, with who may ask;
  where those words are new, a row in MAY_ASK of tests/api/callers.py;
  a meaning in tests/api/meaning.py, and what that names in tests/api/things.py;
then run python -m tests.api.record_examples and python tools/http_reference.py."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_has_an_example_of_its_own_types(operation: Operation) -> None:
    example = example_of(operation.name)

    assert example is not None, HOW.format(name=f"{operation.method} {operation.path}")
    assert (example.method, example.path, example.status) == (operation.method, operation.path, operation.status)
    assert example.media_type in operation.gives
    if issubclass(operation.message, BaseModel) and operation.message is not Nothing:
        operation.message.model_validate(example.message)
    if issubclass(operation.answer, BaseModel):
        operation.answer.model_validate(example.answer)


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_who_may_ask_for_an_operation_is_said_in_words_that_the_matrix_knows(operation: Operation) -> None:
    words = words_of(operation.method, operation.path)

    # Raises what to do where it does not know them.
    may_ask(words)


def test_no_two_operations_have_one_name_and_no_example_is_of_none() -> None:
    named = Counter(operation.name for operation in OPERATIONS)

    assert [name for name, count in named.items() if count > 1] == []
    assert names_of_examples() == named.keys()


def test_the_description_shows_the_examples() -> None:
    paths = describe(applications()["Operating institution"])["paths"]

    example = example_of("create_order")
    order = paths["/v1/orders"]["post"]
    assert example is not None
    assert order["requestBody"]["content"]["application/json"]["example"] == example.message
    assert order["responses"]["200"]["content"]["application/json"]["example"] == example.answer
    [wallet_id] = [each for each in paths["/v1/wallets/{wallet_id}"]["get"]["parameters"] if each["in"] == "path"]
    assert wallet_id["example"] == getattr(example_of("wallet"), "parameters", {})["wallet_id"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"id": "0123456789abcdef"}, {"id": "fedcba9876543210"}, True),
        ({"state": "open"}, {"state": "paid"}, False),
        ({"state": "open"}, {"state": "open", "more": 1}, False),
        ({"amount_fen": 1}, {"amount_fen": 2}, True),
        ({"amount_fen": 1}, {"amount_fen": None}, False),
        ([{"receipt": None, "of": {}}], [{"receipt": "AAAA", "of": {}}], True),
        ([{"of": {}}], [{"of": {"value": 1}}], False),
        ([{"tries": []}], [{"tries": [{"took_ms": 1}]}], True),
        ([{"kind": "payment"}], [{"kind": "exchange"}, {}], True),
        ([{"kind": "payment"}], [{"type": "payment"}], False),
        ([], [{"kind": "payment"}], False),
        ({"text": "at 5 o'clock"}, {"text": "at 12 o'clock"}, True),
        ({"text": "at 5 o'clock"}, {"text": "after 5 o'clock"}, False),
    ],
)
def test_examples_are_alike_by_their_fields_and_words(one: object, other: object, *, alike: bool) -> None:
    assert (differences(one, other) == []) is alike
