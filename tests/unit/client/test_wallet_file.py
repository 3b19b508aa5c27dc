"""One file for several wallets of a program, and for no other program."""

from pathlib import Path

import pytest

from tongbao.client.wallet_file import WalletFiles
from tongbao.errors import ConfigurationError, RequestError

ALICE, BOB = b"a" * 16, b"b" * 16


async def test_wallets_of_one_program_share_the_file_and_the_last_closes_it(tmp_path: Path) -> None:
    files, path = WalletFiles(), tmp_path / "wallets.sqlite"

    first, second = await files.use(path, ALICE), await files.use(tmp_path / "." / "wallets.sqlite", BOB)
    await files.let_go(path, ALICE)
    with pytest.raises(RequestError) as caught:
        await WalletFiles().use(path, ALICE)
    await files.let_go(path, BOB)
    others = WalletFiles()
    reopened = await others.use(path, ALICE)
    await others.close()

    assert first is second is not reopened
    assert caught.value.code == "WALLET_BUSY"


async def test_a_wallet_that_is_let_go_twice_takes_the_file_from_no_other(tmp_path: Path) -> None:
    files, path = WalletFiles(), tmp_path / "wallets.sqlite"
    await files.use(path, ALICE)
    store = await files.use(path, BOB)

    await files.let_go(path, ALICE)
    await files.let_go(path, ALICE)

    assert await store.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1
    await files.let_go(path, BOB)
    await files.let_go(path, BOB)


async def test_one_wallet_is_open_once(tmp_path: Path) -> None:
    files, path = WalletFiles(), tmp_path / "wallets.sqlite"
    await files.use(path, ALICE)

    with pytest.raises(RequestError, match="open already") as caught:
        await files.use(path, ALICE)

    assert caught.value.code == "WALLET_BUSY"
    await files.close()


async def test_a_file_that_cannot_be_made_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        await WalletFiles().use(tmp_path / "nowhere" / "wallets.sqlite", ALICE)
