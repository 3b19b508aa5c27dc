"""`tongbao serve` runs one role; `tongbao up` runs a whole currency in one process."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.errors import ConfigurationError
from tongbao.service.command_line.chosen_kernel import chosen_kernel, kernel_text
from tongbao.service.command_line.journal_option import (
    AuthoritiesOption,
    JournalKeyOption,
    JournalOption,
    cluster_settings,
)
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, console, run
from tongbao.service.configuration import ClockChoice, ClusterSettings, load_configuration
from tongbao.service.data_directory import HOST, SANDBOX_NETWORK, DataDirectory, NetworkPlan
from tongbao.service.logs import LEVELS, configure_logs
from tongbao.service.role import Role, stop_signal
from tongbao.service.running import run_roles
from tongbao.service.server import bind
from tongbao.service.web.opening import open_front
from tongbao.service.web.sandbox import has_sandbox, opened_sandbox

__all__ = ["serve", "up"]

ROLES = ("registration", "central-bank", "institution", "witness")
FIRST_PORT = 7301
SANDBOX_QUOTA_FEN = 100_000_000_000
SANDBOX_INSTITUTIONS = ("First Bank", "Second Bank")


def _parse_level(text: str) -> str:
    if text not in LEVELS:
        raise typer.BadParameter(f"one of {', '.join(LEVELS)}")
    return text


LogLevelOption = Annotated[
    str,
    typer.Option(
        "--log-level",
        parser=_parse_level,
        metavar="LEVEL",
        envvar="TONGBAO_LOG_LEVEL",
        help=f"What is logged to standard error: {', '.join(LEVELS)}.",
    ),
]

SandboxOption = Annotated[
    bool,
    typer.Option(
        "--sandbox/--no-sandbox",
        help="Whether newcomers find play money, an example mall and every role to try; on test networks only.",
    ),
]


def serve(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"One of {', '.join(ROLES)}.")],
    config: Annotated[Path, typer.Option("--config", help="The role's configuration file.")],
    *,
    log_level: LogLevelOption = "warning",
    as_json: JsonOption = False,
) -> None:
    """Run one role until it is told to stop.

    Example: `tongbao serve registration --config data/registration/config.toml`
    """

    async def work() -> None:
        configure_logs(log_level, json=as_json)
        configuration = load_configuration(config)
        if configuration.role != role:
            raise ConfigurationError(f"{config} configures the role {configuration.role}, not {role}")
        kernel = chosen_kernel()
        await run_roles(
            [configuration], kernel, stop=stop_signal(), answering=lambda roles: _tell(roles, as_json=as_json)
        )

    run(work, as_json=as_json)


def up(
    data: DataOption = DEFAULT_DATA,
    port: Annotated[
        int | None,
        typer.Option(
            min=1024, max=65000, help=f"The first of the ports, one per role, of a new network; else {FIRST_PORT}."
        ),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="HOST",
            help="A name under which people open the pages, where it is neither localhost nor an address; repeatable.",
        ),
    ] = None,
    *,
    journal: JournalOption = None,
    journal_key: JournalKeyOption = None,
    journal_authorities: AuthoritiesOption = None,
    with_sandbox: SandboxOption = True,
    log_level: LogLevelOption = "warning",
    as_json: JsonOption = False,
) -> None:
    """Run a whole currency in one process, with its pages and durable data; an empty directory becomes a test network.

    Example: `tongbao up --data sandbox --port 7300`
    """
    cluster = cluster_settings(journal, journal_key, journal_authorities)

    async def work() -> None:
        configure_logs(log_level, json=as_json)
        kernel = chosen_kernel()  # before anything is made: it may not be in this build
        made = DataDirectory.is_made(data)
        directory = _opened(data, port, cluster) if made else _make_sandbox(data, port or FIRST_PORT, cluster)
        configurations = [load_configuration(config) for config, _ in directory.roles().values()]
        async with AsyncExitStack() as stack:
            wanted = with_sandbox and has_sandbox(directory)
            sandbox = await stack.enter_async_context(opened_sandbox(directory)) if wanted else None
            front = open_front(directory, names=names or (), sandbox=sandbox)
            await run_roles(
                configurations,
                kernel,
                stop=stop_signal(),
                answering=lambda roles: _tell(roles, as_json=as_json, directory=directory, has_pages=front.has_pages),
                entrance=front.admit,
                beside=None if sandbox is None else sandbox.running(),
            )

    run(work, as_json=as_json)


def _opened(data: Path, port: int | None, cluster: ClusterSettings | None) -> DataDirectory:
    """The network in the directory, which keeps the ports and the journal that it was made with."""
    directory = DataDirectory.open(data)
    ports = [int(url.rpartition(":")[2]) for _, url in directory.roles().values()]
    if port is not None and ports != [port + place for place in range(len(ports))]:
        raise ConfigurationError(
            f"the network in {data} has the ports {', '.join(map(str, ports))} and keeps them: leave --port out, or"
            " make another network in an empty directory"
        )
    configured = load_configuration(directory.config("registration"))
    if cluster is not None and cluster != getattr(configured, "cluster", None):
        raise ConfigurationError(
            f"the network in {data} keeps its journal where {directory.config('registration')} says: leave --journal "
            "and its key out, or make another network in an empty directory"
        )
    return directory


def _make_sandbox(data: Path, port: int, cluster: ClusterSettings | None) -> DataDirectory:
    *ports, witness_port = [port + place for place in range(len(SANDBOX_INSTITUTIONS) + 3)]
    for each in (*ports, witness_port):
        bind(HOST, each).close()  # a network keeps its ports, so a port in use costs less before than after
    entropy = SystemEntropy()
    plan = NetworkPlan(
        name=SANDBOX_NETWORK,
        institutions=SANDBOX_INSTITUTIONS,
        test_network=True,
        time_ms=SystemClock().now_ms(),
        quota_fen=SANDBOX_QUOTA_FEN,
        ports=ports,
        clock=ClockChoice.WALL,
        secret=lambda _: entropy.bytes(32),
        cluster=cluster,
        witness_port=None if cluster else witness_port,  # the supervisor's reads the journal's files
    )
    return DataDirectory.make(data, plan)


def _tell(
    roles: Sequence[Role], *, as_json: bool, directory: DataDirectory | None = None, has_pages: bool = False
) -> None:
    """Say where each role answers, once all of them do."""
    kernel = chosen_kernel()
    # By name, since no passkey belongs to an address.
    front = "" if directory is None else f"{directory.network.registration.url.replace(HOST, 'localhost')}/"
    if as_json:
        places = {role.name: f"http://{role.listen.host}:{role.listen.port}" for role in roles}
        told = {"kernel": kernel.name, "crypto": kernel.crypto, "pid": os.getpid(), "roles": places}
        told |= {"pages": front} if has_pages else {}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return
    console.print(f"[bold]tongbao[/] kernel: {kernel_text(kernel)}")
    for role in roles:
        console.print(f"  {role.name:<16} http://{role.listen.host}:{role.listen.port}")
    if directory is not None:
        pages = f"[bold]{front}[/]" if has_pages else f"{front} says why there are none in this installation"
        console.print(f"  {'pages':<16} {pages}")
        console.print(f"  data in {directory.root}; stop with Ctrl-C")
        console.print("  next: [bold]tongbao bank issue 1000000 --home 1[/] and [bold]tongbao --help[/]")
