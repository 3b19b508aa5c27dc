"""`tongbao bank`: the teller's desk of an operating institution."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.protocol.banking import BankOperation, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.payee import SentCodes
from tongbao.protocol.reconciliation import Reconciliation
from tongbao.protocol.wallet import Deposit, DepositRequest, PayoutRequest
from tongbao.service.command_line.bank_report import report_text
from tongbao.service.command_line.options import (
    AMOUNTS,
    DEFAULT_DATA,
    AmountArgument,
    DataOption,
    HomeOption,
    hexadecimal,
)
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.proposal import state_text, waiting_text
from tongbao.service.command_line.reconciliation_text import reconciliation_text
from tongbao.service.command_line.request_id import RequestIdOption, asked_once, with_request_id
from tongbao.service.connections import connected

__all__ = ["app"]

app = typer.Typer(
    help="The teller's desk of an operating institution.\n\nExample: `tongbao bank report --home 1`",
    no_args_is_help=True,
)

ID_BYTES = 32
MISMATCH = 3
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
    """Show the books as a trial balance, and the coins in the vault and in wallets.

    Example: `tongbao bank report --home 1`
    """

    async def work() -> BankReport:
        async with connected(data) as connections:
            return await connections.as_teller(home).get("/v1/bank/report", BankReport)

    shown = run(work, as_json=as_json)
    answer(shown.model_dump(mode="json"), as_json=as_json, text=report_text(shown))


@app.command()
def reconcile(home: HomeOption = 1, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """Hold the books against themselves and against the ledger, coin by coin; ends with 3 where they do not agree.

    Example: `tongbao bank reconcile --home 1`
    """

    async def work() -> Reconciliation:
        async with connected(data) as connections:
            return await connections.as_teller(home).get("/v1/bank/reconciliation", Reconciliation)

    shown = run(work, as_json=as_json)
    answer(shown.model_dump(mode="json"), as_json=as_json, text=reconciliation_text(shown))
    if not shown.reconciles:
        raise typer.Exit(MISMATCH)


@app.command(context_settings=AMOUNTS)
def deposit(
    wallet_id: WalletArgument,
    amount: AmountArgument,
    home: HomeOption = 1,
    request_id: RequestIdOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take cash for the deposit account beside a wallet.

    Example: `tongbao bank deposit 00112233445566778899aabbccddeeff 100.00 --home 1`
    """
    request = DepositRequest(wallet_id=wallet_id, amount_fen=amount)

    async def work() -> tuple[Deposit, str]:
        async with connected(data) as connections:
            key = request_id or connections.new_key()
            with asked_once(f"the deposit of {amount} fen", key):
                return await connections.as_teller(home).post(
                    "/v1/deposits", request, Deposit, idempotency_key=key
                ), key

    after, key = run(work, as_json=as_json)
    text = f"{fen_text(amount)} taken; the deposit is now {fen_text(after.deposit_fen)}"
    content = {**after.model_dump(mode="json"), "request_id": key}
    answer(content, as_json=as_json, text=with_request_id(text, key, given=request_id))


@app.command(context_settings=AMOUNTS)
def payout(
    wallet_id: WalletArgument,
    amount: AmountArgument,
    home: HomeOption = 1,
    request_id: RequestIdOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Pay cash out of the deposit account beside a wallet.

    Example: `tongbao bank payout 00112233445566778899aabbccddeeff 100.00 --home 1`
    """
    request = PayoutRequest(wallet_id=wallet_id, amount_fen=amount)

    async def work() -> tuple[Deposit, str]:
        async with connected(data) as connections:
            key = request_id or connections.new_key()
            with asked_once(f"the payout of {amount} fen", key):
                return await connections.as_teller(home).post("/v1/payouts", request, Deposit, idempotency_key=key), key

    after, key = run(work, as_json=as_json)
    text = f"{fen_text(amount)} paid out; the deposit is now {fen_text(after.deposit_fen)}"
    content = {**after.model_dump(mode="json"), "request_id": key}
    answer(content, as_json=as_json, text=with_request_id(text, key, given=request_id))


@app.command(context_settings=AMOUNTS)
def issue(
    amount: AmountArgument,
    home: HomeOption = 1,
    coins: Annotated[int, typer.Option(min=1, max=64, help="In how many coins.")] = 1,
    request_id: RequestIdOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask the central bank for money in the vault; officers then approve it.

    Example: `tongbao bank issue 1000000 --home 1`
    """
    _ask(home, RequestIssuance(amount_fen=amount, coins=coins), data, request_id, as_json=as_json)


@app.command(context_settings=AMOUNTS)
def redeem(
    amount: AmountArgument,
    home: HomeOption = 1,
    request_id: RequestIdOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Give money from the vault back to the central bank; officers then approve it.

    Example: `tongbao bank redeem 1000 --home 1`
    """
    _ask(home, RequestRedemption(amount_fen=amount), data, request_id, as_json=as_json)


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

    shown = run(work, as_json=as_json)
    answer(shown.model_dump(mode="json"), as_json=as_json, text=_text(shown))


@app.command()
def codes(home: HomeOption = 1, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """Show the latest codes for telephones, to be told to customers; there are some where no gateway sends them.

    Example: `tongbao bank codes --home 1`
    """

    async def work() -> SentCodes:
        async with connected(data) as connections:
            return await connections.as_teller(home).get("/v1/bank/codes", SentCodes)

    shown = run(work, as_json=as_json)
    lines = [f"{each.code}  for {each.masked}, until {time_text(each.expires_ms)}" for each in shown.codes]
    answer(shown.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["none"]))


def _ask(
    home: int,
    request: RequestIssuance | RequestRedemption,
    data: Path,
    request_id: str | None,
    *,
    as_json: bool,
) -> None:
    kind = "issuance" if isinstance(request, RequestIssuance) else "redemption"

    async def work() -> tuple[BankOperation, str]:
        async with connected(data) as connections:
            key = request_id or connections.new_key()
            with asked_once(f"the request for the {kind} of {request.amount_fen} fen", key):
                return await connections.as_teller(home).post(
                    f"/v1/bank/{kind}", request, BankOperation, idempotency_key=key
                ), key

    shown, key = run(work, as_json=as_json)
    content = {**shown.model_dump(mode="json"), "request_id": key}
    answer(content, as_json=as_json, text=with_request_id(_text(shown), key, given=request_id))


def _text(shown: BankOperation) -> str:
    state = state_text(shown.state, shown.status)
    lines = [f"{shown.kind} of {fen_text(shown.amount_fen)}: {state}", f"operation: {shown.operation_id.hex()}"]
    if shown.proposal_id:
        lines.append(
            f"proposal:  {shown.proposal_id} (tongbao central-bank approve {shown.proposal_id} --officer FILE)"
        )
    if shown.waits_for is not None:
        lines.append(f"waits for: {waiting_text(shown.waits_for)}")
    return "\n".join(lines)
