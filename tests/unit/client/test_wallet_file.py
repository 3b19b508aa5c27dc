"""One file for several wallets of a program, and for no other program."""

from pathlib import Path

import pytest

from tongbao.client.wallet_file import WalletFiles
from tongbao.errors import ConfigurationError, RequestError


async def test_wallets_of_one_program_share_the_file_and_the_last_closes_it(tmp_path: Path) -> None:
    files, path = WalletFiles(), tmp_path / "wallets.sqlite"

    first, second = await files.use(path), await files.use(tmp_path / "." / "wallets.sqlite")
    await files.let_go(path)
    with pytest.raises(RequestError) as caught:
        await WalletFiles().use(path)
    await files.let_go(path)
    others = WalletFiles()
    reopened = await others.use(path)
    await others.let_go(path)

    assert first is second is not reopened
    assert caught.value.code == "WALLET_BUSY"


async def test_a_file_that_cannot_be_made_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        await WalletFiles().use(tmp_path / "nowhere" / "wallets.sqlite")
