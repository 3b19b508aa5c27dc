"""Asking the holder before money moves."""

from typing import Annotated

import typer

from tongbao.errors import RequestError

__all__ = ["AgreeOption", "demand_agreement"]

AgreeOption = Annotated[bool, typer.Option("--yes", help="Pay without asking.")]


def demand_agreement(question: str, *, yes: bool, as_json: bool) -> None:
    """Return if the holder agrees, who has said so beforehand with --yes or says so now."""
    if yes:
        return
    if as_json:
        raise RequestError(
            "nobody is there to agree", field="yes", cure="add --yes to pay without asking", code="CONFIRMATION_MISSING"
        )
    typer.confirm(question, abort=True, err=True)
