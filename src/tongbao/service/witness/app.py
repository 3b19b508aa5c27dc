"""A witness's HTTP: `add-checkpoint` as C2SP's tlog-witness has it, and what the witness knows, in JSON."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

import tongbao
from tongbao.errors import RefusedError, RequestError
from tongbao.evidence.signed_text import base64_text
from tongbao.protocol.log_witness import ADD_CHECKPOINT_BYTES_MAX, SIZE_TYPE, CheckpointSubmission
from tongbao.protocol.problem import STATUSES
from tongbao.service.http import Call, Nothing, Operations, Parameters, create_app
from tongbao.service.problems import problem_responses
from tongbao.service.rate_limits import RateLimitSettings
from tongbao.witnesses.log_witness import LogWitness, OtherSizeError, WitnessedLog

__all__ = ["WITNESS_PATH", "add_witness", "create_witness_app"]

WITNESS_PATH: Final = "/witness"
"""The submission prefix that a log is told, behind the host of the witness."""

_TEXT: Final = "text/plain; charset=utf-8"
_LINES: Final[dict[str, Any]] = {"schema": {"type": "string"}}


class WitnessedLogAnswer(BaseModel):
    """A log and the last checkpoint of it that was cosigned.

    Attributes:
        origin: which log.
        size: number of its entries; 0 before anything was cosigned.
        root: the root of its tree, in base64; "" before anything was cosigned.
    """

    model_config = ConfigDict(frozen=True)

    origin: str
    size: int
    root: str


class WitnessAnswer(BaseModel):
    """What a witness is and knows.

    Attributes:
        keys: verifier keys of its cosignatures.
        logs: those that it watches.
        forks: names of the files that prove that a log signed two histories; with the first of them trust ends.
    """

    model_config = ConfigDict(frozen=True)

    keys: list[str]
    logs: list[WitnessedLogAnswer]
    forks: list[str]


class ForkPath(Parameters):
    """Which fork."""

    name: Annotated[str, Field(pattern=r"^fork-[0-9]{1,19}-[0-9a-f]{8}\.json$")]


class ForkAnswer(BaseModel):
    """A fork, as `tongbao log check-fork` reads it.

    Attributes:
        name: of the witness's own file.
        content: that file.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    content: str


def create_witness_app(
    witness: LogWitness,
    *,
    registry: CollectorRegistry | None = None,
    ready: Callable[[], Awaitable[None]] | None = None,
    rate_limits: RateLimitSettings | None = None,
) -> FastAPI:
    """The application of a witness that stands alone."""
    app = create_app(
        "Tongbao witness",
        version=tongbao.__version__,
        description="Cosigns the registration centre's log as long as it only grows.",
        instance="witness",
        registry=registry,
        ready=ready,
        rate_limits=rate_limits,
    )
    add_witness(app, witness)
    return app


def add_witness(app: FastAPI, witness: LogWitness) -> None:
    """Let the application answer for the witness, too."""
    _add_submission(app, witness)
    operations = Operations(app, authenticate=None)

    @operations.get("/v1/witness", public=True, revalidated=False)
    async def log_witness(_call: Call[Nothing, Nothing]) -> WitnessAnswer:
        """Which logs the witness watches, how far each has grown, and every fork that it was shown."""
        return WitnessAnswer(
            keys=[key.encode() for key in witness.verifier_keys],
            logs=[_answer_of(log) for log in await witness.logs()],
            forks=[kept.name for kept in witness.forks],
        )

    @operations.get("/v1/witness/forks/{name}", public=True, revalidated=False)
    async def log_fork(call: Call[Nothing, ForkPath]) -> ForkAnswer:
        """The proof that a log signed two histories, which anyone can check with the log's key alone."""
        for kept in witness.forks:
            if kept.name == call.parameters.name:
                return ForkAnswer(name=kept.name, content=kept.fork.encode().decode())
        raise RefusedError("there is no such fork", code="NOT_FOUND", field="name", cure="ask for /v1/witness")


def _answer_of(log: WitnessedLog) -> WitnessedLogAnswer:
    checkpoint = log.checkpoint
    if checkpoint is None:
        return WitnessedLogAnswer(origin=log.origin, size=0, root="")
    return WitnessedLogAnswer(origin=log.origin, size=checkpoint.size, root=base64_text(checkpoint.root))


def _add_submission(app: FastAPI, witness: LogWitness) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        **problem_responses(STATUSES),
        200: {"description": "Lines of cosignatures.", "content": {"text/plain": _LINES}},
        409: {"description": "The size of the last checkpoint here.", "content": {SIZE_TYPE: _LINES}},
    }
    body = {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}

    @app.post(
        f"{WITNESS_PATH}/add-checkpoint",
        responses=responses,
        response_class=Response,
        operation_id="add_checkpoint",
        openapi_extra={"requestBody": body},
    )
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint that continues the last one, as C2SP's tlog-witness describes."""
        app.state.rate_limits.count("", request.scope)
        submission = CheckpointSubmission.decode(await _read_body(request))
        try:
            lines = await witness.add_checkpoint(submission)
        except OtherSizeError as error:
            return Response(f"{error.size}\n", 409, {"content-type": SIZE_TYPE})  # the framework would add a charset
        return Response("".join(line.encode() for line in lines), media_type=_TEXT)


async def _read_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > ADD_CHECKPOINT_BYTES_MAX:
            raise RequestError(
                f"a submission has at most {ADD_CHECKPOINT_BYTES_MAX} bytes",
                code="TOO_LARGE",
                field="body",
                cure="leave the signatures of others out",
            )
    return body
