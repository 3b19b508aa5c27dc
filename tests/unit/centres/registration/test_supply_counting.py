"""Statements as they follow from a kernel: every coin counted, every figure the kernel's."""

from random import Random

import pytest

from tests.builders import BOB, DOMAIN, GENESIS
from tests.kernel_builders import EACH_KERNEL
from tests.supply_history import SEED, RememberingLedger, SupplyHistory
from tongbao.centres.registration.supply_counting import (
    count_coins,
    count_coins_natively,
    moment_of,
    secret_of,
    statement_of,
)
from tongbao.errors import DamageError
from tongbao.kernel import has_native_kernel, select_kernel
from tongbao.kernel.snapshot import coin_rows


@pytest.mark.parametrize("kernel", EACH_KERNEL)
def test_a_statement_says_what_the_kernel_says(kernel: str) -> None:
    history = SupplyHistory(ledger=RememberingLedger(kernel=select_kernel(kernel)(GENESIS)))
    funds = history.issue(500, 300, home=1)
    history.pay(funds, index=0, to=BOB)

    stated = history.state()

    applied = history.ledger.kernel
    [asset] = stated.assets
    assert (stated.sequence, stated.time_ms, stated.chain_head) == (
        applied.sequence,
        applied.time_ms,
        applied.chain_head,
    )
    assert stated.state_digest == applied.state_digest()
    assert {(0, each.home): each.unspent for each in asset.homes} == dict(applied.unspent_by_asset_and_home())
    assert asset.root.total == asset.outstanding == 800
    assert stated.network_id == DOMAIN.network_id


def test_each_asset_is_counted_into_a_tree_of_its_own() -> None:
    rows = b"".join(
        bytes([number]) * 32 + asset.to_bytes(4, "big") + bytes(4) + value.to_bytes(8, "big")
        for number, asset, value in ((1, 0, 10), (2, 5, 7), (3, 0, 4))
    )

    trees = count_coins(rows, {asset: secret_of(asset, SEED, DOMAIN, 3) for asset in (0, 5)})

    assert {asset: tree.root.total for asset, tree in trees.items()} == {0: 14, 5: 7}
    assert trees[0].root.hash != trees[5].root.hash


def test_without_money_there_is_nothing_to_state() -> None:
    kernel = RememberingLedger(GENESIS).kernel

    stated = statement_of(moment_of(kernel), {}, state_digest=kernel.state_digest(), number=1, previous=None)

    assert stated.assets == ()


def test_bytes_that_are_no_snapshot_have_no_coins() -> None:
    for data in (b"", b"something else", SupplyHistory().ledger.kernel.snapshot()[:-1]):
        with pytest.raises(DamageError):
            coin_rows(data)


@pytest.mark.skipif(not has_native_kernel(), reason="there is no native kernel")
@pytest.mark.parametrize("count", [0, 1, 8, 9, 150, 700])
def test_native_code_builds_the_same_trees(count: int) -> None:
    draw = Random(count)
    rows = b"".join(
        draw.randbytes(32) + draw.choice((0, 5)).to_bytes(4, "big") + bytes(4) + draw.randint(1, 2**63 - 1).to_bytes(8)
        for _ in range(count)
    )
    secrets = {asset: secret_of(asset, SEED, DOMAIN, 3) for asset in (0, 5, 9)}

    assert count_coins_natively(rows, secrets) == count_coins(rows, secrets)
