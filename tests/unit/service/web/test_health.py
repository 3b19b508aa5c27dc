"""Whether the parts are ready, as the front tells it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp

from tongbao.errors import BusyError
from tongbao.service.http import create_app
from tongbao.service.web.health import ASKED_EVERY_S, Health


def part(ready: Callable[[], Awaitable[None]] | None = None) -> ASGIApp:
    return create_app("Part", version="1", ready=ready)


async def told(health: Health) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await health.document())
    return found


async def test_a_part_is_ready_once_it_says_so_and_the_network_once_all_are() -> None:
    health = Health(["registration", "institution-1"])
    health.admit("registration", part())

    before = await told(health)
    health.admit("institution-1", part())
    after = await told(health)

    assert before == {
        "ready": False,
        "parts": [{"name": "registration", "ready": True}, {"name": "institution-1", "ready": False}],
    }
    assert after["ready"]


async def test_a_part_that_refuses_work_or_does_not_answer_is_not_ready() -> None:
    async def refuse() -> None:
        raise BusyError("not now")

    async def hang() -> None:
        await asyncio.Event().wait()

    health = Health([])
    health.admit("busy", part(refuse))
    health.admit("hangs", part(hang))
    health.admit("well", part())

    found = await told(health)

    assert {each["name"]: each["ready"] for each in found["parts"]} == {"busy": False, "hangs": False, "well": True}


async def test_however_many_look_the_parts_are_asked_once_a_second() -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1

    health = Health([])
    health.admit("counts", part(count))

    await asyncio.gather(*[health.document() for _ in range(50)])
    at_once = asked
    await asyncio.sleep(ASKED_EVERY_S + 0.05)
    await health.document()

    assert (at_once, asked) == (1, 2)
