"""An online mall: it shows goods, takes orders, hears by webhook that they are paid, ships once, and takes things back.

usage: tongbao up --data tongbao-data        (in another terminal)
       python examples/online_mall.py --data tongbao-data --port 8080

Everything is in one file of SQLite beside the wallet's, so that a mall that is killed goes on where it stopped.
"""

import argparse
import html
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import segno

from tongbao.client import Client, ClientWallet, OrderState, TongbaoError, WalletClass, WalletKind
from tongbao.protocol.event import EventKind
from tongbao.protocol.webhook import verify_webhook

HOME = 1
GOODS = {"longjing": ("Longjing, 100 g", 12_800), "cup": ("Celadon cup", 4_500), "kettle": ("Iron kettle", 39_900)}
BODY_BYTES_MAX = 65_536

TABLES = """
CREATE TABLE IF NOT EXISTS secret (phrase TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sales (
    number INTEGER PRIMARY KEY, goods TEXT NOT NULL, order_id TEXT UNIQUE, state TEXT NOT NULL DEFAULT 'new');
CREATE TABLE IF NOT EXISTS heard (webhook_id TEXT PRIMARY KEY);
"""


class Mall:
    """The mall's books and its wallet."""

    def __init__(self, folder: Path, client: Client, *, bank_url: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "mall.sqlite"
        self.hook_secret = ""
        with closing(self._books()) as books:
            books.executescript(TABLES)
        phrase = self._phrase(client)
        self.wallet: ClientWallet = client.wallet(folder / "wallet.sqlite", phrase, home=HOME, home_url=bank_url)
        self.wallet.open(holder_name="Mall Ltd", wallet_class=WalletClass.I, kind=WalletKind.CORPORATE)
        self.wallet.register_shop("Tea Mall", category="5499")
        self.wallet.resume()

    def _books(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None)

    def _phrase(self, client: Client) -> str:
        with closing(self._books()) as books:
            kept = books.execute("SELECT phrase FROM secret").fetchone()
            if kept is None:
                # A mall with real money keeps this where it keeps its other secrets.
                kept = (client.new_phrase(),)
                books.execute("INSERT INTO secret VALUES (?)", kept)
            return str(kept[0])

    def listen(self, url: str) -> None:
        """Let the institution tell of paid orders."""
        kinds = [EventKind.ORDER_PAID]
        self.hook_secret = self.wallet.use(lambda wallet: wallet.webhooks.create(url, kinds=kinds)).secret
        # What was paid while the mall was closed is told again within minutes; asking is quicker.
        with closing(self._books()) as books:
            for (order_id,) in books.execute("SELECT order_id FROM sales WHERE state = 'new'").fetchall():
                if order_id and self.wallet.own_order(order_id).state is OrderState.PAID:
                    self._ship(books, order_id)

    def sell(self, goods: str) -> tuple[int, str]:
        """A sale's number, and the link by which it is paid."""
        name, price_fen = GOODS[goods]
        with closing(self._books()) as books:
            number = books.execute("INSERT INTO sales (goods) VALUES (?)", (goods,)).lastrowid or 0
            order = self.wallet.ask(price_fen, f"mall-{number}", description=name)
            books.execute("UPDATE sales SET order_id = ? WHERE number = ?", (order.order_id, number))
        return number, order.link

    def hear(self, webhook_id: str, message: dict[str, Any]) -> None:
        """Ship what was paid, once, however often it is told."""
        with closing(self._books()) as books:
            books.execute("BEGIN IMMEDIATE")
            new = books.execute("INSERT OR IGNORE INTO heard VALUES (?)", (webhook_id,)).rowcount
            if new and message.get("type") == EventKind.ORDER_PAID:
                self._ship(books, message["data"]["subject"])
            books.execute("COMMIT")

    def _ship(self, books: sqlite3.Connection, order_id: str) -> None:
        books.execute("UPDATE sales SET state = 'shipped' WHERE order_id = ? AND state = 'new'", (order_id,))

    def take_back(self, number: int) -> str:
        """Give the money back for what came back; asked again, it is the same refund."""
        goods, order_id, state = self.sale(number)
        if state not in {"shipped", "returned"}:
            raise LookupError(f"sale {number} is {state}: nothing was shipped that could come back")
        self.wallet.balance()  # hears of the coins that came
        self.wallet.refund(order_id, GOODS[goods][1], request_id=f"return {number}")
        with closing(self._books()) as books:
            books.execute("UPDATE sales SET state = 'returned' WHERE number = ?", (number,))
        return "returned"

    def sale(self, number: int) -> tuple[str, str, str]:
        """What was sold, its order, and how far it is."""
        with closing(self._books()) as books:
            found = books.execute("SELECT goods, order_id, state FROM sales WHERE number = ?", (number,)).fetchone()
        if found is None:
            raise LookupError(f"there is no sale {number}")
        return found[0], found[1], found[2]


class Page(BaseHTTPRequestHandler):
    """What a browser, and the institution, may ask of the mall."""

    mall: Mall

    def do_GET(self) -> None:
        """The goods, or how far a sale is."""
        if self.path == "/":
            rows = "".join(
                f"<li>{html.escape(name)}, ¥{fen / 100:.2f} "
                f"<form method=post action=/buy><button name=goods value={goods}>buy</button></form></li>"
                for goods, (name, fen) in GOODS.items()
            )
            self._answer(200, f"<h1>Tea Mall</h1><ul>{rows}</ul>")
        else:
            self._act(lambda number: {"state": self.mall.sale(number)[2]})

    def do_POST(self) -> None:
        """Buy, return, or hear of a payment."""
        body = self.rfile.read(min(int(self.headers.get("content-length", "0")), BODY_BYTES_MAX))
        if self.path == "/buy":
            self._buy(parse_qs(body.decode()).get("goods", [""])[0])
        elif self.path == "/told":
            self._told(body)
        else:
            self._act(lambda number: {"state": self.mall.take_back(number)})

    def _buy(self, goods: str) -> None:
        if goods not in GOODS:
            self._answer(404, "<p>We do not have that.</p>")
            return
        number, link = self.mall.sell(goods)
        code = segno.make_qr(link, error="m").svg_inline(scale=4)
        self._answer(200, f"<h1>Sale {number}</h1><a href='{html.escape(link)}'>Pay</a>{code}", number=number)

    def _told(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            webhook_id = verify_webhook(self.mall.hook_secret, headers, body, now_s=int(time.time()))
            self.mall.hear(webhook_id, json.loads(body))
            self._answer(204, "")
        except TongbaoError:
            self._answer(400, "not proven")

    def _act(self, action: Callable[[int], dict[str, str]]) -> None:
        """Do something about the sale whose number ends the path."""
        try:
            self._answer(200, json.dumps(action(int(self.path.rpartition("/")[2]))))
        except (LookupError, ValueError, TongbaoError) as error:
            self._answer(404, json.dumps({"error": str(error)}))

    def _answer(self, status: int, text: str, *, number: int = 0) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json" if text.startswith("{") else "text/html; charset=utf-8")
        self.send_header("x-sale", str(number))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing of who asks what."""


def main() -> None:
    """Open the mall."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("tongbao-data"), help="the network's data directory")
    parser.add_argument("--books", type=Path, default=Path("mall"), help="where the mall keeps what it must remember")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    network = json.loads((arguments.data / "network.json").read_text(encoding="utf-8"))
    bank_url = next(each["url"] for each in network["institutions"] if each["home"] == HOME)
    with Client.connect(centre_url=network["registration"]["url"]) as client:
        Page.mall = Mall(arguments.books, client, bank_url=bank_url)
        server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Page)
        Page.mall.listen(f"http://127.0.0.1:{server.server_port}/told")
        sys.stdout.write(f"the mall is open at http://127.0.0.1:{server.server_port}/\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
