"""Chains of supply statements: what fits, and every way in which they do not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import BOB
from tests.supply_history import SupplyHistory
from tongbao.evidence.supply_chain import SupplyFault, check_growth, check_statements
from tongbao.evidence.supply_statement import AssetSupply, HomeSupply, LogStanding, SupplyStatement
from tongbao.evidence.supply_tree import SumNode


@pytest.fixture(scope="module")
def history() -> SupplyHistory:
    history = SupplyHistory()
    funds = history.issue(500, 300, home=1)
    history.state()
    history.issue(200, home=2)
    history.pay(funds, index=0, to=BOB)
    history.state()
    history.redeem(funds, index=1)
    history.state()
    return history


def faults(statements: list[SupplyStatement]) -> list[tuple[SupplyFault, int]]:
    return [(each.fault, each.number) for each in check_statements(statements)]


def relinked(statements: list[SupplyStatement], place: int, changed: SupplyStatement) -> list[SupplyStatement]:
    """The chain with one statement in another's place and all after it linked anew, as a lying centre would."""
    chain = [*statements[:place], changed]
    for each in statements[place + 1 :]:
        chain.append(replace(each, previous=chain[-1].entry()))
    return chain


def with_asset(statement: SupplyStatement, **changes: object) -> SupplyStatement:
    return replace(statement, assets=(replace(statement.assets[0], **changes),))  # type: ignore[arg-type]


def with_home(statement: SupplyStatement, place: int, **changes: object) -> SupplyStatement:
    homes = list(statement.assets[0].homes)
    homes[place] = replace(homes[place], **changes)  # type: ignore[arg-type]
    return with_asset(statement, homes=tuple(homes))


def test_a_chain_of_right_statements_fits(history: SupplyHistory) -> None:
    assert check_statements(history.statements) == []
    assert check_growth(history.statements, history.orders) == []


def test_the_statements_say_what_was_issued_and_redeemed(history: SupplyHistory) -> None:
    told = [(each.assets[0].issued, each.assets[0].redeemed, each.assets[0].outstanding) for each in history.statements]

    assert told == [(800, 0, 800), (1000, 0, 1000), (1000, 300, 700)]


@pytest.mark.parametrize(
    "change",
    [
        lambda each: with_asset(each, outstanding=each.assets[0].outstanding + 1),
        lambda each: with_asset(each, root=SumNode(each.assets[0].root.hash, 5)),
        lambda each: with_asset(each, issued=1200, outstanding=1200, root=SumNode(each.assets[0].root.hash, 1200)),
        lambda each: with_asset(each, redeemed=1, outstanding=999, root=SumNode(each.assets[0].root.hash, 999)),
        lambda each: with_home(each, 0, unspent=700),
        lambda each: with_home(each, 0, inflow=7, unspent=807),
        lambda each: with_home(each, 0, issued=900),
        lambda each: with_home(each, 1, redeemed=5),
    ],
)
def test_a_wrong_figure_is_found_in_the_statement_itself(
    history: SupplyHistory, change: Callable[[SupplyStatement], SupplyStatement]
) -> None:
    chain = relinked(history.statements, 1, change(history.statements[1]))

    assert (SupplyFault.SUM, 2) in faults(chain)


def test_a_statement_that_names_another_before_it_is_found(history: SupplyHistory) -> None:
    first, second, third = history.statements

    assert faults([first, replace(second, previous=bytes(32)), third]) == [(SupplyFault.LINK, 2), (SupplyFault.LINK, 3)]


def test_a_statement_that_was_changed_afterwards_is_found_by_the_next(history: SupplyHistory) -> None:
    first, second, third = history.statements

    assert faults([replace(first, state_digest=bytes(32)), second, third]) == [(SupplyFault.LINK, 2)]


def test_a_statement_that_is_not_there_is_missed(history: SupplyHistory) -> None:
    first, _, third = history.statements

    assert faults([first, third]) == [(SupplyFault.MISSING, 3)]


@pytest.mark.parametrize("change", [{"sequence": 1}, {"time_ms": 1}])
def test_batch_and_time_never_go_backwards(history: SupplyHistory, change: dict[str, int]) -> None:
    chain = relinked(history.statements, 1, replace(history.statements[1], **change))  # type: ignore[arg-type]

    assert (SupplyFault.ORDER_OF_TIME, 2) in faults(chain)


def test_the_log_never_shrinks(history: SupplyHistory) -> None:
    first = replace(history.statements[0], log=LogStanding(5, bytes(32)))
    chain = relinked([first, *history.statements[1:]], 1, replace(history.statements[1], previous=first.entry()))

    assert faults(chain) == [(SupplyFault.ORDER_OF_TIME, 2)]


def test_less_was_never_issued_than_before(history: SupplyHistory) -> None:
    small = replace(history.statements[2], assets=history.statements[0].assets)

    assert faults([*history.statements[:2], small]) == [(SupplyFault.SHRUNK, 3)]


def test_an_asset_that_vanishes_has_shrunk(history: SupplyHistory) -> None:
    nothing = replace(history.statements[2], assets=())

    found = faults([*history.statements[:2], nothing])

    assert set(found) == {(SupplyFault.SHRUNK, 3)}


# --- orders -----------------------------------------------------------------------------------------------------------


def test_an_issue_without_a_published_order_is_found(history: SupplyHistory) -> None:
    without = [each for each in history.orders if each.issued() != {(0, 2): 200}]

    [finding] = check_growth(history.statements, without)

    assert (finding.fault, finding.number) == (SupplyFault.GROWTH, 2)
    assert finding.detail == ("asset 0 at home 2: 200 was issued since the statement before, and 0 by published orders")


def test_a_redemption_without_a_published_order_is_found(history: SupplyHistory) -> None:
    without = [each for each in history.orders if not each.redeemed()]

    assert [(each.fault, each.number) for each in check_growth(history.statements, without)] == [
        (SupplyFault.GROWTH, 3)
    ]


def test_an_order_that_no_statement_counts_is_found(history: SupplyHistory) -> None:
    older = history.statements[0]
    said = replace(history.statements[1], assets=older.assets)

    assert [(each.fault, each.number) for each in check_growth([older, said], history.orders)] == [
        (SupplyFault.GROWTH, 2)
    ]


def test_orders_count_between_the_statements_that_enclose_them_and_later_ones_not_yet(history: SupplyHistory) -> None:
    assert check_growth(history.statements[:1], history.orders) == []
    assert check_growth(history.statements[2:], history.orders) == []


def test_an_order_for_one_home_does_not_cover_another(history: SupplyHistory) -> None:
    second = history.statements[1]
    homes = (HomeSupply(1, 1000, 0, 0, 0, 1000), HomeSupply(2, 0, 0, 0, 0, 0))
    asset: AssetSupply = replace(second.assets[0], homes=homes)

    found = check_growth([history.statements[0], replace(second, assets=(asset,))], history.orders)

    assert [each.detail[:20] for each in found] == ["asset 0 at home 1: 2", "asset 0 at home 2: 0"]
