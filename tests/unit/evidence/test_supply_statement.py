"""Supply statements as texts: one way to write each, signed by the log's key."""

from dataclasses import replace

import pytest

from tests.supply_history import LOG_KEY, SupplyHistory, signed
from tongbao.coin.domain import HashKind
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.signed_text import SignedText, SignedTextInvalidError
from tongbao.evidence.signing import SignatureKind, SigningKey
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement, open_statement
from tongbao.evidence.supply_tree import SumNode


@pytest.fixture(scope="module")
def statements() -> list[SupplyStatement]:
    history = SupplyHistory()
    history.issue(500, 300, home=1)
    history.state()
    history.issue(200, home=2)
    history.state()
    return history.statements


def test_a_statement_reads_as_it_was_written(statements: list[SupplyStatement]) -> None:
    for each in (*statements, replace(statements[1], log=LogStanding(7, b"r" * 32), hash_kind=HashKind.SM3)):
        assert SupplyStatement.decode(each.encode()) == each


def test_a_statement_says_every_figure_in_words(statements: list[SupplyStatement]) -> None:
    lines = statements[1].encode().splitlines()

    assert lines[0] == "tongbao/supply-statement/1"
    assert "asset 0 issued 1000 redeemed 0 outstanding 1000" in lines
    assert "home 0 2 issued 200 redeemed 0 inflow 0 outflow 0 unspent 200" in lines
    assert f"previous {statements[0].entry().hex()}" in lines


def test_a_statement_before_any_money_has_no_assets() -> None:
    history = SupplyHistory()
    history.ledger.heartbeat(time_ms=history.ledger.now_ms + 1)

    empty = replace(SupplyHistory().state(), assets=())

    assert SupplyStatement.decode(empty.encode()) == empty


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text.replace("number 2", "number 02"),
        lambda text: text.replace("number 2", "number -2"),
        lambda text: text.replace("number 2", "number 1"),
        lambda text: text.replace("issued 1000", "issued +1000"),
        lambda text: text.replace("issued 1000", "issued 1_000"),
        lambda text: text.replace("issued 1000", f"issued {2**128}"),
        lambda text: text.replace(" sha256", " md5"),
        lambda text: text.replace("home 0 2", "home 1 2"),
        lambda text: text.replace("leaves 16", "leaves 17"),
        lambda text: text.replace("log none", "log  none"),
        lambda text: text.replace("tongbao/supply-statement/1", "tongbao/supply-statement/2"),
        lambda text: text + "more\n",
        lambda text: "".join(text.splitlines(keepends=True)[:5]),
        lambda text: text.replace("tree 0", "tree 1"),
    ],
)
def test_no_other_way_to_write_a_statement_is_read(statements: list[SupplyStatement], change: object) -> None:
    assert callable(change)
    text = change(statements[1].encode())

    with pytest.raises(DecodingError):
        SupplyStatement.decode(text)


def test_hashes_in_capitals_are_not_read(statements: list[SupplyStatement]) -> None:
    digest = statements[0].state_digest.hex()

    with pytest.raises(DecodingError):
        SupplyStatement.decode(statements[0].encode().replace(digest, digest.upper()))


def test_a_signed_statement_opens_with_the_log_s_key(statements: list[SupplyStatement]) -> None:
    data = signed(statements[0]).encode()

    assert open_statement(data, [LOG_KEY.verifier_key]) == statements[0]


def test_a_statement_that_another_signed_does_not_open(statements: list[SupplyStatement]) -> None:
    forger = SigningKey(LOG_KEY.name, SignatureKind.ED25519, b"\x01" * 32)
    text = statements[0].encode()

    with pytest.raises(SignedTextInvalidError):
        open_statement(SignedText(text, (forger.sign(text),)).encode(), [LOG_KEY.verifier_key])


def test_a_statement_that_was_changed_after_signing_does_not_open(statements: list[SupplyStatement]) -> None:
    data = signed(statements[0]).encode().replace(b"outstanding 800", b"outstanding 900")

    with pytest.raises(SignedTextInvalidError):
        open_statement(data, [LOG_KEY.verifier_key])


def test_the_entry_names_the_network_s_hash_and_every_word(statements: list[SupplyStatement]) -> None:
    first = statements[0]

    assert first.entry() == first.domain.hash("tongbao/supply-leaf/1", first.encode().encode())
    assert first.entry() != replace(first, time_ms=first.time_ms + 1).entry()
    assert len(first.entry()) == 32


@pytest.mark.parametrize(
    "changes",
    [{"number": 0}, {"previous": b"p" * 32}, {"number": 2}, {"chain_head": b""}, {"sequence": -1}],
    ids=str,
)
def test_a_statement_that_cannot_be_is_refused_from_birth(
    statements: list[SupplyStatement], changes: dict[str, object]
) -> None:
    with pytest.raises(RequestError):
        replace(statements[0], **changes)  # type: ignore[arg-type]


def test_homes_and_assets_ascend_and_trees_have_a_power_of_two_leaves(statements: list[SupplyStatement]) -> None:
    asset = statements[1].assets[0]

    for changes in ({"homes": asset.homes[::-1]}, {"leaves": 24}, {"leaves": 0}, {"leaves": 8}, {"issued": -1}):
        with pytest.raises(RequestError):
            replace(asset, **changes)
    with pytest.raises(RequestError, match="assets ascend"):
        replace(statements[1], assets=(asset, asset))


def test_a_total_that_is_stated_is_read_though_it_is_wrong(statements: list[SupplyStatement]) -> None:
    asset = statements[0].assets[0]
    wrong = replace(statements[0], assets=(replace(asset, outstanding=1, root=SumNode(asset.root.hash, 2)),))

    assert SupplyStatement.decode(wrong.encode()) == wrong
