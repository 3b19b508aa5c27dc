"""The client library and its example, against a network of real processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import tongbao
from tongbao.client import (
    OrderState,
    PeerError,
    RefundPolicy,
    RefundState,
    RefusedError,
    RequestError,
    WalletClass,
)
from tongbao.client.connection import Client
from tongbao.client.wallet import ClientWallet
from tongbao.service.data_directory import DataDirectory

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def client(network: DataDirectory) -> Iterator[Client]:
    with Client.connect(centre_url=network.network.registration.url) as connected:
        yield connected


def wallet(client: Client, network: DataDirectory, file: Path, phrase: str = "", *, account: int = 0) -> ClientWallet:
    """A wallet at the first bank."""
    place = network.institution(1)
    return client.wallet(file, phrase or client.new_phrase(), home=1, home_url=place.url, account=account)


def pay_in(holder: ClientWallet, network: DataDirectory, yuan: str) -> None:
    """Cash at the counter."""
    ended = tongbao("bank", "deposit", holder.wallet_id.hex(), yuan, "--home", 1, "--data", network.root)
    assert ended.exit_code == 0, ended.output


def test_the_example_runs_as_its_first_lines_say(network: DataDirectory) -> None:
    finished = subprocess.run(
        [sys.executable, ROOT / "examples" / "buy_tea.py", "--data", network.root],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert finished.returncode == 0, finished.stderr
    assert "alice paid      4800 fen for Longjing, two cups" in finished.stdout
    assert "the shop sees   paid" in finished.stdout
    assert "alice has       7600 fen" in finished.stdout


def test_two_wallets_of_one_phrase_live_in_one_file_and_pay_each_other(
    client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    file, phrase = tmp_path / "wallets.sqlite", client.new_phrase()
    with (
        wallet(client, network, file, phrase) as daily,
        wallet(client, network, file, phrase, account=1) as savings,
    ):
        for holder in (daily, savings):
            holder.open(holder_name="Alice", wallet_class=WalletClass.II)
        pay_in(daily, network, "100")
        daily.exchange(10_000)

        once = daily.pay_person(savings.address, 3_000, request_id="savings of May")
        again = daily.pay_person(savings.address, 3_000, request_id="savings of May")

        assert once == again
        assert (daily.balance().coins_fen, savings.balance().coins_fen) == (7_000, 3_000)
        assert [entry.amount_fen for entry in savings.history()] == [3_000]


def test_wallets_and_clients_are_closed_in_any_order_and_more_than_once(network: DataDirectory, tmp_path: Path) -> None:
    client = Client.connect(centre_url=network.network.registration.url)
    first, second = (wallet(client, network, tmp_path / "wallets.sqlite") for _ in range(2))

    first.close()
    first.close()
    opened = second.open(holder_name="Bob", wallet_class=WalletClass.II)
    client.close()
    second.close()
    client.close()

    assert opened.holder_name == "Bob"
    with pytest.raises(RequestError, match="closed"):
        second.balance()


def test_a_shop_is_paid_by_link_and_the_order_is_paid_once(
    client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    with wallet(client, network, tmp_path / "shop") as shop, wallet(client, network, tmp_path / "alice") as alice:
        shop.open(holder_name="Tea House Ltd", wallet_class=WalletClass.I)
        shop.register_shop("Tea House", category="5812")
        alice.open(holder_name="Alice", wallet_class=WalletClass.II)
        pay_in(alice, network, "50")
        alice.exchange(5_000)
        order = shop.ask(1_200, "1", description="tea")

        unpaid = shop.wait_for_payment(order.order_id, timeout_s=0)
        settled = [alice.pay(order.link), alice.pay(order)]
        paid = shop.wait_for_payment(order.order_id, timeout_s=10)
        with pytest.raises(RefusedError) as caught:
            shop.refund(order.order_id, 1_201, request_id="too much")

        assert (unpaid.state, paid.state) == (OrderState.OPEN, OrderState.PAID)
        assert settled[0] == settled[1]
        assert alice.balance().coins_fen == 3_800
        assert caught.value.code in {"REFUND_TOO_MUCH", "COINS_INSUFFICIENT"}


def test_a_shop_asks_its_payer_before_it_gives_money_back(
    client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    with wallet(client, network, tmp_path / "shop") as shop, wallet(client, network, tmp_path / "alice") as alice:
        shop.open(holder_name="Tea House Ltd", wallet_class=WalletClass.I)
        shop.register_shop("Tea House", category="5812")
        shop.refund_policy(RefundPolicy(answer_within_s=86_400))
        alice.open(holder_name="Alice", wallet_class=WalletClass.II)
        pay_in(alice, network, "50")
        alice.exchange(5_000)
        order = shop.ask(1_200, "1", description="tea")
        alice.pay(order)

        offered = shop.offer_refund(order.order_id, 200, refund_number="r1", reason="a cracked cup")
        [found] = alice.refunds_offered()
        accepted = alice.answer_refund(found, accept=True)
        shop.balance()
        paid = shop.pay_refunds()

        assert (order.refund_policy, offered.refund_id) == (shop.refund_policy(), found.refund_id)
        assert accepted.state is RefundState.ACCEPTED
        assert [each.amount_fen for each in paid] == [200]
        assert alice.balance().coins_fen == 4_000


def test_a_wallet_comes_back_on_another_machine_and_after_a_restart(
    client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    phrase = client.new_phrase()
    with wallet(client, network, tmp_path / "first", phrase) as alice:
        alice.open(holder_name="Alice", wallet_class=WalletClass.II)
        pay_in(alice, network, "80")
        alice.exchange(8_000)
        alice.deposit(3_000, request_id="back")

    with wallet(client, network, tmp_path / "first", phrase) as again:
        restarted = again.balance()
        assert again.resume() == []
    with wallet(client, network, tmp_path / "elsewhere", phrase) as recovered:
        assert recovered.recover() == restarted

    assert (restarted.coins_fen, restarted.free_fen, restarted.deposit_fen) == (5_000, 5_000, 3_000)


def test_another_network_and_another_programs_file_are_refused(
    client: Client, network: DataDirectory, tmp_path: Path
) -> None:
    url = network.network.registration.url
    with pytest.raises(PeerError):
        Client.connect(centre_url=url, network_id=bytes(32))
    with Client.connect(centre_url=url, network_id=client.network_id) as other, wallet(client, network, tmp_path / "w"):
        with pytest.raises(RequestError) as busy:
            wallet(other, network, tmp_path / "w")
        with pytest.raises(RequestError) as no_home:
            other.wallet(tmp_path / "x", other.new_phrase(), home=0, home_url="http://nowhere")

    assert (busy.value.code, no_home.value.field) == ("WALLET_BUSY", "home")


def test_the_network_file_names_what_the_example_reads(network: DataDirectory) -> None:
    content = json.loads((network.root / "network.json").read_text(encoding="utf-8"))

    assert content["registration"]["url"].startswith("http://")
    assert [each["home"] for each in content["institutions"]] == [1, 2]
