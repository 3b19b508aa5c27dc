"""The example mall and the example till, each as a process of its own, sell, take back and survive being killed."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tongbao.client import Client, ClientWallet, WalletClass
from tongbao.service.data_directory import DataDirectory

EXAMPLES = Path(__file__).parents[2] / "examples"
MALL_LINES_MAX, TILL_LINES_MAX = 200, 150
WITHIN_S = 30.0
PASSWORD = {"TONGBAO_WALLET_PASSWORD": "secret"}


def eventually(found: Callable[[], str], wanted: str) -> None:
    """Wait until it is what it must become."""
    deadline_s = time.monotonic() + WITHIN_S
    while (last := found()) != wanted:
        assert time.monotonic() < deadline_s, f"{last}, not {wanted}"
        time.sleep(0.1)


@pytest.fixture
def client(network: DataDirectory) -> Iterator[Client]:
    with Client.connect(centre_url=network.network.registration.url) as connected:
        yield connected


@contextmanager
def customer(client: Client, network: DataDirectory, file: Path) -> Iterator[ClientWallet]:
    """Somebody at the second bank with five hundred yuan."""
    with client.wallet(file, client.new_phrase(), home=2, home_url=network.institution(2).url) as alice:
        alice.open(holder_name="Alice", wallet_class=WalletClass.I)
        ended = tongbao("bank", "deposit", alice.wallet_id.hex(), "500", "--home", 2, "--data", network.root)
        assert ended.exit_code == 0, ended.output
        alice.exchange(50_000)
        yield alice


@dataclass
class Mall:
    """The mall as its visitors see it."""

    network: DataDirectory
    books: Path
    port: int

    @contextmanager
    def opened(self) -> Iterator["Mall"]:
        options = ["--data", str(self.network.root), "--books", str(self.books), "--port", str(self.port)]
        command = [sys.executable, str(EXAMPLES / "online_mall.py"), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mall:
            assert mall.stdout is not None
            try:
                assert "is open" in mall.stdout.readline()
                yield self
            finally:
                mall.kill()

    def post(self, path: str, **form: str) -> tuple[int, dict[str, str], str]:
        data = urllib.parse.urlencode(form).encode()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data=data, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    def buy(self, goods: str) -> tuple[str, str]:
        """The sale's number, and the link to pay."""
        status, headers, page = self.post("/buy", goods=goods)
        assert status == 200
        assert "<svg" in page
        return headers["x-sale"], page.split("href='")[1].split("'")[0].replace("&amp;", "&")

    def state(self, number: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sales/{number}", timeout=20) as answer:
            return str(json.load(answer)["state"])


@pytest.fixture
def mall(network: DataDirectory, tmp_path: Path) -> Mall:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Mall(network, tmp_path / "books", probe.getsockname()[1])


@pytest.mark.slow
def test_the_mall_ships_what_is_paid_and_takes_it_back_once(
    mall: Mall, client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    with customer(client, network, tmp_path / "alice") as alice, mall.opened():
        number, link = mall.buy("longjing")
        before = mall.state(number)

        alice.pay(link)
        eventually(lambda: mall.state(number), "shipped")
        paid_fen = alice.balance().coins_fen
        returned = [mall.post(f"/returns/{number}") for _ in range(2)]

        assert before == "new"
        assert [status for status, _, _ in returned] == [200, 200]
        assert paid_fen == 50_000 - 12_800
        eventually(lambda: str(alice.balance().coins_fen), "50000")


@pytest.mark.slow
def test_a_mall_that_was_killed_hears_of_what_was_paid_meanwhile(
    mall: Mall, client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    with customer(client, network, tmp_path / "alice") as alice:
        with mall.opened():
            number, link = mall.buy("cup")

        alice.pay(link)
        with mall.opened():
            eventually(lambda: mall.state(number), "shipped")


@pytest.mark.slow
def test_the_mall_believes_no_message_that_nobody_signed_and_returns_nothing_unpaid(mall: Mall) -> None:
    with mall.opened():
        number, _ = mall.buy("kettle")

        forged = mall.post("/told", type="order.paid")[0]
        unpaid = mall.post(f"/returns/{number}")[0]
        unknown = mall.post("/buy", goods="moon")[0]

        assert (forged, unpaid, unknown, mall.state(number)) == (400, 404, 404, "new")


@pytest.mark.slow
def test_the_till_asks_says_paid_and_counts(network: DataDirectory, client: Client, tmp_path: Path) -> None:
    data = ("--data", network.root)
    shop = json_of(tongbao("wallet", "open", "teahouse", "--home", 1, "--class", "I", *data, "--json", **PASSWORD))
    for words in (("merchant", "teahouse", "Tea House"), ("till", "open", "teahouse", "counter")):
        assert tongbao("wallet", *words, *data, **PASSWORD).exit_code == 0
    key = network.root / "wallets" / "teahouse" / "tills" / "counter.key"
    command = [sys.executable, EXAMPLES / "till.py", "--data", network.root, "--shop", shop["wallet_id"], "--key", key]
    with (
        customer(client, network, tmp_path / "alice") as alice,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as till,
    ):
        assert till.stdin is not None
        assert till.stdout is not None
        till.stdin.write("twelve\n12.80\n")
        till.stdin.flush()
        greeting, complaint, asked = (till.stdout.readline() for _ in range(3))

        alice.pay(asked.split()[1])
        said, _ = till.communicate("z\nq\n", timeout=WITHIN_S)

    assert (greeting, complaint) == ("counter is open\n", "type an amount as 12.50, z or q\n")
    assert "PAID" in said
    assert said.splitlines()[-1] == "1 sales, ¥12.80"


def test_the_examples_stay_small() -> None:
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in EXAMPLES.glob("*.py")}

    assert lines["online_mall.py"] < MALL_LINES_MAX
    assert lines["till.py"] < TILL_LINES_MAX
