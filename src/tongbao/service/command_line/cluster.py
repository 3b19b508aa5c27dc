"""`tongbao cluster`: the servers that keep a journal together."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.service.cluster_files import ClusterFiles, ClusterRequest, write_cluster
from tongbao.service.command_line.output import JsonOption, answer, run

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

DIRECTORY = Path("cluster")
THREE = "nats://127.0.0.1:4222,127.0.0.1:4223,127.0.0.1:4224"


@app.callback()
def cluster() -> None:
    """Servers that keep the journal together, so that a minority of them may die.

    Example: `tongbao cluster config --directory cluster`
    """


@app.command()
def config(
    servers: Annotated[
        str,
        typer.Option(
            metavar="nats://HOST:PORT,...",
            help="Where the servers listen, one, three or five; each also takes the port 2000 above its own.",
        ),
    ] = THREE,
    directory: Annotated[Path, typer.Option(help="Where the files go.")] = DIRECTORY,
    *,
    store: Annotated[
        Path | None, typer.Option(help="Directory on the servers' machines for their records; else beside the files.")
    ] = None,
    writer: Annotated[
        Path | None, typer.Option(help="Key file of the registration centre; else journal.key is made.")
    ] = None,
    reader: Annotated[
        list[Path] | None, typer.Option(help="Key file of somebody who may read and not write; repeatable.")
    ] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(help="Directory on the servers' machines with n1.pem, n1.key, authorities.pem; else no TLS."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a configuration file for each server: a sync for every record, keys, and what each key may do.

    Example: `tongbao cluster config --servers nats://10.0.0.1,10.0.0.2,10.0.0.3 --store /var/lib/tongbao-journal`
    """

    async def work() -> ClusterFiles:
        return write_cluster(
            ClusterRequest(
                servers=servers,
                directory=directory,
                store=store or directory.absolute(),
                writer=writer,
                readers=tuple(reader or ()),
                certificates=certificates,
            )
        )

    written = run(work, as_json=as_json)
    told = _told(written)
    lines = [f"{each['name']:<4}{each['listen']:<24}nats-server -c {each['configuration']}" for each in told]
    lines.append(f"then: tongbao up --journal {written.journal} --journal-key {written.key}")
    named = {"journal": written.journal, "key": str(written.key)}
    answer({**named, "servers": told}, as_json=as_json, text="\n".join(lines))


def _told(written: ClusterFiles) -> list[dict[str, str]]:
    return [
        {"name": plan.name, "configuration": str(path), "listen": plan.listen, "store": str(plan.store)}
        for plan, path in zip(written.plans, written.configurations, strict=True)
    ]
