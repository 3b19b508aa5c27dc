"""The commands of `tongbao wallet` about accounts: statements, what is known of their holder, and their end."""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import ConfigurationError
from tongbao.institutions.policy import load_policy, packaged_policy
from tongbao.protocol.disclosure import Disclosure
from tongbao.protocol.statement import Statement, StatementAccount
from tongbao.protocol.wallet import WalletAccount, WalletState
from tongbao.service.command_line.agreement import demand_agreement
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, fen_text, run
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.data_directory import DataDirectory
from tongbao.service.statement.form import as_csv, heading_of, time_in, totals_of
from tongbao.service.statement.period import Days, read_days
from tongbao.service.statement.words import WORDS, Language
from tongbao.wallets.closing import in_parts

__all__ = ["close", "data", "statement"]

EarlierHomeOption = Annotated[
    int | None, typer.Option("--home", min=1, help="An institution where the wallet was before; else where it is.")
]


def statement(
    name: NameArgument,
    month: Annotated[str | None, typer.Option(help="As 2026-11; the present month where no days are given.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first day, as 2026-11-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, as 2026-11-30.")] = None,
    account: Annotated[StatementAccount, typer.Option(help="The wallet's coins, or the deposit beside it.")] = (
        StatementAccount.WALLET
    ),
    *,
    csv: Annotated[Path | None, typer.Option(help="Write it into this file, for spreadsheets.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write it into this file, for printing.")] = None,
    language: Annotated[Language, typer.Option(help="Of text, CSV and PDF.")] = Language.ENGLISH,
    home: EarlierHomeOption = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Show what an account held before some days, what moved in them, and what it held after; it is checked.

    Example: `tongbao wallet statement alice --month 2026-11`

    Example: `tongbao wallet statement alice --from 2026-11-01 --to 2026-11-15 --pdf november.pdf --language zh`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json, home=home)

    async def work() -> tuple[Statement, Days]:
        async with desk.opened() as wallet:
            now_ms = (await wallet.account()).time_ms
            days = read_days(month, first, last, zone=_zone(data), now_ms=now_ms)
            shown = await wallet.statements.read(account, from_ms=days.from_ms, until_ms=days.until_ms)
        if csv is not None:
            _write(csv, as_csv(shown, days, language))
        if pdf is not None:
            # Loaded for those who want it: it takes a fifth of a second.
            from tongbao.service.statement.pdf import as_pdf  # noqa: PLC0415

            _write(pdf, as_pdf(shown, days, language))
        return shown, days

    shown, days = run(work, as_json=as_json)
    answer(shown.model_dump(mode="json"), as_json=as_json, text=_text(shown, days, language))


def data(
    name: NameArgument,
    to: Annotated[Path, typer.Option("--to", help="The archive to write, as alice.zip.")],
    password_file: PasswordOption = None,
    directory: DataOption = DEFAULT_DATA,
    *,
    home: EarlierHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch everything that the institution holds about the wallet's holder, with what each field means.

    Example: `tongbao wallet data alice --to alice.zip`
    """
    desk = WalletDesk(name=name, data=directory, password_file=password_file, as_json=as_json, home=home)

    async def work() -> Disclosure:
        async with desk.opened() as wallet:
            told = await wallet.disclosure()
        _write(to, told.archive)
        return told

    told = run(work, as_json=as_json)
    lines = [f"{each.name:<20}{count_text(each.rows, 'row'):>12}" for each in told.tables if each.rows]
    content = {**told.model_dump(mode="json", exclude={"archive"}), "archive": str(to)}
    answer(content, as_json=as_json, text="\n".join([*lines, f"written to {to}"]))


def close(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Close without asking.")] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Let it be paid again, also where it is closed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Close a wallet: nobody can pay it any more, its coins become deposit, and a teller pays the deposit out.

    Run it again until the wallet is closed: what was promised before may still arrive for some minutes.

    Example: `tongbao wallet close alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WalletAccount:
        async with desk.opened() as wallet:
            if withdraw:
                return await wallet.closing.withdraw()
            if not yes:
                _agree_to_close(await wallet.account(), as_json=as_json)
            await wallet.closing.ask()
            await wallet.conclude()
            await in_parts(wallet.free_fen, wallet.deposit)
            return await wallet.closing.ask()

    account = run(work, as_json=as_json)
    answer(account.model_dump(mode="json"), as_json=as_json, text="\n".join(_what_is_next(account)))


def _agree_to_close(account: WalletAccount, *, as_json: bool) -> None:
    if account.state is not WalletState.OPEN:
        return
    demand_agreement(
        f"Close the wallet of {account.holder_name}, and turn its {fen_text(account.balance_fen)} into deposit?",
        yes=False,
        as_json=as_json,
    )


def _what_is_next(account: WalletAccount) -> list[str]:
    """How far the closing is, and what is left to do."""
    if account.state is WalletState.CLOSED:
        return ["closed; what happened in it can still be read"]
    if account.state is WalletState.OPEN:
        return ["open; it can be paid again"]
    lines = ["closing; nobody can pay it any more"]
    if account.deposit_fen:
        due = f"{account.deposit_fen // 100}.{account.deposit_fen % 100:02d}"
        lines.append(f"have its deposit paid out: tongbao bank payout {account.wallet_id.hex()} {due}")
    return [*lines, "then run this again; what was promised before may still arrive for some minutes"]


def _zone(data: Path) -> tzinfo:
    """Whose days count: those of the policy that the institutions of this data directory follow."""
    path = DataDirectory.open(data).root / "policy.json"
    return (load_policy(str(path), path.read_bytes()) if path.exists() else packaged_policy()).zone


def _text(shown: Statement, days: Days, language: Language) -> str:
    words = WORDS[language]
    lines = [words.titles[shown.account]]
    lines += [f"{name:<16}{value}" for name, value in heading_of(shown, days, language)]
    lines += [f"{name:<16}{fen_text(fen):>16}" for name, fen in totals_of(shown, language)]
    lines += [
        f"{time_in(days, each.time_ms)}  {words.kind(each.kind):<20}{fen_text(each.amount_fen):>16}"
        f"{fen_text(each.balance_fen):>16}  {each.counterparty}"
        for each in shown.movements
    ]
    return "\n".join([*lines, words.final if shown.final else words.not_final])


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
