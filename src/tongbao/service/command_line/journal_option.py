"""Options of commands that make a network: where its journal is to be kept."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.nats_place import parse_servers
from tongbao.errors import ConfigurationError
from tongbao.service.configuration import ClusterSettings

__all__ = ["AuthoritiesOption", "JournalKeyOption", "JournalOption", "cluster_settings"]


def _parse_servers(text: str) -> str:
    try:
        parse_servers(text)
    except ConfigurationError as error:
        raise typer.BadParameter(str(error)) from None
    return text


JournalOption = Annotated[
    str | None,
    typer.Option(
        "--journal",
        parser=_parse_servers,
        metavar="nats://HOST:PORT,...",
        help="Servers that keep the journal together, one, three or five; else it is kept in files here.",
    ),
]
JournalKeyOption = Annotated[
    Path | None, typer.Option("--journal-key", help="Key file by which the journal's servers know this network.")
]
AuthoritiesOption = Annotated[
    Path | None,
    typer.Option("--journal-authorities", help="Certificates of those who vouch for the journal's servers."),
]


def cluster_settings(journal: str | None, key: Path | None, authorities: Path | None) -> ClusterSettings | None:
    """What the configuration is to say of the journal's servers; None for a journal in files."""
    if journal is None:
        if key is not None or authorities is not None:
            raise typer.BadParameter("name the journal's servers, too", param_hint="--journal")
        return None
    return ClusterSettings(
        servers=journal,
        key=None if key is None else key.absolute(),
        authorities=None if authorities is None else authorities.absolute(),
    )
