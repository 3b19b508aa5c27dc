"""`tongbao central-bank control move`: let the offices move a coin that has been frozen long enough."""

from typing import Annotated

import typer

from tongbao.coin import CURRENCY, Coin, Domain, Input
from tongbao.coin.coin import INPUT_BYTES
from tongbao.coin.control import OrderedMove
from tongbao.coin.encoding import Reader, u8
from tongbao.errors import RequestError
from tongbao.protocol.issuance import ControlRequest, Proposal
from tongbao.service.coin_search import find_coin
from tongbao.service.command_line.amount import parse_yuan
from tongbao.service.command_line.options import DEFAULT_DATA, HOME_MAX, DataOption, hexadecimal
from tongbao.service.command_line.output import JsonOption, fen_text
from tongbao.service.command_line.proposal import OfficerOption, propose, show_proposed
from tongbao.service.data_directory import DataDirectory

__all__ = ["move"]

ID_BYTES = 32


def _coin(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) not in {ID_BYTES, INPUT_BYTES} or len(text) != 2 * len(data):
        raise typer.BadParameter(
            f"a coin is named by its id, {2 * ID_BYTES} hexadecimal digits, or opened, {2 * INPUT_BYTES} of them"
        )
    return data


CoinArgument = Annotated[
    bytes,
    typer.Argument(
        parser=_coin, metavar="COIN", help="Its id, looked for in the journal of --data; or the coin opened."
    ),
]
LockArgument = Annotated[
    bytes, typer.Argument(parser=hexadecimal(ID_BYTES, "a lock's id"), metavar="LOCK", help="The lock that gets it.")
]
HomeOfLock = Annotated[
    int | None, typer.Option("--home", min=1, max=HOME_MAX, help="The lock's home; else that of the coin.")
]
PartOption = Annotated[
    int | None,
    typer.Option(
        "--amount", parser=parse_yuan, metavar="AMOUNT", help="Move only so much; the rest stays under the coin's lock."
    ),
]


def move(
    coin: CoinArgument,
    lock: LockArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    home: HomeOfLock = None,
    amount: PartOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a frozen coin by order, without its owner.

    It must have been frozen, by itself or with its lock, for the delay that genesis fixes.

    Example: `tongbao central-bank control move COIN LOCK --home 2 --officer offices-1.key`
    """

    async def work() -> Proposal:
        directory = DataDirectory.open(data)
        domain = directory.genesis().domain()
        spent = await _opened(coin, directory)
        request = _request(spent, _replacing(spent.coin, lock, home=home, amount_fen=amount), domain)
        return await propose(request, officer, data)

    show_proposed(work, as_json=as_json)


async def _opened(coin: bytes, data: DataDirectory) -> Input:
    if len(coin) == ID_BYTES:
        return await find_coin(data, coin)
    return Input.read(Reader(coin, "coin"))


def _replacing(moved: Coin, lock_id: bytes, *, home: int | None, amount_fen: int | None) -> list[Coin]:
    """What replaces the coin: what moves, then the rest, if there is one."""
    if amount_fen is not None and moved.asset != CURRENCY:
        raise RequestError(
            f"an amount is in yuan, and the coin is of asset {moved.asset}",
            code="INVALID_FIELD",
            field="amount",
            cure="move the whole coin",
        )
    value = moved.value if amount_fen is None else amount_fen
    if value > moved.value:
        raise RequestError(
            f"the coin is worth {fen_text(moved.value)}, less than {fen_text(value)}",
            code="VALUE_OUT_OF_RANGE",
            field="amount",
            cure="move at most what the coin is worth",
        )
    coins = [Coin(moved.asset, value, moved.home if home is None else home, lock_id)]
    if value < moved.value:
        coins.append(Coin(moved.asset, moved.value - value, moved.home, moved.lock_id))
    return coins


def _request(spent: Input, replacing: list[Coin], domain: Domain) -> ControlRequest:
    operation = OrderedMove(spent.coin_id(domain))
    return ControlRequest(
        operation=u8(operation.NUMBER) + operation.payload(),
        inputs=[spent.encode()],
        outputs=[coin.encode() for coin in replacing],
    )
