"""docs/reference/wire-format.md says what the code does: layouts, tags, limits, operations, the worked example."""

import importlib
import re
from pathlib import Path

import pytest

import tongbao.coin
from tests.decoders import DECODERS, vectors
from tests.vectors import coin_valid, generate_coin
from tests.wire_layouts import layouts, page, rows_under
from tongbao.coin import Limits, Suite, Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.errors import DecodingError

SOURCES = sorted(Path(tongbao.coin.__file__).parent.rglob("*.py"))
TAG = re.compile(r'"(tongbao/[a-z-]+/\d+)"')
LIMIT = re.compile(r"^([A-Z_]+_MAX) = ", re.MULTILINE)


def test_every_tag_of_the_code_stands_on_the_page_and_the_other_way_round() -> None:
    in_code = {tag for source in SOURCES for tag in TAG.findall(source.read_text(encoding="utf-8"))}

    on_page = {tag.strip("`") for tag, *_ in rows_under("## H and its tags")}

    assert on_page == in_code
    assert len(on_page) == 14


def test_every_limit_of_the_code_stands_on_the_page_with_its_value() -> None:
    in_code = {}
    for source in SOURCES:
        module = ".".join(("tongbao.coin", *source.relative_to(SOURCES[0].parent).with_suffix("").parts))
        for name in LIMIT.findall(source.read_text(encoding="utf-8")):
            in_code[f"{module}.{name}"] = getattr(importlib.import_module(module), name)

    rows = rows_under("## Limits of the formats")

    assert {name.strip("`"): int(value.replace(",", "")) for name, value, _ in rows} == in_code
    assert all(reason for *_, reason in rows)


def test_the_default_limits_of_a_network_stand_on_the_page() -> None:
    meanings = {name: meaning for _, name, _, meaning in rows_under("### Limits")}

    for name, meaning in meanings.items():
        stated = re.search(r"default ([\d,]+)", meaning)
        assert stated is not None, name
        assert int(stated.group(1).replace(",", "")) == getattr(Limits(), name)


def test_every_decoder_has_a_layout_on_the_page() -> None:
    assert set(layouts()) >= set(DECODERS)


def test_every_operation_stands_on_the_page_with_its_authority() -> None:
    stated = re.findall(r"^### Operation (\d+): [a-z ]+\n\nAuthority (\d)\. Subject: ", page(), re.MULTILINE)

    operations = {operation.NUMBER: operation.AUTHORITY for operation in coin_valid.operations().values()}

    assert {int(number): AuthorityKind(int(authority)) for number, authority in stated} == {
        **operations,
        10: AuthorityKind.OFFICES,
    }


def test_every_suite_stands_on_the_page() -> None:
    meaning = next(meaning for _, name, _, meaning in rows_under("### Key") if name == "suite")

    assert [int(number) for number in re.findall(r"(\d) ", meaning)] == list(Suite)


@pytest.mark.parametrize("stated", re.findall(r"At most ([\d,]+) bytes", page()))
def test_a_stated_size_is_the_most_that_a_decoder_takes(stated: str) -> None:
    size = int(stated.replace(",", ""))
    layout = {524_288: "transaction", 1_024_000: "submission", 1_048_576: "batch"}[size]

    with pytest.raises(DecodingError, match=f"at most {size} bytes, this one {size + 1}"):
        DECODERS[layout].decode(bytes(size + 1))


def test_the_worked_example_is_what_the_code_gives() -> None:
    block = page().split("<!-- example -->\n```text\n", 1)[1].split("```", 1)[0]

    assert block == generate_coin.example()


def test_the_worked_examples_bytes_are_the_vectors() -> None:
    block = page().split("<!-- example -->\n```text\n", 1)[1].split("\n\n", 1)[0]
    data = bytes.fromhex("".join(line.split()[0] for line in block.splitlines()))
    named = {case["name"]: case["bytes"] for case in vectors("transaction")["valid"]}

    assert data.hex() == named["worked example"]
    assert Transaction.decode(data) == coin_valid.worked_example()
