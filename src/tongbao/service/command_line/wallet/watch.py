"""`tongbao wallet watch`: let others see a wallet without its keys, and see one that others let you see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.coin import Address, Genesis
from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.errors import PeerError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import GenesisAnswer
from tongbao.protocol.wallet import HistoryPage, WalletAccount
from tongbao.protocol.watching import Watcher, WatcherList
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.data_directory import DataDirectory
from tongbao.service.watch_file import WatchFile
from tongbao.wallets import CentreKeys, Watch, WatchPass

__all__ = ["app"]

app = typer.Typer(
    help="Let others see a wallet.\n\nExample: `tongbao wallet watch add alice accountant --to seen.json`",
    no_args_is_help=True,
)

WatcherArgument = Annotated[str, typer.Argument(metavar="WATCHER", help="What you call whoever sees the wallet.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="What the wallet's holder gave you.")]


@app.command()
def add(
    name: NameArgument,
    watcher: WatcherArgument,
    to: Annotated[Path, typer.Option("--to", help="The file to hand over; there must be none yet.")],
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let somebody see balance, coins and history, by a file; it holds a key that signs no payment.

    The file is not sealed. Whoever has it sees the wallet until you end the watcher. The same watcher again gives
    the same file.

    Example: `tongbao wallet watch add alice accountant --to seen.json`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Watcher:
        network = DataDirectory.open(data).network
        async with desk.started() as wallet:
            admitted, own = await wallet.watching.admit(watcher)
            place = DataDirectory.open(data).institution(own.address.home)
            file = WatchFile(
                name=watcher,
                network_id=wallet.keys.domain.network_id,
                address=str(own.address),
                home_url=place.url,
                centre_url=network.registration.url,
                watch_key=own.secret_seed,
            )
            file.write(to)
            return admitted

    admitted = run(work, as_json=as_json)
    answer(admitted.model_dump(mode="json"), as_json=as_json, text=f"{to} lets {watcher} see the wallet {name}")


@app.command("list")
def list_watchers(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List everybody who sees the wallet, or did.

    Example: `tongbao wallet watch list alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WatcherList:
        async with desk.started() as wallet:
            return await wallet.watching.listed()

    found = run(work, as_json=as_json)
    lines = [
        f"{each.name:<24}since {time_text(each.since_ms)}"
        + (f"  until {time_text(each.ended_at_ms)}" if each.ended_at_ms is not None else "")
        for each in found.watchers
    ]
    answer(found.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["nobody sees it but you"]))


@app.command()
def end(
    name: NameArgument,
    watcher: WatcherArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a watcher see nothing any more.

    Example: `tongbao wallet watch end alice accountant`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Watcher:
        async with desk.started() as wallet:
            return await wallet.watching.end(watcher)

    ended = run(work, as_json=as_json)
    answer(ended.model_dump(mode="json"), as_json=as_json, text=f"{watcher} sees the wallet {name} no more")


@app.command()
def show(
    file: FileArgument,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many entries of the history.")] = 20,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show balance and history of a wallet that somebody lets you see; it needs the file alone.

    Example: `tongbao wallet watch show seen.json`
    """

    async def work() -> tuple[WalletAccount, int, HistoryPage]:
        async with _watching(WatchFile.read(file)) as watch:
            account = await watch.account()
            return account, len([coin async for coin in watch.coins()]), await watch.history(limit=limit)

    account, coins, page = run(work, as_json=as_json)
    lines = [
        f"{account.holder_name}, {account.kind} wallet of class {account.wallet_class} at home {account.home}",
        f"address   {account.address}",
        f"balance   {fen_text(account.balance_fen)} in {coins} coins",
        f"deposit   {fen_text(account.deposit_fen)}",
    ]
    lines += [
        f"{time_text(each.time_ms)}  {each.kind:<10}{fen_text(each.amount_fen):>16}  {each.state:<8}  "
        f"{each.counterparty}"
        for each in page.entries
    ]
    content = {**account.model_dump(mode="json"), "coins": coins, "history": page.model_dump(mode="json")["entries"]}
    answer(content, as_json=as_json, text="\n".join(lines))


@asynccontextmanager
async def _watching(file: WatchFile) -> AsyncIterator[Watch]:
    network, clock, entropy = HttpNetwork(), SystemClock(), SystemEntropy()
    try:
        key = SigningKey(entropy.bytes(SECRET_SEED_BYTES))
        centre = SignedClient(
            network=network,
            clock=clock,
            base_url=file.centre_url,
            key_id=f"key:{key.public_key.hex()}",
            sign=key.sign,
        )
        genesis = Genesis.decode((await centre.get("/v1/genesis", GenesisAnswer)).genesis)
        if genesis.domain().network_id != file.network_id:
            raise PeerError(f"{file.centre_url} is of another network than the wallet that is watched")
        own = WatchPass(Address.parse(file.address), file.watch_key)
        centre_keys = CentreKeys(genesis.domain(), genesis.receipt_keys)
        yield Watch(own, network=network, clock=clock, home_url=file.home_url, centre_keys=centre_keys)
    finally:
        await network.close()
