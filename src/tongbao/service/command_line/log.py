"""`tongbao log`: look after the transparency log's files, which anybody may have a copy of."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence import Checkpoint, SignedText, verify
from tongbao.evidence.log_check import LogCheck, LogFault, check_log
from tongbao.service.command_line.cosigned_log import check_fork, make_witness_key, show_status
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.log_keys import read_vkeys

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

app.command("status")(show_status)
app.command("check-fork")(check_fork)
app.command("witness-key")(make_witness_key)

DAMAGED = 3


@app.callback()
def log() -> None:
    """Look after the transparency log.

    Example: `tongbao log verify data/registration/log --vkey data/log.vkey`
    """


@app.command("verify")
def verify_log(
    directory: Annotated[Path, typer.Argument(help="The log's directory, or a copy of it.")],
    vkey: Annotated[Path, typer.Option("--vkey", help="The log's public keys.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read every entry and every hash against the signed checkpoint; exit with 3 where one byte is not as it must be.

    Example: `tongbao log verify data/registration/log --vkey data/log.vkey`
    """

    async def work() -> tuple[LogCheck, Checkpoint | None]:
        return _checked(directory, vkey)

    check, checkpoint = run(work, as_json=as_json)
    content = {
        "ok": not check.faults,
        "origin": checkpoint.origin if checkpoint else None,
        "size": checkpoint.size if checkpoint else None,
        "root": checkpoint.root.hex() if checkpoint else None,
        "entries": check.entries,
        "files": check.files,
        "faults": [asdict(fault) for fault in check.faults],
    }
    lines = [f"{fault.file} at byte {fault.offset}: {fault.meaning}" for fault in check.faults]
    right = f"all {check.entries:,} entries are what the signed checkpoint covers"
    answer(content, as_json=as_json, text="\n".join(lines) or right)
    if check.faults:
        raise typer.Exit(DAMAGED)


def _checked(directory: Path, vkey: Path) -> tuple[LogCheck, Checkpoint | None]:
    keys = read_vkeys(vkey)

    def read(path: str) -> bytes | None:
        try:
            return (directory / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"cannot read {directory / path}: {error.strerror}") from None

    signed = read("checkpoint")
    if signed is None:
        raise ConfigurationError(f"{directory} holds no checkpoint: name the directory of a log")
    try:
        text = SignedText.decode(signed)
        signatures = verify(text, keys)
        checkpoint = Checkpoint.decode(text.text)
    except RequestError as error:
        return LogCheck(faults=[LogFault("checkpoint", 0, f"the checkpoint is not what the log signed: {error}")]), None
    if len(signatures) < len(keys) or checkpoint.origin != keys[0].name:
        fault = LogFault("checkpoint", 0, "the checkpoint lacks a signature of the log, or is another log's")
        return LogCheck(faults=[fault]), checkpoint
    return check_log(read, checkpoint), checkpoint
