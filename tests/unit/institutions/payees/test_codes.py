"""Codes by way of a gateway for text messages, which is somebody else's program."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.institution_people import Holder
from tests.institution_world import InstitutionWorld
from tests.unit.institutions.payees.test_aliases import claim, confirm, own
from tongbao.errors import TongbaoError
from tongbao.protocol.payee import SentCodes

BOB = 103


def gateway(sent: list[dict[str, Any]], answer: Callable[[], Response]) -> ASGIApp:
    """A gateway that answers so, and keeps what it is asked to send."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        sent.append(
            {"path": scope["path"], "key": request.headers["idempotency-key"], **json.loads(await request.body())}
        )
        await answer()(scope, receive, send)

    return app


async def bob_with_gateway(world: InstitutionWorld, app: ASGIApp) -> Holder:
    """A holder at a home that sends codes through the gateway."""
    world.network.apps["gateway"] = app
    world.code_gateway = "http://gateway"
    await world.kill(1)
    await world.start(1)
    return await Holder.open(world, BOB)


async def test_a_gateway_sends_the_code_and_no_teller_sees_it(world: InstitutionWorld) -> None:
    sent: list[dict[str, Any]] = []
    bob = await bob_with_gateway(world, gateway(sent, lambda: JSONResponse({"message_id": "1"})))

    await claim(bob)

    [message] = sent
    code = message["text"].split(": ")[1].split(" ")[0]
    assert (message["path"], message["phone"]) == ("/v1/messages", "+8613800138000")
    assert (await world.teller().get("/v1/bank/codes", SentCodes)).codes == []
    await confirm(bob, code)
    assert await own(bob) == ["+86138******00"]


@pytest.mark.parametrize(
    "answer", [lambda: Response(status_code=500), lambda: JSONResponse({"other": 1}), lambda: Response(status_code=503)]
)
async def test_a_gateway_that_fails_is_told_and_the_claim_may_be_made_again(
    world: InstitutionWorld, answer: Callable[[], Response]
) -> None:
    answers = [answer]
    sent: list[dict[str, Any]] = []
    bob = await bob_with_gateway(world, gateway(sent, lambda: answers[-1]()))  # noqa: PLW0108 - another one later

    with pytest.raises(TongbaoError):
        await claim(bob)

    answers.append(lambda: JSONResponse({"message_id": "2"}))
    await claim(bob)
    assert len({message["key"] for message in sent}) == 2
