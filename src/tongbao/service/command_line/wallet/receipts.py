"""The commands of `tongbao wallet` about receipts: what a holder keeps, and what anybody can check without asking."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tongbao.coin import Genesis, Receipt
from tongbao.errors import ConfigurationError, RequestError
from tongbao.kernel import Status
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.receipt_file import RECEIPT_FILE_HELP, receipt_bytes
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.data_directory import DataDirectory
from tongbao.wallets import Wallet

__all__ = ["receipt", "receipts", "receipts_of"]

NOT_PROVEN = 3
PAGE = 200


def receipts(
    name: NameArgument,
    to: Annotated[Path | None, typer.Option("--to", help="Write each into this directory, named by its id.")] = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the receipts of everything that settled for the wallet, whoever paid, each of them verified.

    A receipt proves that its transaction settled. Of which transaction a coin is, the coin's own id says.

    Example: `tongbao wallet receipts alice --to receipts`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[dict[bytes, KeptReceipt], list[bytes]]:
        async with desk.opened() as wallet:
            kept, missing = await receipts_of(wallet)
        for identity, each in kept.items():
            _write(to, identity, each.receipt)
        return kept, missing

    kept, missing = run(work, as_json=as_json)
    listed = [
        {
            "transaction_id": identity.hex(),
            "kind": each.kind,
            "amount_fen": each.amount_fen,
            "receipt": base64.b64encode(each.receipt).decode(),
        }
        for identity, each in kept.items()
    ]
    lines = [f"{identity.hex()}  {each.kind:<10}{fen_text(each.amount_fen):>16}" for identity, each in kept.items()]
    if missing:
        lines.append(
            f"{len(missing)} more settled, without a receipt until the registration centre answers: ask again later"
        )
    content = {"receipts": listed, "missing": [identity.hex() for identity in missing]}
    answer(content, as_json=as_json, text="\n".join(lines or ["none yet"]))


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt, and what happened to the wallet by its transaction."""

    kind: str
    amount_fen: int
    receipt: bytes


async def receipts_of(wallet: Wallet) -> tuple[dict[bytes, KeptReceipt], list[bytes]]:
    """What the wallet kept and what its home adds, by transaction, oldest first; then what has no receipt yet."""
    kept = {
        payment.transaction_id: KeptReceipt(str(payment.kind), -payment.amount_fen, payment.receipt)
        for payment in await wallet.payments()
        if payment.receipt is not None
    }
    told: dict[bytes, KeptReceipt] = {}
    missing: dict[bytes, None] = {}
    after = ""
    while True:
        page = await wallet.history(after=after, limit=PAGE)
        for entry in page.entries:
            if entry.state != "settled" or entry.transaction_id is None:
                continue
            if entry.receipt is None:
                missing[entry.transaction_id] = None
            else:
                told[entry.transaction_id] = KeptReceipt(entry.kind, entry.amount_fen, entry.receipt)
        after = page.next
        if not after:
            found = {**dict(reversed(told.items())), **kept}
            return found, [identity for identity in reversed(missing) if identity not in found]


def _write(directory: Path | None, identity: bytes, encoded: bytes) -> None:
    if directory is None:
        return
    path = directory / f"{identity.hex()}.receipt"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None


def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=RECEIPT_FILE_HELP)],
    genesis: Annotated[Path | None, typer.Option(help="The network's genesis; else that of --data.")] = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Verify a receipt with nothing but genesis, without asking anybody. Ends with 3 where it proves nothing.

    Example: `tongbao wallet receipt receipts/874232b3.receipt --genesis genesis.bin`
    """

    async def work() -> dict[str, object]:
        return _verified(_read(file), _genesis(genesis, data))

    verified = run(work, as_json=as_json)
    answer(verified, as_json=as_json)
    if not verified["valid"]:
        raise typer.Exit(NOT_PROVEN)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None


def _genesis(path: Path | None, data: Path) -> Genesis:
    if path is None:
        return DataDirectory.open(data).genesis()
    try:
        return Genesis.decode(_read(path))
    except RequestError as error:
        raise ConfigurationError(f"{path} is no genesis: {error}") from None


def _verified(content: bytes, genesis: Genesis) -> dict[str, object]:
    try:
        shown = Receipt.decode(receipt_bytes(content))
        shown.verify(genesis.domain(), keys=genesis.receipt_keys)
    except RequestError as error:
        return {"valid": False, "error": error.code, "message": str(error)}
    head = shown.signed_head.head
    return {
        "valid": True,
        "transaction_id": shown.transaction_id.hex(),
        "status": Status(shown.status).name,
        "sequence": head.sequence,
        "time_ms": head.time_ms,
        "time": time_text(head.time_ms),
        "network_id": head.network_id.hex(),
    }
