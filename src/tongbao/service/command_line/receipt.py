"""`tongbao receipt`: prove a payment to anybody, who needs nothing but the transparency log's public keys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.coin import Genesis, Receipt
from tongbao.coin.domain import HASH_BYTES
from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence.log_proof import LoggedReceipt, prove_logged
from tongbao.evidence.signing import VerifierKey
from tongbao.kernel import Status
from tongbao.protocol.registration import ReceiptAnswer
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption, hexadecimal
from tongbao.service.command_line.output import JsonOption, answer, run, time_text
from tongbao.service.command_line.receipt_file import RECEIPT_FILE_HELP, receipt_bytes
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.log_keys import read_vkeys

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

NOT_PROVEN = 3
MS_IN_S = 1000

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=RECEIPT_FILE_HELP)]
VkeyOption = Annotated[Path | None, typer.Option("--vkey", help="The log's public keys; else those of --data.")]


@app.callback()
def receipt() -> None:
    """Prove payments by the transparency log.

    Example: `tongbao receipt verify lunch.receipt --vkey log.vkey`
    """


@app.command("fetch")
def fetch(
    transaction_id: Annotated[
        bytes,
        typer.Argument(
            metavar="TRANSACTION", parser=hexadecimal(HASH_BYTES, "a transaction's id"), help="The transaction's id."
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="Write it into this file.")],
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Fetch the receipt of a settled transaction with its proof from the log, and verify it before it is written.

    Example: `tongbao receipt fetch 874232b3... --to lunch.receipt`
    """

    async def work() -> LoggedReceipt:
        async with connected(data) as world:
            client = world.registration()
            found = await client.get(f"/v1/receipts/{transaction_id.hex()}", ReceiptAnswer)
        fetched = Receipt.decode(found.receipt)
        proven = prove_logged(fetched, _keys(None, data))
        if fetched.transaction_id != transaction_id:
            raise RequestError("the receipt is of another transaction", field="transaction_id")
        _write(to, found.receipt)
        return proven

    proven = run(work, as_json=as_json)
    answer({"file": str(to), **_facts(proven)}, as_json=as_json)


@app.command("verify")
def verify(
    file: FileArgument,
    vkey: VkeyOption = None,
    genesis: Annotated[Path | None, typer.Option(help="The genesis, if the batch's time is to be proven too.")] = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Verify that a payment settled and stands in the log, without asking anybody. Ends with 3 where it is not proven.

    Nothing is needed but the log's public keys. They prove the transaction, its status, its batch and how long the log
    was. The batch's own time is proven by the genesis, which names the centre's receipt keys.

    Example: `tongbao receipt verify lunch.receipt --vkey log.vkey`
    """

    async def work() -> dict[str, Any]:
        network = None if genesis is None else _genesis(genesis)
        return _verified(_read(file), _keys(vkey, data), network)

    verified = run(work, as_json=as_json)
    answer(verified, as_json=as_json)
    if not verified["valid"]:
        raise typer.Exit(NOT_PROVEN)


def _keys(vkey: Path | None, data: Path) -> list[VerifierKey]:
    return read_vkeys(vkey if vkey is not None else DataDirectory.open(data).log_vkey)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None


def _genesis(path: Path) -> Genesis:
    try:
        return Genesis.decode(_read(path))
    except RequestError as error:
        raise ConfigurationError(f"{path} is no genesis: {error}") from None


def _verified(content: bytes, keys: list[VerifierKey], genesis: Genesis | None) -> dict[str, Any]:
    """What the receipt proves; `valid` only where it proves that a payment settled."""
    try:
        shown = Receipt.decode(receipt_bytes(content))
        proven = prove_logged(shown, keys)
        if genesis is not None:
            shown.verify(genesis.domain(), keys=genesis.receipt_keys)
    except RequestError as error:
        return {"valid": False, "error": error.code, "message": str(error), "field": error.field}
    facts = {**_facts(proven), "time_proven": genesis is not None}
    if shown.status != Status.SETTLED:
        message = f"the log proves that this transaction was refused ({facts['status']}): nothing was paid by it"
        return {"valid": False, "error": "NOT_SETTLED", "message": message, "field": "status", **facts}
    return {"valid": True, **facts}


def _facts(proven: LoggedReceipt) -> dict[str, Any]:
    shown, head = proven.receipt, proven.receipt.signed_head.head
    logged_by_s = proven.logged_by_s
    return {
        "transaction_id": shown.transaction_id.hex(),
        "status": Status(shown.status).name if shown.status in set(Status) else str(shown.status),
        "sequence": head.sequence,
        "time_ms": head.time_ms,
        "time": time_text(head.time_ms),
        "network_id": head.network_id.hex(),
        "origin": proven.checkpoint.origin,
        "log_index": proven.index,
        "tree_size": proven.checkpoint.size,
        "root": proven.checkpoint.root.hex(),
        "logged_by": None if logged_by_s is None else time_text(logged_by_s * MS_IN_S),
    }
