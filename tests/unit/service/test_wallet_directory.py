"""A wallet on the disk: found by its name, whole or not at all, and readable by its owner alone."""

import json
from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.service.wallet_directory import VERSION, AccountProfile, WalletDirectory, WalletMove, WalletProfile
from tongbao.wallets.keyfile import SEALING_ENTROPY_BYTES, KeyFileContent, WrongPasswordError, seal_key_file

PROFILE = WalletProfile(home=1, wallet_id=bytes(16), holder="Wang")
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
SEALED = seal_key_file(
    KeyFileContent(phrase=PHRASE),
    "secret",
    wallet_id=bytes(16),
    entropy=bytes(SEALING_ENTROPY_BYTES),
    work_log2=4,
)


@pytest.fixture
def directory(tmp_path: Path) -> WalletDirectory:
    made = WalletDirectory(tmp_path, "alice")
    made.make()
    made.write(PROFILE, SEALED)
    return made


def test_what_was_kept_is_found_again(directory: WalletDirectory) -> None:
    again = WalletDirectory(directory.path.parent, "alice")

    assert (again.is_made, again.profile(), again.keys("secret").phrase) == (True, PROFILE, PHRASE)
    assert WalletDirectory.names(directory.path.parent) == ["alice"]


def test_each_home_has_a_store_of_its_own_and_the_first_keeps_its_name_after_a_move(directory: WalletDirectory) -> None:
    before = [directory.store_url(home) for home in (1, 2)]
    directory.write_profile(PROFILE.model_copy(update={"home": 2, "first_home": 1}))

    after = [directory.store_url(home) for home in (1, 2)]

    assert before == after
    assert [url.rpartition("/")[2] for url in after] == ["wallet.sqlite", "wallet-home-2.sqlite"]


def test_a_move_that_is_not_over_is_kept_with_the_profile(directory: WalletDirectory) -> None:
    moving = PROFILE.model_copy(update={"move": WalletMove(from_home=1, to_home=2, first_lock=70)})

    directory.write_profile(moving)

    assert WalletDirectory(directory.path.parent, "alice").profile() == moving


def test_a_profile_of_the_first_version_is_read(directory: WalletDirectory) -> None:
    written = {"version": 1, "home": 1, "wallet_id": bytes(16).hex(), "holder": "Wang"}
    (directory.path / "wallet.json").write_text(json.dumps(written))

    profile = directory.profile()

    assert (profile.home, profile.holder, profile.first_home, profile.move) == (1, "Wang", None, None)


def test_nobody_but_the_owner_can_read_it(directory: WalletDirectory) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in (directory.path, *directory.path.iterdir())}

    assert modes == {"alice": 0, "wallet.json": 0, "keys.json": 0}


def test_another_password_opens_nothing(directory: WalletDirectory) -> None:
    with pytest.raises(WrongPasswordError):
        directory.keys("Secret")


def test_a_wallet_of_which_only_the_keys_were_written_is_not_there(directory: WalletDirectory) -> None:
    (directory.path / "wallet.json").unlink()

    assert not directory.is_made
    assert WalletDirectory.names(directory.path.parent) == []
    with pytest.raises(RequestError) as refused:
        directory.profile()
    assert refused.value.code == "WALLET_UNKNOWN"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1, "home": 0, "wallet_id": "00", "holder": ""}'])
def test_a_damaged_profile_is_told_from_none(directory: WalletDirectory, content: bytes) -> None:
    (directory.path / "wallet.json").write_bytes(content)

    with pytest.raises(DamageError, match="recover the wallet from its phrase"):
        directory.profile()


def test_a_profile_of_a_later_version_is_not_read_wrongly(directory: WalletDirectory) -> None:
    later = PROFILE.model_copy(update={"version": VERSION + 1})
    (directory.path / "wallet.json").write_text(later.model_dump_json(), encoding="utf-8")

    with pytest.raises(ConfigurationError, match="install a newer program"):
        directory.profile()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b/c", "../a", "-a", "_a", "a b", "a" * 65, "a\n"])
def test_what_could_lead_elsewhere_is_no_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError) as refused:
        WalletDirectory(tmp_path, name)

    assert (refused.value.code, refused.value.field) == ("NAME_INVALID", "name")


@pytest.mark.parametrize("name", ["alice", "王伟", "a" * 64, "1-a_b"])
def test_people_call_their_wallets_in_their_own_language(tmp_path: Path, name: str) -> None:
    assert WalletDirectory(tmp_path, name).path == tmp_path / name


async def test_one_user_at_a_time_has_it(directory: WalletDirectory) -> None:
    async with directory.locked():
        with pytest.raises(RequestError) as refused:
            async with directory.locked():
                pass
    async with directory.locked():
        free_again = True

    assert refused.value.code == "WALLET_BUSY"
    assert free_again


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "alice").write_text("", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="alice: File exists"):
        WalletDirectory(tmp_path, "alice").make()


def test_accounts_have_files_and_numbers_of_their_own_and_share_keys_and_store(directory: WalletDirectory) -> None:
    first = WalletDirectory(directory.path.parent, "alice")
    rent = WalletDirectory(directory.path.parent, "alice/rent")

    rent.write_profile(AccountProfile(home=1, wallet_id=bytes(16), holder="Alice", account=first.next_account()))

    assert (first.account, rent.account, first.next_account()) == (0, 1, 2)
    assert (first.accounts, rent.store_url(1)) == (["alice/rent"], first.store_url(1))
    assert WalletDirectory.names(directory.path.parent) == ["alice", "alice/rent"]


def test_the_number_of_an_account_that_was_removed_is_used_for_no_other(directory: WalletDirectory) -> None:
    rent = WalletDirectory(directory.path.parent, "alice/rent")
    rent.write_profile(AccountProfile(home=1, wallet_id=bytes(16), holder="Alice", account=1))

    rent.remove_account()

    assert (rent.is_made, rent.accounts, rent.next_account()) == (False, [], 2)


@pytest.mark.parametrize("name", ["alice/", "/rent", "alice/rent/more", "alice/../bob"])
def test_names_of_accounts_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="no name for a wallet"):
        WalletDirectory(tmp_path, name)
