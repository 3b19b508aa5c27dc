"""`tongbao bank`: the teller's desk of an operating institution."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.protocol.banking import BankOperation, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.wallet import Deposit, DepositRequest
from tongbao.service.command_line.options import (
    AMOUNTS,
    DEFAULT_DATA,
    AmountArgument,
    DataOption,
    HomeOption,
    hexadecimal,
)
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run
from tongbao.service.command_line.proposal import state_text, waiting_text
from tongbao.service.connections import connected

__all__ = ["app"]

app = typer.Typer(help="The teller's desk of an operating institution.", no_args_is_help=True)

ID_BYTES = 32
WALLET_ID_BYTES = 16

OperationArgument = Annotated[
    bytes,
    typer.Argument(
        parser=hexadecimal(ID_BYTES, "an operation's id"), metavar="OPERATION", help="As the request answered it."
    ),
]
WalletArgument = Annotated[
    bytes,
    typer.Argument(parser=hexadecimal(WALLET_ID_BYTES, "a wallet's id"), metavar="WALLET", help="The wallet's id."),
]


@app.command()
def report(home: HomeOption = 1, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """Show the books, the vault and what circulates.

    Example: `tongbao bank report --home 1`
    """

    async def work() -> BankReport:
        async with connected(data) as connections:
            return await connections.as_teller(home).get("/v1/bank/report", BankReport)

    shown = run(work, as_json=as_json)
    lines = [f"{shown.name} (home {shown.home}), policy {shown.policy}"]
    lines += [f"{each.account:<24}{fen_text(each.balance_fen):>24}" for each in shown.accounts]
    lines.append(f"{'books balance' if shown.balanced else 'BOOKS DO NOT BALANCE':<24}")
    lines.append(f"{'vault':<24}{fen_text(shown.vault_fen):>24}  in {shown.vault_coins} coins")
    lines.append(f"{'in wallets':<24}{fen_text(shown.circulating_fen):>24}  in {shown.wallets} wallets")
    answer(shown.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


@app.command(context_settings=AMOUNTS)
def deposit(
    wallet_id: WalletArgument,
    amount: AmountArgument,
    home: HomeOption = 1,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take cash for the deposit account beside a wallet.

    Example: `tongbao bank deposit 00112233445566778899aabbccddeeff 100.00 --home 1`
    """
    request = DepositRequest(wallet_id=wallet_id, amount_fen=amount)

    async def work() -> Deposit:
        async with connected(data) as connections:
            teller = connections.as_teller(home)
            return await teller.post("/v1/deposits", request, Deposit, idempotency_key=connections.new_key())

    after = run(work, as_json=as_json)
    text = f"{fen_text(amount)} taken; the deposit is now {fen_text(after.deposit_fen)}"
    answer(after.model_dump(mode="json"), as_json=as_json, text=text)


@app.command(context_settings=AMOUNTS)
def issue(
    amount: AmountArgument,
    home: HomeOption = 1,
    coins: Annotated[int, typer.Option(min=1, max=64, help="In how many coins.")] = 1,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask the central bank for money in the vault; officers then approve it.

    Example: `tongbao bank issue 1000000 --home 1`
    """
    _ask(home, "issuance", RequestIssuance(amount_fen=amount, coins=coins), data, as_json=as_json)


@app.command(context_settings=AMOUNTS)
def redeem(
    amount: AmountArgument, home: HomeOption = 1, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Give money from the vault back to the central bank; officers then approve it.

    Example: `tongbao bank redeem 1000 --home 1`
    """
    _ask(home, "redemption", RequestRedemption(amount_fen=amount), data, as_json=as_json)


@app.command()
def operation(
    operation_id: OperationArgument,
    home: HomeOption = 1,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how far an issuance or a redemption is.

    Example: `tongbao bank operation OPERATION --home 1`
    """

    async def work() -> BankOperation:
        async with connected(data) as connections:
            return await connections.as_teller(home).get(f"/v1/bank/operations/{operation_id.hex()}", BankOperation)

    _show(run(work, as_json=as_json), as_json=as_json)


def _ask(home: int, kind: str, request: RequestIssuance | RequestRedemption, data: Path, *, as_json: bool) -> None:
    async def work() -> BankOperation:
        async with connected(data) as connections:
            teller = connections.as_teller(home)
            key = connections.new_key()
            return await teller.post(f"/v1/bank/{kind}", request, BankOperation, idempotency_key=key)

    _show(run(work, as_json=as_json), as_json=as_json)


def _show(shown: BankOperation, *, as_json: bool) -> None:
    state = state_text(shown.state, shown.status)
    lines = [f"{shown.kind} of {fen_text(shown.amount_fen)}: {state}", f"operation: {shown.operation_id.hex()}"]
    if shown.proposal_id:
        lines.append(
            f"proposal:  {shown.proposal_id} (tongbao central-bank approve {shown.proposal_id} --officer FILE)"
        )
    if shown.waits_for is not None:
        lines.append(f"waits for: {waiting_text(shown.waits_for)}")
    answer(shown.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))
