"""A shop asks for money, a customer pays, and the shop gives a part of it back: the client library in one page.

usage: tongbao up --data tongbao-data        (in another terminal)
       python examples/buy_tea.py --data tongbao-data
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tongbao.client import Client, ClientWallet, WalletClass, WalletKind

HOME = 1
PRICE_FEN = 4_800
CASH_YUAN = "100.00"


def main() -> None:
    """Buy tea."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("tongbao-data"), help="the network's data directory")
    data = parser.parse_args().data
    network = json.loads((data / "network.json").read_text(encoding="utf-8"))
    bank_url = next(each["url"] for each in network["institutions"] if each["home"] == HOME)
    with (
        tempfile.TemporaryDirectory() as directory,
        Client.connect(centre_url=network["registration"]["url"]) as client,
    ):

        def wallet(name: str) -> ClientWallet:
            # A program for people shows the phrase once, and keeps it sealed. Here both live for a minute.
            return client.wallet(Path(directory, name), client.new_phrase(), home=HOME, home_url=bank_url)

        with wallet("shop") as shop, wallet("alice") as alice:
            shop.open(holder_name="Tea House Ltd", wallet_class=WalletClass.I, kind=WalletKind.CORPORATE)
            shop.register_shop("Tea House", category="5812")
            alice.open(holder_name="Alice", wallet_class=WalletClass.II)
            pay_cash_in(alice, data)
            buy(shop, alice)


def pay_cash_in(alice: ClientWallet, data: Path) -> None:
    """Hand a hundred yuan to the teller of the bank, and turn them into coins."""
    teller = [sys.executable, "-m", "tongbao", "bank", "deposit", alice.wallet_id.hex(), CASH_YUAN]
    subprocess.run([*teller, "--home", str(HOME), "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
    alice.exchange(10_000)


def buy(shop: ClientWallet, alice: ClientWallet) -> None:
    """Order, payment, and one cup less."""
    order = shop.ask(PRICE_FEN, "table-7", description="Longjing, two cups")
    print(f"the shop shows  {order.link}")
    paid = alice.pay(order.link)
    print(f"alice paid      {paid.amount_fen} fen for {paid.description}")
    print(f"the shop sees   {shop.wait_for_payment(order.order_id, timeout_s=10).state}")
    shop.balance()  # hears of the coin that came
    shop.refund(order.order_id, PRICE_FEN // 2, request_id="one cup less")
    print(f"alice has       {alice.balance().coins_fen} fen")
    for entry in alice.history():
        print(f"  {entry.kind:<10}{entry.amount_fen:>8} fen  {entry.counterparty}")


if __name__ == "__main__":
    main()
