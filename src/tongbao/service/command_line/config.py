"""`tongbao config`: the form of configuration files, and whether one can be used."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import ConfigurationError
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.configuration_check import check_configuration
from tongbao.service.configuration_schema import ROLES, schema_of

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

UNUSABLE = 4


@app.callback()
def config() -> None:
    """Check configuration files and describe their form.

    Example: `tongbao config check data/institution-1/config.toml`
    """


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Configuration files of any roles.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say everything that would keep the roles from starting; ends with 4 where there is something.

    Example: `tongbao config check data/institution-1/config.toml data/institution-2/config.toml`
    """
    found = [(path, *check_configuration(path)) for path in files]
    usable = not any(problems for _, _, problems in found)
    content = {
        "ok": usable,
        "files": [{"file": str(path), "role": role, "problems": problems} for path, role, problems in found],
    }
    lines = [f"{path}: {line}" for path, role, problems in found for line in problems or [f"a good {role}"]]
    answer(content, as_json=as_json, text="\n".join(lines))
    if not usable:
        raise typer.Exit(UNUSABLE)


@app.command()
def schema(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"One of {', '.join(ROLES)}.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of a role's configuration, for editors and for programs that write one.

    Example: `tongbao config schema institution`
    """

    async def work() -> str:
        if role not in ROLES:
            raise ConfigurationError(f"there is no role {role}; there are {', '.join(ROLES)}")
        return json.dumps(schema_of(role), indent=None if as_json else 2, ensure_ascii=False)

    sys.stdout.write(run(work, as_json=as_json) + "\n")
