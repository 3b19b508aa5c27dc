"""The commands of `tongbao supply` that hold the currency's statements against orders, coins and the journal."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tongbao.coin import Genesis
from tongbao.coin.coin import CURRENCY, INPUT_BYTES
from tongbao.errors import ConfigurationError, NetworkError, RequestError
from tongbao.evidence.coin_proof import CoinProof, CountedCoin, prove_counted
from tongbao.evidence.signing import VerifierKey
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.protocol.registration import CoinProofAnswer
from tongbao.service.command_line.output import JsonOption, answer, console, count_text, fen_text, run, time_text
from tongbao.service.data_directory import DataDirectory
from tongbao.service.supply_by_journal import check_journal
from tongbao.service.supply_evidence import (
    SupplyEvidence,
    SupplyJudgement,
    anybody,
    orders_file,
    read_orders,
    read_statements,
    read_verifier_keys,
)
from tongbao.service.supply_log import LoggedStatements, check_log_at, log_beside

__all__ = ["check_coin", "orders", "prove", "verify"]

MISFIT = 3

_Data = Annotated[
    Path | None,
    typer.Option("--data", help="A data directory, for whatever is not named.", envvar="TONGBAO_DATA"),
]
_Key = Annotated[str | None, typer.Option("--key", help="The log's public key, or the file log.vkey that holds it.")]


def verify(
    statements: Annotated[
        str | None, typer.Option("--statements", help="Directory of statements, or the registration centre's URL.")
    ] = None,
    orders: Annotated[
        str | None, typer.Option("--orders", help="File of published orders, or the central bank's URL.")
    ] = None,
    genesis: Annotated[Path | None, typer.Option("--genesis", help="The genesis.", exists=True, dir_okay=False)] = None,
    key: _Key = None,
    data: _Data = None,
    *,
    log: Annotated[
        str | None, typer.Option("--log", help="The transparency log's directory or URL; else beside the statements.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="A journal to be judged anew, too.", exists=True, file_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the chain of supply statements: signatures, links, sums, and that published orders explain all growth.

    Each statement must be an entry of the transparency log, which must have only grown since it was made. With
    `--journal` the whole history is judged anew, and must come to every statement. What each of these can find, and
    what it cannot, docs/reference/supply-proof.md says. Ends with 3 where something does not fit.

    Example: `tongbao supply verify --data pilot`
    """

    async def work() -> tuple[SupplyJudgement, LoggedStatements | None]:
        told = _told(data, statements, orders, genesis, key)
        ordered = None if told.orders is None else await _orders_or_none(told.orders, insist=orders is not None)
        judgement = SupplyEvidence(told.keys, told.genesis).judge(await read_statements(told.statements), ordered)
        place = log or log_beside(told.statements)
        logged = await check_log_at(place, judgement.statements, told.keys, insist=log is not None)
        judgement.findings.extend([] if logged is None else logged.findings)
        if journal is not None:
            known = None if told.genesis is None else told.genesis.encode()
            judgement.findings.extend(await check_journal(journal, judgement.statements, genesis=known))
        return judgement, logged

    judgement, logged = run(work, as_json=as_json)
    answer(
        _summary(judgement, logged, journal),
        as_json=as_json,
        text="\n".join([*_newest_lines(judgement.statements), *_lines(judgement, logged, journal)]),
    )
    if not judgement.holds:
        raise typer.Exit(MISFIT)


async def _orders_or_none(place: str, *, insist: bool) -> list[tuple[bytes, bytes]] | None:
    try:
        return await read_orders(place)
    except NetworkError:
        if insist:
            raise
        console.print(f"no central bank answers at {place}: growth is not held against orders")
        return None


@dataclass(frozen=True, slots=True)
class _Told:
    """Where everything is."""

    statements: str
    orders: str | None
    genesis: Genesis | None
    keys: list[VerifierKey]


def _told(
    data: Path | None, statements: str | None, orders: str | None, genesis: Path | None, key: str | None
) -> _Told:
    found = None if genesis is None else Genesis.decode(genesis.read_bytes())
    directory = DataDirectory.open(data) if data is not None else None
    if directory is not None:
        statements = statements or str(directory.root / "registration" / "log" / "supply")
        orders = orders or directory.network.central_bank.url
        found = found or directory.genesis()
        key = key or str(directory.root / "log.vkey")
    if statements is None or key is None:
        raise ConfigurationError("name the statements and the log's key: --statements and --key, or --data")
    return _Told(statements, orders, found, read_verifier_keys(key))


def _summary(judgement: SupplyJudgement, logged: LoggedStatements | None, journal: Path | None) -> dict[str, object]:
    """Amounts in the assets' smallest units, as the newest statement has them."""
    chain = judgement.statements
    newest = chain[-1] if chain else None
    return {
        "holds": judgement.holds,
        "statements": len(chain),
        "first": chain[0].number if chain else None,
        "last": None if newest is None else newest.number,
        "orders": judgement.orders,
        "log_size": None if logged is None else logged.size,
        "statements_in_log": None if logged is None else len(logged.places),
        "journal_judged": journal is not None,
        "sequence": None if newest is None else newest.sequence,
        "time_ms": None if newest is None else newest.time_ms,
        "assets": []
        if newest is None
        else [
            {name: getattr(each, name) for name in ("asset", "issued", "redeemed", "outstanding")}
            for each in newest.assets
        ],
        "findings": [
            {"fault": each.fault.value, "statement": each.number, "detail": each.detail} for each in judgement.findings
        ],
    }


def _lines(judgement: SupplyJudgement, logged: LoggedStatements | None, journal: Path | None) -> list[str]:
    lines = [_log_line(judgement, logged)]
    if judgement.orders is not None:
        lines.append(f"{count_text(judgement.orders, 'published order')}, approved by officers and settled")
    for each in judgement.findings:
        about = f"statement {each.number}: " if each.number else ""
        lines.append(f"{about}{each.fault}: {each.detail}")
    if judgement.findings:
        return [*lines, "IT DOES NOT FIT"]
    lines.append("everything fits" if judgement.orders is not None else "the statements fit each other")
    if journal is not None:
        lines.append("the journal, judged anew, comes to each of them")
    return lines


def _log_line(judgement: SupplyJudgement, logged: LoggedStatements | None) -> str:
    if logged is None:
        return "no transparency log stands beside the statements: they are not held against it (--log names one)"
    held = f"{len(logged.places)} of {count_text(len(judgement.statements), 'statement')}"
    size = "of a size that nobody signed" if logged.size is None else f"{logged.size:,} entries long"
    return f"the transparency log, {size}, holds {held}"


def _newest_lines(chain: Sequence[SupplyStatement]) -> list[str]:
    if not chain:
        return []
    newest = chain[-1]
    reach = f"number {chain[0].number} to {newest.number}; the newest is of batch {newest.sequence}"
    figures = [
        f"issued {fen_text(each.issued)}, redeemed {fen_text(each.redeemed)}, outstanding {fen_text(each.outstanding)}"
        for each in newest.assets
        if each.asset == CURRENCY
    ]
    return [f"{count_text(len(chain), 'statement')}, {reach}, {time_text(newest.time_ms)}", *figures]


def orders(
    url: Annotated[str | None, typer.Option("--url", help="The central bank; else that of --data.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write them to this file.", dir_okay=False)] = None,
    data: _Data = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Fetch the published orders of issuance and redemption, as a file that can be kept and published elsewhere.

    Example: `tongbao supply orders --url https://bank.example --output orders.json`
    """

    async def work() -> list[tuple[bytes, bytes]]:
        place = url or (DataDirectory.open(data).network.central_bank.url if data is not None else None)
        if place is None:
            raise ConfigurationError("name the central bank: --url, or --data")
        return await read_orders(place)

    found = run(work, as_json=as_json)
    content = orders_file(found)
    if output is not None:
        output.write_text(content, encoding="utf-8")
        answer({"orders": len(found), "file": str(output)}, as_json=as_json, text=f"{count_text(len(found), 'order')}")
    else:
        sys.stdout.write(content)


def prove(
    opening: Annotated[str, typer.Argument(help="The coin as a transaction opens it, in hexadecimal.")],
    url: Annotated[str | None, typer.Option("--url", help="The registration centre; else that of --data.")] = None,
    key: _Key = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Keep statement and proof in this file.", dir_okay=False)
    ] = None,
    data: _Data = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Have the registration centre prove that a coin is counted in its latest supply statement, and check the proof.

    Example: `tongbao supply prove 4bf1...a3 --data pilot --output coin.proof`
    """

    async def work() -> tuple[CoinProofAnswer, CountedCoin]:
        directory = DataDirectory.open(data) if data is not None else None
        place = url or (directory.network.registration.url if directory is not None else None)
        known = key or (str(directory.root / "log.vkey") if directory is not None else None)
        if place is None or known is None:
            raise ConfigurationError("name the registration centre and the log's key: --url and --key, or --data")
        async with anybody(place) as client:
            told = await client.get(f"/v1/supply/coins/{_hexadecimal(opening)}", CoinProofAnswer)
        counted = prove_counted(told.proof, told.statement.encode(), read_verifier_keys(known))
        if counted.opening.encode().hex() != opening:
            raise RequestError("the proof is of another coin than was asked for", code="COIN_PROOF_INVALID")
        return told, counted

    told, counted = run(work, as_json=as_json)
    if output is not None:
        output.write_text(f"{told.proof.hex()}\n\n{told.statement}", encoding="utf-8")
    _tell(counted, as_json=as_json)


def _hexadecimal(opening: str) -> str:
    if len(opening) != 2 * INPUT_BYTES or any(digit not in "0123456789abcdef" for digit in opening):
        raise RequestError(
            f"the opening of a coin has {2 * INPUT_BYTES} hexadecimal digits", code="INVALID_FIELD", field="opening"
        )
    return opening


def check_coin(
    file: Annotated[Path, typer.Argument(help="What `prove --output` wrote.", exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option("--key", help="The log's public key, or the file log.vkey that holds it.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Check offline that a file proves a coin to be counted in a supply statement; needs the log's key alone.

    Example: `tongbao supply check-coin coin.proof --key log.vkey`
    """

    async def work() -> CountedCoin:
        proof, between, statement = file.read_text(encoding="utf-8").partition("\n\n")
        try:
            encoded = bytes.fromhex(proof)
        except ValueError:
            encoded = b""
        if not between:
            raise RequestError(f"{file} holds no proof of a coin", code="MALFORMED", field="file")
        CoinProof.decode(encoded)
        return prove_counted(encoded, statement.encode(), read_verifier_keys(key))

    _tell(run(work, as_json=as_json), as_json=as_json)


def _tell(counted: CountedCoin, *, as_json: bool) -> None:
    coin, statement = counted.opening.coin, counted.statement
    content = {
        "counted": True,
        "asset": coin.asset,
        "value": coin.value,
        "home": coin.home,
        "statement": statement.number,
        "sequence": statement.sequence,
        "time_ms": statement.time_ms,
        "network_id": statement.network_id.hex(),
    }
    text = (
        f"a coin of {fen_text(coin.value) if coin.asset == CURRENCY else coin.value} at home {coin.home} is counted in "
        f"supply statement {statement.number}, of batch {statement.sequence}, {time_text(statement.time_ms)}"
    )
    answer(content, as_json=as_json, text=text)
