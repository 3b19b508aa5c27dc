"""`tongbao wallet watch` and `wallet tidy` in a running network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import json_of, tongbao
from tongbao.service.data_directory import DataDirectory

PASSWORD = "open sesame"
REFUSED = 1


@dataclass(frozen=True)
class Holder:
    """Somebody with a wallet at the first bank."""

    data: DataDirectory
    name: str

    def ask(self, *words: object, exit_code: int = 0) -> dict[str, Any]:
        """What `tongbao wallet` answers."""
        ended = tongbao("wallet", *words, "--data", self.data.root, "--json", TONGBAO_WALLET_PASSWORD=PASSWORD)
        assert ended.exit_code == exit_code, ended.output
        return json_of(ended)

    def exchange(self, yuan: str) -> None:
        """Turn cash into one coin."""
        wallet_id = self.ask("address", self.name)["wallet_id"]
        cash = tongbao("bank", "deposit", wallet_id, yuan, "--home", 1, "--data", self.data.root)
        assert cash.exit_code == 0, cash.output
        self.ask("exchange", self.name, yuan)


@pytest.fixture
def holder(network: DataDirectory, request: pytest.FixtureRequest) -> Holder:
    opened = Holder(network, request.node.name[:60])
    opened.ask("open", opened.name, "--home", 1, "--class", "II")
    return opened


def test_somebody_is_let_see_a_wallet_until_he_is_not(holder: Holder, tmp_path: Path) -> None:
    holder.exchange("50.00")
    seen, watch = tmp_path / "seen.json", ("wallet", "watch", "show", tmp_path / "seen.json", "--json")

    holder.ask("watch", "add", holder.name, "accountant", "--to", seen)
    shown = json_of(tongbao(*watch))
    listed = holder.ask("watch", "list", holder.name)
    ended = holder.ask("watch", "end", holder.name, "accountant")
    after = tongbao(*watch)

    assert (shown["balance_fen"], shown["coins"]) == (5_000, 1)
    assert [each["amount_fen"] for each in shown["history"]] == [5_000]
    assert [each["name"] for each in listed["watchers"]] == ["accountant"]
    assert ended["ended_at_ms"] is not None
    assert (after.exit_code, json_of(after)["error"]) == (REFUSED, "UNAUTHENTICATED")


def test_the_smallest_coins_of_a_wallet_are_made_one(holder: Holder) -> None:
    for _ in range(3):
        holder.exchange("1.00")

    tidied = holder.ask("tidy", holder.name, "--keep", 1)

    assert (len(tidied["merges"]), tidied["coins"]) == (1, 1)
    assert holder.ask("show", holder.name)["free_fen"] == 300
