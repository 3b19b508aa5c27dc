"""A till: it asks for an amount, shows a QR code, and says when it is paid. Its key makes orders and moves no money.

usage: tongbao wallet till open shop counter        (the merchant lets it take orders, and makes its key)
       python examples/till.py --data tongbao-data --shop WALLET --key tongbao-data/wallets/shop/tills/counter.key

Type an amount in yuan to sell, `z` for what was taken since the till was opened, `q` to go home.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import segno

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.client import Order, OrderState, RefusedError, TongbaoError
from tongbao.coin import Genesis
from tongbao.protocol.order import OrderRequest
from tongbao.service.key_file import read_key
from tongbao.wallets import HomeAddress
from tongbao.wallets.order_desk import OrderDesk, TillPlace

HOME = 1
PATIENCE_S = 120
LOOK_AGAIN_S = 0.3
ORDERS_PER_PAGE = 100


def say(text: str) -> None:
    """Show a line to the cashier."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fen_of(text: str) -> int:
    """What was typed, in fen; 0 where it is no amount."""
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        return 0
    return int(fen) if fen == fen.to_integral_value() and fen > 0 else 0


async def sell(desk: OrderDesk, amount_fen: int) -> None:
    """Ask for money, and wait until it is there or nobody wants to pay any more."""
    order = await desk.create_order(
        OrderRequest(amount_fen=amount_fen, order_number=desk.new_number(), expires_in_s=PATIENCE_S)
    )
    say(f"¥{amount_fen / 100:.2f}  {order.link}")
    segno.make_qr(order.link, error="m").terminal(compact=True)
    paid = await until_paid(desk, order)
    say("\a*** PAID ***" if paid.state is OrderState.PAID else f"not paid: {paid.state}")


async def until_paid(desk: OrderDesk, order: Order) -> Order:
    """The order once it is paid or can no longer be; one that nobody pays in time is taken back."""
    for _ in range(int(PATIENCE_S / LOOK_AGAIN_S)):
        found = await desk.order(order.order_id)
        if found.state is not OrderState.OPEN:
            return found
        await asyncio.sleep(LOOK_AGAIN_S)
    try:
        return await desk.cancel_order(order.order_id)
    except RefusedError:
        # Somebody pays at this very moment.
        return await desk.order(order.order_id)


async def count(desk: OrderDesk) -> None:
    """What this till has taken."""
    taken_fen, sales, after = 0, 0, ""
    while True:
        page = await desk.orders(after=after, limit=ORDERS_PER_PAGE)
        paid = [order for order in page.orders if order.paid_at_ms is not None]
        sales += len(paid)
        taken_fen += sum(order.amount_fen + order.tip_fen - order.refunded_fen for order in paid)
        if not page.next or not page.orders:
            break
        after = page.next
    say(f"{sales} sales, ¥{taken_fen / 100:.2f}")


async def typed() -> AsyncIterator[str]:
    """What the cashier types, line by line."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line.strip()


async def serve(desk: OrderDesk) -> None:
    """Do what is typed; what goes wrong is said, and the till stays open."""
    say(f"{(await desk.till()).name} is open")
    async for line in typed():
        try:
            if line == "q":
                return
            if line == "z":
                await count(desk)
            elif amount_fen := fen_of(line):
                await sell(desk, amount_fen)
            else:
                say("type an amount as 12.50, z or q")
        except TongbaoError as error:
            say(str(error))


async def main() -> None:
    """Open the till."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("tongbao-data"), help="the network's data directory")
    parser.add_argument("--shop", required=True, help="the merchant's wallet id")
    parser.add_argument("--key", type=Path, required=True, help="the till's key file")
    arguments = parser.parse_args()
    network = json.loads((arguments.data / "network.json").read_text(encoding="utf-8"))
    bank_url = next(each["url"] for each in network["institutions"] if each["home"] == HOME)
    genesis = Genesis.decode((arguments.data / "genesis.bin").read_bytes())
    place = TillPlace(HomeAddress(HOME, bank_url), bytes.fromhex(arguments.shop), genesis.domain())
    http = HttpNetwork()
    try:
        desk = OrderDesk(read_key(arguments.key), place, network=http, clock=SystemClock(), entropy=SystemEntropy())
        await serve(desk)
    finally:
        await http.close()


if __name__ == "__main__":
    asyncio.run(main())
