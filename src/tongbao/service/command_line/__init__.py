"""The `tongbao` command: every role, every desk and every check from one place.

Each command answers as text or, with `--json`, as one JSON object; exit codes are in `output.EXIT_CODES`.
"""

import json
import sys
from typing import Annotated, Any, Final

import typer

import tongbao
from tongbao.errors import ConfigurationError
from tongbao.service.command_line import (
    audit,
    backup,
    bank,
    bench,
    central_bank,
    cluster,
    config,
    demo,
    journal,
    log,
    migrate,
    rebuild,
    receipt,
    replay,
    serve,
    supply,
    wallet,
)
from tongbao.service.command_line.chosen_kernel import chosen_kernel, kernel_text
from tongbao.service.command_line.output import document_exit_codes

__all__ = ["app", "main"]

PROGRAM: Final = "tongbao"
WRONG_COMMAND_LINE: Final = 2

app = typer.Typer(
    name="tongbao",
    help="Tongbao 通宝: a whole two-tier digital currency on your machine.\n\nExample: `tongbao demo`",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command()(demo.demo)
app.command()(serve.up)
app.command()(serve.serve)
app.command()(replay.replay)
app.command()(audit.audit)
app.command("migrate")(migrate.migrate_data)
app.command("rebuild")(rebuild.rebuild_database)
app.add_typer(wallet.app, name="wallet")
app.add_typer(backup.app, name="backup")
app.add_typer(bank.app, name="bank")
app.add_typer(central_bank.app, name="central-bank")
app.add_typer(cluster.app, name="cluster")
app.add_typer(config.app, name="config")
app.add_typer(journal.app, name="journal")
app.add_typer(log.app, name="log")
app.add_typer(receipt.app, name="receipt")
app.add_typer(bench.app, name="bench")
app.add_typer(supply.app, name="supply")


def _version(value: bool) -> None:  # noqa: FBT001 - typer's callback
    if value:
        sys.stdout.write(f"tongbao {tongbao.__version__} (kernel: {kernel_text(chosen_kernel())})\n")
        raise typer.Exit


@app.callback()
def tongbao_command(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False
) -> None:
    """Run and inspect a two-tier digital currency.

    Example: `tongbao demo`
    """
    del version


document_exit_codes(app)


def main() -> None:
    """Run the command line; with `--json` also a wrong command line is answered in JSON."""
    try:
        _run_for_a_program() if "--json" in sys.argv else app(prog_name=PROGRAM)
    except ConfigurationError as error:
        sys.stderr.write(f"tongbao: {error}\n")
        sys.exit(4)


def _run_for_a_program() -> None:
    try:
        code = app(prog_name=PROGRAM, standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except Exception as error:
        # What typer raises for a wrong command line has no name of its own that is public in every version.
        if not hasattr(error, "format_message"):
            raise
        sys.stdout.write(json.dumps(_usage_complaint(error), ensure_ascii=False) + "\n")
        sys.exit(WRONG_COMMAND_LINE)
    sys.exit(code)


def _usage_complaint(error: Any) -> dict[str, str]:  # noqa: ANN401
    parameter, context = getattr(error, "param", None), getattr(error, "ctx", None)
    return {
        "error": "USAGE",
        "message": error.format_message(),
        "field": str(parameter.name) if parameter is not None else "",
        "cure": f"see {context.command_path if context is not None else 'tongbao'} --help",
    }
