"""A person's story, told by nothing but `tongbao` commands in processes of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import row_of_ports

pytestmark = pytest.mark.slow

STARTS_WITHIN_S = 60.0
SETTLES_WITHIN_S = 30.0


@dataclass(frozen=True)
class Terminal:
    """Types commands."""

    data: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TONGBAO_DATA": str(self.data), "TONGBAO_WALLET_PASSWORD": "secret"}

    def type(self, *words: str | int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tongbao", *map(str, words), "--json"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ask(self, *words: str | int) -> dict[str, Any]:
        ended = self.type(*words)
        assert ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    def approve(self, operation: dict[str, Any], *, home: int) -> dict[str, Any]:
        """Two officers approve what a bank has asked for; returns it settled."""
        officers = self.data / "central-bank" / "officers"
        proposal = self._operation(operation, home, "proposed")["proposal_id"]
        for officer in ("issuance-1", "issuance-3"):
            self.ask("central-bank", "approve", proposal, "--officer", str(officers / f"{officer}.key"), "--yes")
        return self._operation(operation, home, "settled")

    def _operation(self, operation: dict[str, Any], home: int, state: str) -> dict[str, Any]:
        deadline_s = time.monotonic() + SETTLES_WITHIN_S
        while operation["state"] != state and time.monotonic() < deadline_s:
            operation = self.ask("bank", "operation", operation["operation_id"], "--home", home)
        assert operation["state"] == state, operation
        return operation


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal beside a network that `tongbao up` runs."""
    terminal = Terminal(tmp_path / "data")
    # The roles take the ports that follow the first.
    terminal.ask("central-bank", "init", "--test-network", "--port", row_of_ports() - 1)
    command = [sys.executable, "-m", "tongbao", "up", "--json"]
    with subprocess.Popen(command, env=terminal.environment, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        try:
            told = json.loads(up.stdout.readline())
            assert set(told["roles"]) == {"registration", "central-bank", "institution-1", "institution-2"}
            yield terminal
        finally:
            up.terminate()


def test_a_person_lives_with_the_currency(terminal: Terminal, tmp_path: Path) -> None:
    for home in (1, 2):
        terminal.approve(terminal.ask("bank", "issue", "10000", "--home", home), home=home)
    alice = terminal.ask("wallet", "open", "alice", "--home", 1, "--class", "II", "--holder", "Alice")
    bob = terminal.ask("wallet", "open", "bob", "--home", 2, "--class", "IV", "--holder", "Bob")
    terminal.ask("wallet", "open", "shop", "--home", 1, "--class", "I", "--corporate")
    terminal.ask("wallet", "merchant", "shop", "Tea House", "--category", "5812")
    terminal.ask("bank", "deposit", alice["wallet_id"], "1000", "--home", 1)
    terminal.ask("wallet", "exchange", "alice", "600.00")

    order = terminal.ask("wallet", "order", "shop", "128", "--number", "tea-1", "--description", "Longjing, 100 g")
    bought = terminal.ask("wallet", "pay", "alice", order["link"], "--yes")
    refunded = terminal.ask("wallet", "refund", "shop", order["order_id"], "28")
    given = terminal.ask("wallet", "pay", "alice", bob["address"], "88", "--yes")
    deposited = terminal.ask("wallet", "deposit", "bob", "8")
    terminal.approve(terminal.ask("bank", "redeem", "1000", "--home", 2), home=2)
    receipts = terminal.ask("wallet", "receipts", "alice", "--to", str(tmp_path / "receipts"))["receipts"]
    supply = terminal.ask("supply")

    assert [each["state"] for each in (bought, refunded, given, deposited)] == ["settled"] * 4
    assert _money(terminal, "alice") == (60_000 - 12_800 + 2_800 - 8_800, 40_000)
    assert _money(terminal, "bob") == (8_000, 800)
    assert _money(terminal, "shop") == (10_000, 0)
    assert len(receipts) == 4
    for path in (tmp_path / "receipts").iterdir():
        genesis = str(terminal.data / "genesis.bin")
        assert terminal.ask("wallet", "receipt", str(path), "--genesis", genesis)["valid"]
    assert (supply["issued"], supply["redeemed"], supply["unspent"]) == (2_000_000, 100_000, 1_900_000)
    assert supply["agrees"]


def _money(terminal: Terminal, name: str) -> tuple[int, int]:
    shown = terminal.ask("wallet", "show", name)
    return shown["balance_fen"], shown["deposit_fen"]


def test_money_outlives_a_restart(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "data")
    port = row_of_ports()
    command = [sys.executable, "-m", "tongbao", "up", "--no-sandbox", "--json", "--port", str(port)]
    supplies: list[dict[str, Any]] = []

    for _ in range(2):
        with subprocess.Popen(command, env=terminal.environment, stdout=subprocess.PIPE, text=True) as up:
            assert up.stdout is not None
            try:
                assert json.loads(up.stdout.readline())["roles"]
                if not supplies:
                    terminal.approve(terminal.ask("bank", "issue", "500", "--home", 1), home=1)
                supplies.append(terminal.ask("supply"))
            finally:
                up.kill()

    assert [supply["unspent"] for supply in supplies] == [50_000, 50_000]
    assert supplies[0]["state_digest"] == supplies[1]["state_digest"]
